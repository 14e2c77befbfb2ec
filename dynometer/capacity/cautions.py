"""When a plan's formula is to be doubted, and what to do then (science B.3)."""

import math

from dynometer.capacity.measured import Measured
from dynometer.capacity.station import Load, Station
from dynometer.capacity.target import Target, quantile_name

UNEVEN_CV2 = 2.0
BUSY = 0.8


def warnings(load: Load, target: Target, station: Station) -> tuple[str, ...]:
    """Sentences, the gravest first; none where the formula is exact."""
    said = (
        _few_times(load, target),
        _uneven_and_busy(load, station),
        _batches(load, station),
        _distant_quantile(load, station, target),
        _assumed_shape(load, target),
    )
    return tuple(sentence for sentence in said if sentence)


def _few_times(load: Load, target: Target) -> str | None:
    needed = math.ceil(10 / (1 - target.quantile) - 1e-9)
    if not isinstance(load.service, Measured) or len(load.service.times_s) >= needed:
        return None
    return (
        f"{len(load.service.times_s):,} measured times are few for a {quantile_name(target.quantile)}: "
        f"measure at least {needed:,}."
    )


def _uneven_and_busy(load: Load, station: Station) -> str | None:
    if station.is_exact or load.service.cv2 <= UNEVEN_CV2 or station.utilisation <= BUSY:
        return None
    return (
        f"Service is uneven (cv2 {load.service.cv2:.3g}) and servers are busy: "
        "waits by formula may be 40 % too long. Check by simulation."
    )


def _batches(load: Load, station: Station) -> str | None:
    if load.batch == 1 or station.is_exact:
        return None
    return (
        "Batches are exact for Poisson gaps and exponential service alone: else the p95 is mostly within 10 %, "
        "20 % for uneven service, and the mean within 30 %. Check by simulation."
    )


def _distant_quantile(load: Load, station: Station, target: Target) -> str | None:
    if load.is_memoryless or station.is_exact or load.batch > 1 or not station.p_wait:
        return None
    return (
        f"The {quantile_name(target.quantile)} takes the wait for exponential: "
        "mostly within 10 % up to cv2 = 1, 15 % beyond."
    )


def _assumed_shape(load: Load, target: Target) -> str | None:
    if load.service.name != "gamma-distributed" or target.response_s is None:
        return None
    return "The service is taken for gamma-distributed, from its mean and cv2. Measured service times say more."
