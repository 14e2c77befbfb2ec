"""Dask, one task per item: its scheduler is one Python process, which is the limit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from distributed import (  # type: ignore[import-not-found, import-untyped, unused-ignore]
    Client,
    LocalCluster,
)

from bench.floor import WORKERS
from bench.peers.engine import Run, Services
from bench.spin import spin


@contextmanager
def started(services: Services) -> Iterator[Run]:
    """A local cluster with one thread per worker process."""
    cluster = LocalCluster(n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:

        def run(steps: Sequence[int]) -> Any:
            return client.gather(client.map(spin, steps, pure=False))

        yield run
