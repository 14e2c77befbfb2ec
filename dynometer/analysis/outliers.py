"""Values far from their fellows: the modified z score, which an outlier can't hide from.

Source: B. Iglewicz, D. Hoaglin, How to Detect and Handle Outliers (1993); the limit is that of hyperfine, ten robust
standard deviations: a warning that something disturbed a run, never a reason to drop it quietly.
"""

import math
import sys
from collections.abc import Sequence
from statistics import median

from dynometer.errors import InvalidInput

FAR = 14.826  # |x - median| / MAD; 1.4826 MAD estimate one standard deviation of normal values


def outliers(values: Sequence[float]) -> tuple[int, ...]:
    """The places of the values with |x - median| / MAD > 14.826, rising; any unit.  Refuses NaN and infinity.

    A MAD of 0 (more than half are equal) is taken for the machine epsilon, so any other value is far.
    """
    if not all(map(math.isfinite, values)):
        raise InvalidInput("Outliers can be told among finite numbers only.")
    if len(values) < 2:
        return ()
    middle = median(values)
    distances = [abs(value - middle) for value in values]
    spread = median(distances) or sys.float_info.epsilon
    return tuple(place for place, distance in enumerate(distances) if distance / spread > FAR)
