"""`python -m bench.peers.celery_worker QUEUE BROKER_URL RESULT_BACKEND`: Celery as it comes, with one task."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery

from bench.floor import WORKERS
from bench.spin import spin

TASK = "spin"
END_WITHIN_S = 10


def make_app(queue: str, broker_url: str, result_backend: str) -> Celery:
    app = Celery("peer", broker=broker_url, backend=result_backend, set_as_current=False)
    app.conf.update(task_default_queue=queue)
    app.task(name=TASK)(spin)
    return app


@contextmanager
def app_with_worker(queue: str, broker_url: str, result_backend: str) -> Iterator[Celery]:
    """The client's side, while a worker runs."""
    command = [sys.executable, "-m", "bench.peers.celery_worker", queue, broker_url, result_backend]
    worker = subprocess.Popen(command)
    try:
        yield make_app(queue, broker_url, result_backend)
    finally:
        worker.terminate()
        try:
            worker.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            worker.kill()


if __name__ == "__main__":
    options = ["--concurrency", str(WORKERS), "--hostname", f"{sys.argv[1]}@%h", "--loglevel", "WARNING"]
    make_app(*sys.argv[1:4]).worker_main(["worker", *options])
