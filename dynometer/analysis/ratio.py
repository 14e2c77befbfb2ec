"""How many times faster: the interval of a ratio that was taken within blocks (science C.4).

Ratios of throughputs are averaged as logs.  Within a block both sides met the same machine at almost the same time, so
a drift cancels: measuring one side wholly before the other under a 10 % drift shows a 5 % gain that is not there.
"""

from collections.abc import Mapping

from dynometer.analysis.replicates import summarise
from dynometer.analysis.student import interval
from dynometer.errors import InvalidInput
from dynometer.estimate import Estimate


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    """first / second with its 95 % interval, from values paired within blocks (block -> throughput, or any positive).

    The t interval of the mean log ratio; blocks with one side only are left out.  Refuses sides without a common block.
    """
    blocks = first.keys() & second.keys()
    if not blocks:
        raise InvalidInput("The two sides have no block in common, so nothing can be paired.",
                           hint="Measure both in the same sweep.")
    summarise({1: [*first.values(), *second.values()]})  # refuses what has no ratio
    return interval([first[block] / second[block] for block in sorted(blocks)])
