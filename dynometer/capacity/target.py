"""What a capacity plan must reach."""

from dataclasses import dataclass

from dynometer.capacity.checks import between, not_negative, positive, refuse
from dynometer.capacity.service import Service
from dynometer.capacity.station import Station
from dynometer.capacity.wording import percent, seconds
from dynometer.errors import InvalidInput

HAIR = 1e-9  # relative: so that 5 measured times in 100 are a share of 0.05


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
        limits = (self.wait_s, self.response_s, self.utilisation, self.rejected_share)
        if not self.is_free and all(limit is None for limit in limits):
            raise InvalidInput(
                "a plan needs a target", hint="Give the longest wait or response (with its quantile), or a utilisation."
            )

    @property
    def late_share(self) -> float:
        """1 - q: how many may be later"""
        return 1 - self.quantile

    def misses(self, station: Station) -> list[str]:
        """What does not hold there, each as part of a sentence; nothing when all does."""
        missed = []
        p = quantile_name(self.quantile)
        if self.wait_s is not None and self._is_late(station.wait.tail(self.wait_s)):
            wait = seconds(station.wait.quantile_s(self.quantile))
            missed.append(f"the {p} of the wait is {wait}, over {seconds(self.wait_s)}")
        if self.response_s is not None and self._is_late(station.response_tail(self.response_s)):
            response = seconds(station.response_quantile_s(self.quantile))
            missed.append(f"the {p} of the response is {response}, over {seconds(self.response_s)}")
        if self.utilisation is not None and station.utilisation > self.utilisation * (1 + HAIR):
            missed.append(f"utilisation is {percent(station.utilisation)}, over {percent(self.utilisation)}")
        if self.rejected_share is not None and station.rejected_share > self.rejected_share * (1 + HAIR):
            missed.append(f"{percent(station.rejected_share)} are turned away, over {percent(self.rejected_share)}")
        return missed

    def why_never(self, service: Service) -> str | None:
        """Why no number of servers can reach it, as a sentence; None when some can.

        However many there are, the response is no shorter than the service.
        """
        if self.response_s is None or service.tail(self.response_s) < self.late_share * (1 - HAIR):
            return None
        p, alone = quantile_name(self.quantile), service.quantile_s(self.quantile)
        return (
            f"Infeasible for any number of servers: the {p} of the {service.name} service alone is {seconds(alone)}, "
            f"and the {p} of the response is to be {seconds(self.response_s)}. Make the service shorter or more even."
        )

    def _is_late(self, share: float) -> bool:
        return share > self.late_share * (1 + HAIR)


def quantile_name(quantile: float) -> str:
    """p95, p99.9"""
    return f"p{100 * quantile:.10g}"
