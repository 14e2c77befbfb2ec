"""multiprocessing.Pool.map: wins wherever losing everything with the process is no loss."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pool

from bench.floor import WORKERS
from bench.peers.engine import Run, Services
from bench.spin import spin


@contextmanager
def started(services: Services) -> Iterator[Run]:
    """With its default chunk size: a quarter of each worker's share."""
    with Pool(WORKERS) as pool:
        yield partial(pool.map, spin)
