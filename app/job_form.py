"""The form of a new job: made from what its workload declares, read back without losing a word of it."""

import io
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import Parameter, declared
from dynometer.workloads.workload import Workload
from settings import Settings
from store.database import Database
from store.models import Upload
from store.uploads import upload_of
from tasks.jobs import JobRequest
from tasks.uploads import receive

PASTED = "pasted lines"
LONGEST_NAME = 200
NO_BOUND = 1e15  # nobody needs to be told that a seed ends somewhere above


@dataclass(frozen=True)
class Field:
    """One control of the form."""

    name: str
    label: str
    value: str
    help: str
    unit: str = ""
    bounds: str = ""
    choices: tuple[str, ...] = ()
    is_number: bool = True
    error: str = ""


@dataclass
class JobForm:
    """What somebody typed, as they typed it, and what is wrong with it."""

    workload: Workload
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    sentence: str = ""  # says what is wrong as a whole
    upload: Upload | None = None  # their items, received and kept

    @property
    def fields(self) -> list[Field]:
        return [self.field_of(parameter) for parameter in declared(self.workload.parameters)]

    @property
    def kept_file(self) -> Upload | None:
        """A browser can't fill in a chosen file again, so the one received stands in for it; pasted lines come back."""
        return self.upload if self.upload and self.upload.name != PASTED else None

    @property
    def has_own_items(self) -> bool:
        return self.values.get("source") == "own"

    def field_of(self, parameter: Parameter) -> Field:
        return Field(
            name=f"parameters.{parameter.name}",
            label=parameter.name.replace("_", " ").capitalize(),
            value=self.value(f"parameters.{parameter.name}", str(parameter.default)),
            help=parameter.help,
            unit="" if parameter.name.endswith(parameter.unit) else parameter.unit,  # not "years, in years"
            bounds=bounds_of(parameter),
            choices=parameter.choices,
            is_number=parameter.type is not str,
            error=self.errors.get(f"parameters.{parameter.name}", ""),
        )

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def refuse(self, error: InvalidInput) -> None:
        """Keep what is wrong, under the control where it can be mended."""
        source = "lines" if self.value("lines").strip() else "file"
        renamed = {"inputs": source, "upload_id": source}
        if self.has_own_items:
            renamed["items"] = source
        self.errors = {renamed.get(name, name): words for name, words in error.fields.items()}
        self.sentence = str(error)

    def job_request(self) -> JobRequest:
        """Raises InvalidInput on text where a number belongs; the engine checks everything else."""
        prefix = "parameters."
        given = {name.removeprefix(prefix): text for name, text in self.values.items() if name.startswith(prefix)}
        return JobRequest(
            workload=self.workload.key,
            variant=self.value("variant") or None,
            parameters=given,
            items=None if self.upload else whole(self.value("items"), "items"),
            upload_id=self.upload.id if self.upload else None,
            max_workers=whole(self.value("max_workers"), "max_workers"),
        )


def bounds_of(parameter: Parameter) -> str:
    """16 to 4,096; at least 1."""
    low, high = parameter.low, parameter.high
    if low is not None and high is not None and high < NO_BOUND:
        return f"{bound(low)} to {bound(high)}"
    if low is not None:
        return f"at least {bound(low)}"
    return "" if high is None or high >= NO_BOUND else f"at most {bound(high)}"


def bound(number: float) -> str:
    """Short enough to stand beside a label."""
    return f"{number:,.0f}" if abs(number) < 1e12 and number == int(number) else f"{number:g}"


def form_from(request: Request, workload: Workload) -> JobForm:
    """Everything typed, cut at nothing."""
    values = {name: text for name, text in request.form.items() if name != "csrf_token"}
    return JobForm(workload, values)


def receive_items(form: JobForm, request: Request, database: Database, owner_id: int, settings: Settings) -> None:
    """Keep the file, the pasted lines, or what was received before.  Raises InvalidInput naming the first bad line."""
    if not form.has_own_items:
        return
    form.upload = kept_before(form, database, owner_id)  # stays when what replaces it can't be taken
    name, lines = file_name(request), form.value("lines")
    if name and lines.strip():
        raise InvalidInput("There are two sources of items.", fields={"lines": "must be empty when a file is chosen"})
    if name:
        stream: Any = request.files["file"].stream
    elif lines.strip():
        stream, name = io.BytesIO(lines.encode("utf-8", "replace")), PASTED
    elif form.upload:
        return
    else:
        raise InvalidInput("There are no items yet.", fields={"inputs": "choose a file, or paste lines below"})
    try:
        form.upload = receive(
            database, owner_id, form.workload.key, name, stream, settings, is_json_lines=is_json_lines(name)
        )
    except InvalidInput as error:
        source = "lines" if name == PASTED else "file"
        raise InvalidInput("These items can't be taken.", fields={source: str(error)}, hint=error.hint) from error


def file_name(request: Request) -> str:
    """What the user calls the file they chose; empty for none.  Only shown, never a path."""
    name = request.files["file"].filename if "file" in request.files else ""
    return (name or "").replace("\\", "/").rsplit("/", 1)[-1][:LONGEST_NAME]


def is_json_lines(name: str) -> bool:
    """Whether a file of that name holds one JSON value per line."""
    return name.lower().endswith((".jsonl", ".ndjson"))


def kept_before(form: JobForm, database: Database, owner_id: int) -> Upload | None:
    """The upload of an earlier try of this form."""
    text = form.value("upload_id")
    if text.isascii() and text.isdigit() and len(text) < 19:
        with database.reading() as session:
            upload = upload_of(session, int(text), owner_id)
        return upload if upload and upload.workload == form.workload.key else None
    return None


def whole(text: str, name: str) -> int | None:
    """The number typed; None for nothing."""
    if not text.strip():
        return None
    try:
        number = Parameter(name, int, 0, "").read(text)
    except ValueError as error:
        raise InvalidInput(f"{name.replace('_', ' ').capitalize()} {error}.", fields={name: str(error)}) from None
    return int(number)
