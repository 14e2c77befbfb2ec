"""How many times faster: the interval of a ratio, and when it is no evidence (science C.4).

Ratios of throughputs are averaged as logs.  Within a block both sides met the same machine at almost the same time, so
a drift cancels: measuring one side wholly before the other under a 10 % drift shows a 5 % gain that is not there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dynometer.analysis.replicates import from_log, interval, summarise
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate

LEAST_GAIN = 0.05  # below it no winner is named: ratios are reliable to about that


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    """first / second with its 95 % interval, from values paired within blocks (block -> throughput, or any positive).

    The t interval of the mean log ratio; blocks with one side only are left out.  Refuses sides without a common block.
    """
    blocks = first.keys() & second.keys()
    if not blocks:
        raise InvalidInput("The two sides have no block in common, so nothing can be paired.",
                           hint="Measure both in the same sweep, or compare them unpaired.")
    summarise({1: [*first.values(), *second.values()]})  # refuses what has no ratio
    return interval([first[block] / second[block] for block in sorted(blocks)])


def unpaired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """first / second with its 95 % interval, from independent values.

    Welch's t interval of the difference of mean logs (B. L. Welch, Biometrika 34 (1947)); 0 to infinity when a side has
    one value.  Refuses an empty side and what is not finite and above 0.
    """
    top, bottom = summarise({1: first}), summarise({1: second})
    difference = top.mean_log[0] - bottom.mean_log[0]
    shares = [side.variance / side.rows for side in (top, bottom)]
    spread = sum(shares)
    if not top.degrees or not bottom.degrees:
        return from_log(difference, math.inf, 0)
    if spread == 0:
        return from_log(difference, 0.0, top.degrees + bottom.degrees)
    degrees = spread**2 / (shares[0] ** 2 / top.degrees + shares[1] ** 2 / bottom.degrees)
    return from_log(difference, math.sqrt(spread), degrees)


@dataclass(frozen=True)
class Verdict:
    """Whether a ratio is evidence of a difference, and the sentence that says so."""

    is_evidence: bool
    sentence: str


def verdict(ratio: Estimate, first: str = "The first", second: str = "the second") -> Verdict:
    """No winner is named when the interval includes 1 or the gain is below 5 %."""
    span = f"{ratio.value:.3g}x ({ratio.low:.3g} to {ratio.high:.3g})"
    if ratio.low <= 1 <= ratio.high:
        return Verdict(False, f"No evidence: {first} over {second} is {span}, which includes 1.")
    if 1 / (1 + LEAST_GAIN) < ratio.value < 1 + LEAST_GAIN:
        return Verdict(False, f"No evidence: {first} over {second} is {span}, a difference below {LEAST_GAIN:.0%}.")
    return Verdict(True, f"{first} delivers {span} of {second}.")
