"""Gustafson's law: the time is fixed, and the work grows with the workers.

S(N) = N - s (N - 1), where s is the serial share of the *parallel* run: not Amdahl's f, which is a share of the run of
one worker.  Shown for weak scaling only (work grows with N); for a fixed job it promises what can't be had.
Source: J. L. Gustafson, Communications of the ACM 31 (1988).
"""

from dynometer.analysis.ranges import at_least, share


def scaled_speedup(serial: float, workers: float) -> float:
    """S(N) of `serial`, the serial share s of the parallel run (0 to 1), for `workers` >= 1; no unit."""
    share("serial", serial)
    at_least("workers", workers, 1)
    return workers - serial * (workers - 1)


def serial_share(scaled_speedup: float, workers: float) -> float:
    """The s behind a scaled speed-up: s = (N - S) / (N - 1), for `workers` > 1; below 0 when superlinear."""
    at_least("workers", workers, 1, is_open=True)
    return (workers - scaled_speedup) / (workers - 1)


def amdahl_share(serial: float, workers: float) -> float:
    """The same run seen by Amdahl: f = s / (s + (1 - s) N), its serial part as a share of one worker's time."""
    share("serial", serial)
    at_least("workers", workers, 1)
    return serial / (serial + (1 - serial) * workers)
