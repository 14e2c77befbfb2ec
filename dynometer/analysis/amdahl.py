"""Amdahl's law: the work is fixed, and a share of it can't be spread.

S(N) = 1 / (f + (1 - f) / N) = N / (1 + f (N - 1)), which tends to 1 / f.
Source: G. M. Amdahl, AFIPS spring joint computer conference (1967).
The USL with sigma = f and kappa = 0 is the same law.  For work that grows with N see `gustafson`.
"""

import math

from dynometer.analysis.ranges import at_least, share
from dynometer.errors import InvalidInput


def speedup(serial: float, workers: float) -> float:
    """S(N) of `serial`, the share f of one worker's time that stays serial (0 to 1), for `workers` > 0; no unit."""
    share("serial", serial)
    at_least("workers", workers, 0, is_open=True)
    return workers / (1 + serial * (workers - 1))


def limit(serial: float) -> float:
    """What no number of workers exceeds: 1 / f; infinite without a serial share."""
    share("serial", serial)
    return 1 / serial if serial else math.inf


def serial_share(speedup: float, workers: float) -> float:
    """The f that makes `workers` > 1 reach `speedup` > 0; below 0 when it is superlinear.  f = (N/S - 1) / (N - 1).

    The same number as `karp_flatt.serial_fraction`.
    """
    at_least("workers", workers, 1, is_open=True)
    at_least("speedup", speedup, 0, is_open=True)
    return (workers / speedup - 1) / (workers - 1)


def workers_at_speedup(serial: float, speedup: float) -> float:
    """The N that reaches `speedup`: N = S (1 - f) / (1 - f S).  Refuses what lies at the limit or above."""
    at_least("speedup", speedup, 0, is_open=True)
    if speedup >= limit(serial):
        raise InvalidInput(f"No number of workers reaches a speed-up of {speedup:.6g}: "
                           f"a serial share of {serial:.6g} keeps it below {limit(serial):.6g}.")
    return speedup * (1 - serial) / (1 - serial * speedup)
