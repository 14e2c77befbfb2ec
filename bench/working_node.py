"""A job that goes on while it is watched: one chunk now and then, by the engine's own steps, without a fleet."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from dynometer.workloads import all_workloads
from dynometer.workloads.parameters import read_parameters
from settings import Settings
from store import chunks
from store.database import Database
from store.jobs import job_of
from store.nodes import NodeFacts, join
from store.values import Outcome, Slot
from tasks.dispatch import claim_fairest

APART_S = 0.2


@contextmanager
def working(settings: Settings, job_id: int) -> Iterator[None]:
    """Meanwhile a thread ends five chunks a second."""
    is_over = Event()
    worker = Thread(target=work, args=(settings, job_id, is_over))
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join()


def work(settings: Settings, job_id: int, is_over: Event) -> None:
    database = Database(settings.database_url)
    with database.writing() as session:
        slot = Slot(join(session, NodeFacts("worker.1", "worker", "here", 1, 1, 1.0, 10**9, {})), 0, 1)
        job = job_of(session, job_id)
        assert job is not None, "the job is there"
        workload = all_workloads()[job.workload]
        parameters: Any = read_parameters(workload.parameters, job.parameters)
    call = workload.variants[job.variant](parameters)
    while not is_over.wait(APART_S):
        with database.writing() as session:
            claimed = claim_fairest(session, slot, settings)
        if claimed is None:
            return
        places = range(claimed.first_item, claimed.first_item + claimed.item_count)
        values = [call(workload.item_at(place, parameters)) for place in places]
        with database.writing() as session:
            chunks.record(session, claimed, Outcome(len(values), json.dumps(values), {}, 0.05), slot)
