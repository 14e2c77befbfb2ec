"""The form of a new sweep: made from what its workload declares, read back without losing a word of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import Request
from sqlalchemy.orm import Session

from app.parameter_fields import Field, fields_of, given_parameters
from dynometer.errors import InvalidInput
from dynometer.measure.planning import MOST_WORKERS
from dynometer.workloads.parameters import DoesNotFit, Parameter
from dynometer.workloads.workload import Workload
from settings import Settings
from tasks.sweeps import LEAST_BUDGET_S, SweepRequest, plan_for

BUDGET_S, PRECISION_PERCENT, LIBRARY_THREADS = 55, 3, 1
ADVANCED = ("seed", "precision", "item_limit_s", "library_threads")
CHOSEN = ("models", "variants")
LONGEST_COUNTS = 400  # characters
LABELS = {
    "budget_s": "Budget", "items": "How many", "lines": "Items of your own", "models": "Models",
    "variants": "Variants", "workers": "Worker counts", "item_limit_s": "Item limit",
}  # fmt: skip
RENAMED = {"inputs": "lines", "budget": "budget_s", "item_limit": "item_limit_s"}


@dataclass
class SweepForm:
    """What somebody typed, as they typed it, and what is wrong with it."""

    workload: Workload
    values: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)  # models and variants; not there: the usual ones
    errors: dict[str, str] = field(default_factory=dict)
    sentence: str = ""  # says what is wrong as a whole

    @property
    def fields(self) -> list[Field]:
        return fields_of(self.workload, self.values, self.errors)

    @property
    def is_advanced(self) -> bool:
        """Whether something is typed where one seldom looks: it must not be out of sight."""
        return any(self.value(name).strip() for name in ADVANCED)

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def refuse(self, error: InvalidInput) -> None:
        """Keep what is wrong, under the control where it can be mended."""
        renamed = RENAMED | ({"items": "lines"} if self.value("lines").strip() else {})
        self.errors = {renamed.get(name, name): words for name, words in error.fields.items()}
        self.sentence = "The sweep was not started; what you typed is kept."
        if not self.errors:
            self.sentence = f"{error} {error.hint}".rstrip()

    def read(self) -> tuple[SweepRequest, dict[str, str]]:
        """What is asked for, and the numbers that are none (field -> what is wrong with it): defaults stand in."""
        numbers, wrong = self._numbers()
        try:
            workers = counts_in(self.value("workers"))
        except DoesNotFit as error:
            workers, wrong["workers"] = None, str(error)
        percent = numbers.get("precision")
        lines = [line.strip() for line in self.value("lines").splitlines() if line.strip()]
        request = SweepRequest(
            workload=self.workload.key, name=self.value("name"), parameters=given_parameters(self.values),
            items=None if lines else _whole(numbers.get("items")), inputs=lines or None,
            variants=self.chosen.get("variants") or None, models=self.chosen.get("models"), workers=workers,
            budget_s=numbers.get("budget_s", BUDGET_S), item_limit_s=numbers.get("item_limit_s"),
            precision=(PRECISION_PERCENT if percent is None else percent) / 100, seed=_whole(numbers.get("seed")),
            library_threads=int(numbers.get("library_threads", LIBRARY_THREADS)),
        )  # fmt: skip
        return request, wrong

    def _numbers(self) -> tuple[dict[str, float], dict[str, str]]:
        """Those typed beside the parameters, and what is wrong with those that are none."""
        numbers: dict[str, float] = {}
        wrong: dict[str, str] = {}
        for number in NUMBERS:
            if not (text := self.value(number.name).strip()):
                continue
            try:
                numbers[number.name] = cast("float", number.read(text))
            except DoesNotFit as error:
                wrong[number.name] = str(error)
        return numbers, wrong


NUMBERS = (  # the workload's and the operator's own bounds are checked where the sweep is admitted
    Parameter("items", int, 1, ""),
    Parameter("budget_s", float, 55.0, "", low=LEAST_BUDGET_S),
    Parameter("precision", float, 3.0, "", low=0.1, high=50),
    Parameter("seed", int, 0, "", low=0, high=2**63 - 1),
    Parameter("item_limit_s", float, 10.0, "", low=0.001, high=604_800),
    Parameter("library_threads", int, 1, "", low=1, high=MOST_WORKERS),
)


def counts_in(text: str) -> list[int] | None:
    """1, 2, 4 - with commas or blanks between; None for nothing.  Raises DoesNotFit."""
    words = text.replace(",", " ").split()
    if len(text) > LONGEST_COUNTS or not all(word.isascii() and word.isdecimal() and len(word) < 9 for word in words):
        raise DoesNotFit(f"must be whole numbers from 1 to {MOST_WORKERS:,}, with commas between")
    return [int(word) for word in words] or None


def sweep_request(form: SweepForm, session: Session, settings: Settings) -> SweepRequest:
    """Checked but for the quota.  Raises InvalidInput that names every wrong field at once."""
    request, wrong = form.read()
    try:
        plan_for(session, request, settings)
    except InvalidInput as error:
        wrong = dict(error.fields or {"models": str(error)}) | wrong
    if wrong:
        raise InvalidInput("The sweep was not started.", fields=wrong)
    return request


def form_from(request: Request, workload: Workload) -> SweepForm:
    """Everything typed, cut at nothing; of a press that sent no list of models, the usual ones are meant."""
    return form_of(workload, request.form, {name: request.form.getlist(name) for name in CHOSEN})


def form_of(workload: Workload, given: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> SweepForm:
    values = {name: text for name, text in given.items() if name not in ("csrf_token", "form", "check", *CHOSEN)}
    chosen = {name: [each for each in lists[name] if each] for name in CHOSEN if lists.get(name)}
    return SweepForm(workload, values, chosen)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
