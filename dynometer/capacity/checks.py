"""What no formula of this package accepts: numbers that are no rates, and queues that never end."""

import math
import operator

from dynometer.errors import InvalidInput

NEARLY = 1 - 1e-12  # of a server's time: nearer to full than this, rounding alone would make up the queue


class Unstable(InvalidInput):
    """Work arrives as fast as the servers can do it, or faster: the queue grows without end."""


def refuse(name: str, must: str, got: object) -> InvalidInput:
    sentence = f"{name} must be {must}, got {got}"
    return InvalidInput(sentence, fields={name: sentence})


def positive(name: str, value: float) -> float:
    """`value`, finite and above 0; raises InvalidInput."""
    if not (math.isfinite(value) and value > 0):
        raise refuse(name, "a finite number above 0", value)
    return float(value)


def not_negative(name: str, value: float) -> float:
    """`value`, finite and at least 0; raises InvalidInput."""
    if not (math.isfinite(value) and value >= 0):
        raise refuse(name, "a finite number, 0 or above", value)
    return float(value)


def between(name: str, value: float, low: float, high: float) -> float:
    """`value`, strictly inside (low, high); raises InvalidInput."""
    if not low < value < high:
        raise refuse(name, f"between {low:g} and {high:g}, both excluded", value)
    return float(value)


def offered(arrival_per_s: float, service_s: float) -> float:
    """a = lambda S [erlang] of numbers above 0 that have a product; raises InvalidInput."""
    return positive("offered_load", positive("arrival_per_s", arrival_per_s) * positive("service_s", service_s))


def at_most(name: str, value: int, most: int) -> None:
    if value > most:
        raise refuse(name, f"at most {most:,}", f"{value:,}")


def whole(name: str, value: int, least: int) -> int:
    """`value`, a whole number and at least `least`; raises InvalidInput."""
    try:
        number = operator.index(value)
    except TypeError:
        raise refuse(name, f"a whole number, {least} or above", value) from None
    if number < least or isinstance(value, bool):
        raise refuse(name, f"a whole number, {least} or above", value)
    return number


def is_stable(offered_load: float, servers: float) -> bool:
    return offered_load < servers * NEARLY


def stable(offered_load: float, servers: float) -> None:
    """Nothing when the queue has a steady state, that is offered_load < servers; raises Unstable."""
    if not is_stable(offered_load, servers):
        raise Unstable(
            f"{offered_load:g} erlang arrive for {servers:g} server{'s' if servers != 1 else ''}: "
            "the queue grows without end",
            hint=f"Use at least {least_stable(offered_load)} servers, or make the service shorter.",
        )


def least_stable(offered_load: float) -> int:
    """The smallest number of servers that can do all the work that arrives, computed: a load of 1e19 is no loop."""
    servers = max(1, math.floor(positive("offered_load", offered_load) / NEARLY))
    return servers if is_stable(offered_load, servers) else servers + max(1, math.ceil(math.ulp(offered_load)))
