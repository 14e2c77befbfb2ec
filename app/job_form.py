"""The form of a new job: made from what its workload declares, read back without losing a word of it."""

from dataclasses import dataclass, field

from flask import Request

from app.misfits import misfits
from app.own_items import PASTED, items_in, kept_before
from app.parameter_fields import Field, fields_of, given_parameters
from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import DoesNotFit, Parameter, declared
from dynometer.workloads.workload import Workload
from settings import Settings
from store.database import Database
from store.models import Upload
from tasks.jobs import JobRequest

ADVANCED = ("max_workers", "chunk_items")


@dataclass
class JobForm:
    """What somebody typed, as they typed it, and what is wrong with it."""

    workload: Workload
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    sentence: str = ""  # says what is wrong as a whole
    upload: Upload | None = None  # their items, received and kept

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return declared(self.workload.parameters)

    @property
    def fields(self) -> list[Field]:
        return fields_of(self.workload, self.values, self.errors)

    @property
    def kept_file(self) -> Upload | None:
        """A browser can't fill in a chosen file again, so the one received stands in for it; pasted lines come back."""
        return self.upload if self.upload and self.upload.name != PASTED else None

    @property
    def source(self) -> str:
        """Where the items come from: generated, a file, or pasted; "own" stands for whichever of the two is given."""
        given = self.values.get("source")
        if given in ("file", "pasted"):
            return given
        if given == "own":
            return "pasted" if self.value("lines").strip() else "file"
        return "generated"

    @property
    def has_own_items(self) -> bool:
        return self.source != "generated"

    @property
    def is_advanced(self) -> bool:
        """Whether something is typed where one seldom looks: it must not be out of sight."""
        return any(self.value(name).strip() for name in ADVANCED)

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def refuse(self, error: InvalidInput) -> None:
        """Keep what is wrong, under the control where it can be mended."""
        source = "lines" if self.source == "pasted" else "file"
        renamed = {"inputs": source, "upload_id": source}
        if self.has_own_items:
            renamed["items"] = source
        self.errors = {renamed.get(name, name): words for name, words in error.fields.items()}
        self.sentence = str(error)

    def read(self) -> tuple[JobRequest, dict[str, str]]:
        """What is asked for, and the numbers that are none (field -> what is wrong with it)."""
        unused = {parameter.name for parameter in self.parameters if self.has_own_items and parameter.only_generated}
        given = given_parameters(self.values)
        numbers, wrong = self.numbers()
        request = JobRequest(
            workload=self.workload.key,
            variant=self.value("variant") or None,
            parameters={name: text for name, text in given.items() if name not in unused},
            items=numbers.get("items"),
            upload_id=self.upload.id if self.upload else None,
            max_workers=numbers.get("max_workers"),
            chunk_items=numbers.get("chunk_items"),
        )
        return request, wrong

    def numbers(self) -> tuple[dict[str, int], dict[str, str]]:
        """The numbers typed beside the parameters, and what is wrong with those that are none."""
        numbers, wrong = {}, {}
        for name in ADVANCED if self.has_own_items else ("items", *ADVANCED):
            try:
                if self.value(name).strip():
                    numbers[name] = int(Parameter(name, int, 0, "").read(self.value(name)))
            except DoesNotFit as error:
                wrong[name] = str(error)
        return numbers, wrong


def form_from(request: Request, workload: Workload) -> JobForm:
    """Everything typed, cut at nothing."""
    values = {name: text for name, text in request.form.items() if name not in ("csrf_token", "form")}
    return JobForm(workload, values)


def job_request(form: JobForm, request: Request, database: Database, owner_id: int, settings: Settings) -> JobRequest:
    """Keep the items, and check everything else.  Raises InvalidInput that names every wrong field at once.

    Items first: a file that was received is kept, whatever else is wrong.
    """
    wrong: dict[str, str] = {}
    if form.has_own_items:
        key = form.workload.key
        form.upload = kept_before(form.value("upload_id"), key, database, owner_id)  # if what replaces it is refused
        try:
            form.upload = items_in(request, key, form.upload, database, owner_id, settings)
        except InvalidInput as error:
            wrong |= error.fields
    given, unread = form.read()
    wrong |= unread | misfits(form.workload, given, {*unread, *({"inputs"} if wrong else ())})
    if wrong:
        raise InvalidInput("The job was not started; what you typed is kept.", fields=wrong)
    return given
