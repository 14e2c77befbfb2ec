"""The process that supervises daemons, and the daemon itself.  Cotyledon takes over its process's signals."""

import multiprocessing
import os
import signal
import threading
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import Any

from dynometer.execution.faults import fault_of_travel
from dynometer.execution.model import Work
from dynometer.execution.parent_death import wait_for_parent_death
from dynometer.execution.worker import Worker

GRACE_S = 1


def supervise(work: Work, workers: int, address: str, told: "Connection[Any, Any]", start_method: str) -> None:
    """Keep `workers` daemons alive until SIGTERM; they draw from `address`, and `told` hears of their ends."""
    import cotyledon  # here, not above: the daemons' module is loaded wherever the models are listed

    manager = cotyledon.ServiceManager(graceful_shutdown_timeout=GRACE_S,
                                       mp_context=multiprocessing.get_context(start_method))
    service = manager.add(Daemon, workers, args=(work, address))

    def note_end(_: Any, number: int, exit_code: int) -> None:
        manager.reconfigure(service, workers)  # lifts Cotyledon's brake: the crew counts deaths itself
        told.send((number, exit_code))

    manager.register_hooks(on_dead_worker=note_end)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    manager.run()


def _end_with_parent() -> None:
    wait_for_parent_death()
    os.killpg(os.getpid(), signal.SIGKILL)  # the manager has made itself the head of a group


class Daemon:
    """A service in Cotyledon's sense: made in its own process, run in a thread there, told to terminate at the end."""

    name = "daemon"
    graceful_shutdown_timeout = GRACE_S

    def __init__(self, number: int, work: Work, address: str) -> None:
        self.worker_id = number
        self._address = address
        self._work = work

    def run(self) -> None:
        """Draw chunks until the queue is closed."""
        worker = Worker(self._work)
        with connection.Client(self._address, "AF_UNIX") as pipe:
            pipe.send((self.worker_id, os.getpid(), worker.greet()))
            try:
                while True:
                    first, items = pipe.recv()
                    answer(pipe, worker, first, items)
            except (EOFError, OSError):
                return

    def terminate(self) -> None:
        """Nothing to finish: what it holds goes to another."""

    def reload(self) -> None:
        """Nothing to read again."""


def answer(pipe: "Connection[Any, Any]", worker: Worker, first: int, items: Any) -> None:
    reply = worker.answer(first, items)
    try:
        pipe.send(reply)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever keeps a value from travelling
        pipe.send(fault_of_travel(first, len(items), error))
