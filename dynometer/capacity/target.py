"""What a capacity plan must reach."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dynometer.capacity.checks import between, not_negative, positive, refuse
from dynometer.capacity.service import Service
from dynometer.errors import InvalidInput
from dynometer.wording import Say, over, percent, seconds

HAIR = 1 + 1e-9  # so that 5 measured times in 100 are a share of 0.05


class Times(Protocol):
    """A distribution of times [s]."""

    def tail(self, time_s: float) -> float: ...

    def quantile_s(self, quantile: float) -> float: ...


class Bearing(Protocol):
    """What a target asks of: a station by formula, or what a simulation saw."""

    @property
    def utilisation(self) -> float: ...

    @property
    def rejected_share(self) -> float: ...

    @property
    def wait(self) -> Times: ...

    def response_tail(self, time_s: float) -> float: ...

    def response_quantile_s(self, quantile: float) -> float: ...


@dataclass(frozen=True)
class Limit:
    """One number of a station, and the most it may be."""

    what: str  # begins a sentence: "the p95 of the wait"
    most: float
    say: Say
    value: Callable[[Bearing], float]
    is_broken: Callable[[Bearing], bool]

    def promise(self) -> str:
        return f"{self.what} is at most {self.say(self.most, 3)}"

    def miss(self, seen: Bearing) -> str:
        return f"{self.what} is {over(self.say, self.value(seen), self.most)}"


@dataclass(frozen=True)
class Target:
    """All that is given must hold.  Raises InvalidInput when nothing is, or a number is none."""

    quantile: float = 0.95  # of waits and responses, in (0, 1)
    wait_s: float | None = None  # the quantile of the wait is at most this
    response_s: float | None = None  # the same of the response: wait and service
    utilisation: float | None = None  # at most, in (0, 1]
    rejected_share: float | None = None  # at most; of a limited backlog
    is_free: bool = False  # whether it may ask for nothing: to judge a given number of servers

    def __post_init__(self) -> None:
        between("quantile", self.quantile, 0, 1)
        if self.wait_s is not None:
            not_negative("wait_s", self.wait_s)
        if self.response_s is not None:
            positive("response_s", self.response_s)
        if self.utilisation is not None and not 0 < self.utilisation <= 1:
            raise refuse("utilisation", "above 0 and at most 1", self.utilisation)
        if self.rejected_share is not None:
            between("rejected_share", self.rejected_share, 0, 1)
        if not self.is_free and not self.limits():
            raise InvalidInput(
                "a plan needs a target", hint="Give the longest wait or response (with its quantile), or a utilisation."
            )

    def limits(self) -> list[Limit]:
        """What is asked.  Times are compared by the share that is later: a quantile would have to be searched for."""
        return [limit for limit in (self._wait(), self._response(), self._utilisation(), self._rejected()) if limit]

    def holds(self, seen: Bearing) -> bool:
        return not any(limit.is_broken(seen) for limit in self.limits())

    def misses(self, seen: Bearing) -> tuple[str, ...]:
        """What does not hold there, each as part of a sentence; nothing when all does."""
        return tuple(limit.miss(seen) for limit in self.limits() if limit.is_broken(seen))

    def promise(self) -> str:
        """What holds where the target does, as part of a sentence; empty when nothing is asked."""
        return " and ".join(limit.promise() for limit in self.limits())

    def why_never(self, service: Service) -> str | None:
        """Why no number of servers can reach it, as a sentence; None when some can.

        However many there are, the response is no shorter than the service.
        """
        if self.response_s is None or service.tail(self.response_s) * HAIR < self._late_share:
            return None
        p, alone = quantile_name(self.quantile), service.quantile_s(self.quantile)
        return (
            f"Infeasible for any number of servers: the {p} of the {service.name} service alone is {seconds(alone)}, "
            f"and the {p} of the response is to be {seconds(self.response_s)}. Make the service shorter or more even."
        )

    @property
    def _late_share(self) -> float:
        return 1 - self.quantile

    def _wait(self) -> Limit | None:
        if (most := self.wait_s) is None:
            return None
        what, late = f"the {quantile_name(self.quantile)} of the wait", self._late_share * HAIR
        return Limit(
            what, most, seconds, lambda at: at.wait.quantile_s(self.quantile), lambda at: at.wait.tail(most) > late
        )

    def _response(self) -> Limit | None:
        if (most := self.response_s) is None:
            return None
        what, late = f"the {quantile_name(self.quantile)} of the response", self._late_share * HAIR
        return Limit(
            what,
            most,
            seconds,
            lambda at: at.response_quantile_s(self.quantile),
            lambda at: at.response_tail(most) > late,
        )

    def _utilisation(self) -> Limit | None:
        if (most := self.utilisation) is None:
            return None
        return Limit("utilisation", most, percent, lambda at: at.utilisation, lambda at: at.utilisation > most * HAIR)

    def _rejected(self) -> Limit | None:
        if (most := self.rejected_share) is None:
            return None
        what = "the share that is turned away"
        return Limit(what, most, percent, lambda at: at.rejected_share, lambda at: at.rejected_share > most * HAIR)


def quantile_name(quantile: float) -> str:
    """p95, p99.9"""
    return f"p{100 * quantile:.10g}"
