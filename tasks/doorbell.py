"""Rings for work: a message says only that there is some, the database says what."""

import logging

from settings import Settings
from tasks.celery_app import TASK, make_publisher

MESSAGE_VERSION = 1
PATIENCE_S = 3.0  # with the broker: whoever rings has better things to do than to wait for it
log = logging.getLogger(__name__)


class Doorbell:
    """Publishes messages that wake idle worker processes.  A lost one costs seconds: the housekeeper rings again."""

    def __init__(self, settings: Settings) -> None:
        self._celery = make_publisher(settings, PATIENCE_S)

    def ring(self, job_id: int, times: int = 1) -> bool:
        """Wake up to `times` worker processes; False when the broker is away.  Never raises."""
        try:
            with self._celery.producer_pool.acquire(block=True, timeout=PATIENCE_S) as producer:
                for _ in range(times):
                    self._celery.send_task(
                        TASK, args=(MESSAGE_VERSION, job_id), producer=producer, confirm_timeout=PATIENCE_S
                    )
        except Exception as error:  # noqa: BLE001 - each broker's library has errors of its own
            log.warning("The broker is away (%s: %s); job %s waits until the housekeeper rings again.",
                        type(error).__name__, error, job_id)  # fmt: skip
            return False
        return True
