"""Ray, one task per item: scheduled by a native process on each machine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ray  # type: ignore[import-not-found, import-untyped, unused-ignore]

from bench.floor import WORKERS
from bench.peers.engine import Run, Services
from bench.spin import spin


@contextmanager
def started(services: Services) -> Iterator[Run]:
    """A local cluster without its dashboard."""
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    task = ray.remote(spin)

    def run(steps: Sequence[int]) -> Any:
        return ray.get([task.remote(step) for step in steps])

    try:
        yield run
    finally:
        ray.shutdown()
