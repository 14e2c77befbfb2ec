"""Service times that somebody measured, and how they are read from a file."""

import json
import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from dynometer.capacity.checks import between, not_negative, positive
from dynometer.capacity.waits import ExponentialWait
from dynometer.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np

    from dynometer.capacity.service import Times


class Measured:
    """Times that somebody measured, each as likely as the others: nothing is assumed about their distribution.

    Raises InvalidInput when there are none, one is negative or not finite, or all are 0.
    """

    name = "measured"

    def __init__(self, times_s: "Sequence[float] | Times") -> None:
        import numpy as np

        self.times_s: Times = np.sort(np.asarray(times_s, dtype=float))
        if self.times_s.ndim != 1 or not len(self.times_s):
            raise InvalidInput("no service times were given", hint="Give at least one, in seconds.")
        not_negative("service_times_s", float(self.times_s[0]))
        not_negative("service_times_s", float(self.times_s[-1]))  # NaN sorts last
        positive("the mean of service_times_s", self.mean_s)

    @cached_property
    def mean_s(self) -> float:
        return float(self.times_s.mean())

    @cached_property
    def cv2(self) -> float:
        return float(self.times_s.var()) / self.mean_s**2

    def tail(self, time_s: float) -> float:
        return 1 - float(self.times_s.searchsorted(time_s, side="right")) / len(self.times_s)

    def quantile_s(self, quantile: float) -> float:
        place = math.ceil(between("quantile", quantile, 0, 1) * len(self.times_s) * (1 - 1e-12))
        return float(self.times_s[max(place, 1) - 1])

    def tail_after(self, time_s: float, wait: ExponentialWait) -> float:
        """P(T > t) = mean over measured s of [1 if s > t else P(W > t - s)]: the convolution, with no grid."""
        import numpy as np

        if wait.p_wait == 0:
            return self.tail(time_s)
        over = int(self.times_s.searchsorted(time_s, side="right"))
        late = wait.p_wait * float(np.exp(-wait.decay_per_s * (time_s - self.times_s[:over])).sum())
        return (len(self.times_s) - over + late) / len(self.times_s)

    def times_at(self, quantiles: "Times") -> "Times":
        times: Times = self.times_s[(quantiles * len(self.times_s)).astype(int)]
        return times

    def draw(self, generator: "np.random.Generator", count: int) -> "Times":
        return generator.choice(self.times_s, count)

    def scaled(self, factor: float) -> "Measured":
        return Measured(self.times_s * factor)


def parse_times(text: str) -> list[float]:
    """Seconds from a JSON list, or from one number a line; empty lines and lines with # are left out.

    Raises InvalidInput with the place of what is not a time.
    """
    stripped = text.strip()
    if stripped.startswith("["):
        try:
            entries = json.loads(stripped)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"the service times are no JSON list: {error}", hint=HINT) from None
        return [_time(entry, f"entry {number}") for number, entry in enumerate(entries, 1)]
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [_time(line, f"line {number}") for number, line in lines if line and not line.startswith("#")]


HINT = "Write one time in seconds per line, or a JSON list of them."


def _time(entry: object, place: str) -> float:
    try:
        if isinstance(entry, bool) or not isinstance(entry, int | float | str):
            raise ValueError
        seconds = float(entry)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{place} of the service times is no number: {_shown(entry)}", hint=HINT) from None
    if not (math.isfinite(seconds) and seconds >= 0):
        raise InvalidInput(f"{place} of the service times must be finite and 0 or above, got {entry}", hint=HINT)
    return seconds


def _shown(entry: object) -> str:
    text = repr(entry)
    return text if len(text) <= 40 else text[:37] + "..."
