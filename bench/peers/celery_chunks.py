"""Celery with chunks by hand and results in PostgreSQL: the durable way to do it without an engine of one's own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.peers.celery_worker import TASK, app_with_worker
from bench.peers.engine import Run, Services

CHUNKS = 16  # eight for each worker: few enough to be cheap, enough to balance


@contextmanager
def started(services: Services) -> Iterator[Run]:
    """`.chunks()` of a sixteenth of the job."""
    with app_with_worker("peer-chunks", services.broker_url, f"db+{services.database_url}") as app:
        task = app.tasks[TASK]

        def run(steps: Sequence[int]) -> list[int]:
            size = max(1, len(steps) // CHUNKS)
            parts = task.chunks(zip(steps, strict=True), size).apply_async().get()
            return [value for part in parts for value in part]

        yield run
