"""Rings for work: a message says only that there is some, the database says what."""

import logging
from concurrent.futures import Future
from queue import Full, Queue
from threading import Lock, Thread
from typing import NamedTuple

from settings import Settings
from tasks.celery_app import MEASURE, TASK, make_publisher

MESSAGE_VERSION = 1
PATIENCE_S = 3.0  # with the broker: whoever rings has better things to do than to wait for it
MOST_WAITING = 1000
log = logging.getLogger(__name__)


class Ring(NamedTuple):
    """One call to wake worker processes, and what came of it."""

    task: str
    number: int  # of the job or sweep
    times: int
    is_heard: "Future[bool]"


class Doorbell:
    """Publishes messages that wake idle worker processes.  A lost one costs seconds: the housekeeper rings again.

    A thread of its own does it, as the broker's library may wait for ever for a broker that is silent: a web page
    shall not wait at all, nor a steward stop to beat.
    """

    def __init__(self, settings: Settings, patience_s: float = PATIENCE_S) -> None:
        """`patience_s` is how long `ring` waits to know whether the broker has heard it."""
        self._celery = make_publisher(settings, PATIENCE_S)
        self._patience_s = patience_s
        self._rings: Queue[Ring] = Queue(MOST_WAITING)
        self._thread: Thread | None = None  # not before the first ring: processes are forked after this is made
        self._lock = Lock()

    def ring(self, job_id: int, times: int = 1) -> bool:
        """Wake up to `times` worker processes; False when the broker is away, as far as is known in time."""
        return self._ring(Ring(TASK, job_id, times, Future()))

    def ring_for_sweep(self, sweep_id: int) -> bool:
        """Wake one worker process to measure; False as of `ring`."""
        return self._ring(Ring(MEASURE, sweep_id, 1, Future()))

    def _ring(self, ring: Ring) -> bool:
        try:
            self._rings.put_nowait(ring)
        except Full:
            return False
        self._have_ringer()
        if self._patience_s == 0:
            return True
        try:
            return ring.is_heard.result(self._patience_s)
        except TimeoutError:
            log.warning("The broker does not answer; %s waits until the housekeeper rings again.", name_of(ring))
            return False

    def _have_ringer(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._keep_ringing, name="doorbell", daemon=True)
                self._thread.start()

    def _keep_ringing(self) -> None:
        while True:
            ring = self._rings.get()
            ring.is_heard.set_result(self._publish(ring))

    def _publish(self, ring: Ring) -> bool:
        try:
            with self._celery.producer_pool.acquire(block=True, timeout=PATIENCE_S) as producer:
                for _ in range(ring.times):
                    self._celery.send_task(
                        ring.task, args=(MESSAGE_VERSION, ring.number), producer=producer, confirm_timeout=PATIENCE_S
                    )
        except Exception as error:  # noqa: BLE001 - each broker's library has errors of its own
            log.warning("The broker is away (%s: %s); %s waits until the housekeeper rings again.",
                        type(error).__name__, error, name_of(ring))  # fmt: skip
            return False
        return True


def name_of(ring: Ring) -> str:
    return f"{'job' if ring.task == TASK else 'sweep'} {ring.number}"
