"""The parameters of a workload as controls of a form: made from their declared types, whatever the form starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from dynometer.workloads.parameters import Parameter, declared
from dynometer.workloads.workload import Workload

PREFIX = "parameters."
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
    only_generated: bool = False  # does nothing for items of the user's own


def fields_of(workload: Workload, values: Mapping[str, str], errors: Mapping[str, str]) -> list[Field]:
    """One per parameter: with what was typed, else its default, and what is wrong with it."""
    return [field_of(parameter, values, errors) for parameter in declared(workload.parameters)]


def field_of(parameter: Parameter, values: Mapping[str, str], errors: Mapping[str, str]) -> Field:
    name = PREFIX + parameter.name
    return Field(
        name=name,
        label=parameter.name.replace("_", " ").capitalize(),
        value=values.get(name, str(parameter.default)),
        help=parameter.help,
        unit="" if parameter.name.endswith(parameter.unit) else parameter.unit,  # not "years, in years"
        bounds=bounds_of(parameter),
        choices=parameter.choices,
        is_number=parameter.type is not str,
        error=errors.get(name, ""),
        only_generated=parameter.only_generated,
    )


def given_parameters(values: Mapping[str, str]) -> dict[str, str]:
    """Parameter -> what was typed for it."""
    return {name.removeprefix(PREFIX): text for name, text in values.items() if name.startswith(PREFIX)}


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
