"""A number that does not travel alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval, in the unit that the field which holds it carries."""

    value: float
    low: float
    high: float
