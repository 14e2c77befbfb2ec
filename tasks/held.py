"""What a worker process holds when its task ends: nothing, whatever happened."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from store import cancellation, chunks
from store.models import Chunk
from tasks.housekeeping import recover
from tasks.persistence import is_away
from tasks.shift import Worker

log = logging.getLogger(__name__)


@contextmanager
def nothing_held_after(worker: Worker) -> Iterator[None]:
    """A chunk that is held and not computed would stay so for ever: its process lives, so its lease is prolonged.

    It comes about by an error of ours or of a workload's own code, which costs the chunk an attempt, or by a claim
    whose commit came through while its answer was lost.
    """
    try:
        yield
    except Exception as error:
        put_back(worker, chunks.give_back if is_away(error) else recover)
        raise
    else:
        put_back(worker, chunks.give_back)


def put_back(worker: Worker, how: Callable[[Session, Chunk], Any]) -> None:
    """Put back what this process holds; it has nothing better to do than to wait for the database."""
    slot = worker.slot
    while True:
        try:
            with worker.database.reading() as session:
                held, cancelled = (
                    [chunk for chunk in of_node(session, slot.node_id) if chunk.slot_pid == slot.pid]
                    for of_node in (chunks.running_on, cancellation.cancelled_on)
                )
            if held or cancelled:
                with worker.database.writing() as session:
                    for chunk in held:
                        how(session, chunk)
                    for chunk in cancelled:
                        cancellation.forget_cancelled(session, chunk)
            if held:
                worker.doorbell.ring(held[0].job_id)
            return
        except SQLAlchemyError as error:
            log.warning("The database is away (%s); what is held goes back later.", type(error).__name__)
            if worker.is_stopping():
                return  # the steward does it
            sleep(1.0)
