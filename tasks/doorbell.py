"""Rings for work: a message says only that there is some, the database says what."""

import logging

from celery import Celery
from kombu.exceptions import OperationalError

from settings import Settings
from tasks.celery_app import TASK, make_celery

MESSAGE_VERSION = 1
log = logging.getLogger(__name__)


class Doorbell:
    """Publishes messages that wake idle worker processes.  A lost one costs seconds: the housekeeper rings again."""

    def __init__(self, settings: Settings, celery: Celery | None = None) -> None:
        self._celery = celery or make_celery(settings)

    def ring(self, job_id: int, times: int = 1) -> bool:
        """Wake up to `times` worker processes; False when the broker is away."""
        try:
            with self._celery.producer_pool.acquire(block=True, timeout=3) as producer:
                for _ in range(times):
                    self._celery.send_task(TASK, args=(MESSAGE_VERSION, job_id), producer=producer)
        except (OperationalError, OSError) as error:
            log.warning("The broker is away (%s); job %s waits until the housekeeper rings again.", error, job_id)
            return False
        return True
