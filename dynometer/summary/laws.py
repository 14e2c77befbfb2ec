"""Which law a measured curve obeys."""

from collections.abc import Mapping, Sequence

from dynometer.analysis.choice import Choice, choose

LEAST_COUNTS = 3  # worker counts that a law needs


def law_of(replicates: Mapping[int, Sequence[float]], cpus_usable: float) -> Choice | None:
    """The law of a curve: workers -> throughput of each accepted window [items/s]; None below three worker counts."""
    curve = {float(workers): values for workers, values in replicates.items() if values}
    return choose(curve, cpus_usable) if len(curve) >= LEAST_COUNTS else None
