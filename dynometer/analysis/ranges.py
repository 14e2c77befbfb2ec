"""Refusals that the laws share: a number outside the range in which a formula means anything."""

import math

from dynometer.errors import InvalidInput


def at_least(name: str, value: float, least: float, *, is_open: bool = False) -> None:
    """Raises InvalidInput unless `value` >= `least` (> when `is_open`); NaN is refused too."""
    if not (value > least if is_open else value >= least):
        wanted = "greater than" if is_open else "at least"
        raise InvalidInput(f"The {name} must be {wanted} {least:.6g}, not {value:.6g}.",
                           fields={name: f"must be {wanted} {least:.6g}"})


def share(name: str, value: float) -> None:
    """Raises InvalidInput unless `value` lies from 0 to 1."""
    if not 0 <= value <= 1:
        raise InvalidInput(f"The {name} share must lie from 0 to 1, not {value:.6g}.",
                           fields={name: "must lie from 0 to 1"})


def finite(name: str, value: float) -> None:
    """Raises InvalidInput for NaN and infinity."""
    if not math.isfinite(value):
        raise InvalidInput(f"The {name} must be a finite number, not {value}.", fields={name: "must be finite"})
