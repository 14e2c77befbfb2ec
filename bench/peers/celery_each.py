"""Celery, one task per item: what most projects begin with.  Costs a trip through the broker per item."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from celery import group

from bench.peers.celery_worker import TASK, app_with_worker
from bench.peers.engine import Run, Services


@contextmanager
def started(services: Services) -> Iterator[Run]:
    """A group, its results by messages through the same broker."""
    with app_with_worker("peer-each", services.broker_url, "rpc://") as app:
        task = app.tasks[TASK]

        def run(steps: Sequence[int]) -> Any:
            return group([task.s(step) for step in steps], app=app).apply_async().get()

        yield run
