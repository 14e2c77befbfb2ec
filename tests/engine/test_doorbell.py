"""Ringing: never raises, whatever the broker does, and does not wait long for it."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest

from settings import Settings
from tasks import doorbell as doorbell_module
from tasks.doorbell import Doorbell
from tests.services import Broker, Valkey, free_port, reply_to, until

URLS = ["redis://127.0.0.1:{port}/0", "amqp://guest:guest@127.0.0.1:{port}//"]


@pytest.fixture
def plain(tmp_path: object) -> Settings:
    return Settings.from_env({"DYNOMETER_DATA_DIR": str(tmp_path), "DATABASE_URL": "sqlite://"})


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where connections are taken and never answered: a broker behind a cut network."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def test_a_broker_hears_each_ring(broker: Broker, plain: Settings) -> None:
    assert Doorbell(replace(plain, broker_url=broker.url)).ring(7, times=3)


@pytest.mark.parametrize("url", URLS)
def test_nobody_there_is_no_error(plain: Settings, url: str) -> None:
    assert not Doorbell(replace(plain, broker_url=url.format(port=free_port()))).ring(7)


@pytest.mark.parametrize("url", URLS)
def test_a_broker_that_never_answers_is_given_up(
    plain: Settings, url: str, silent_port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(doorbell_module, "PATIENCE_S", 0.5)
    doorbell = Doorbell(replace(plain, broker_url=url.format(port=silent_port)), patience_s=0.1)

    for job_id in (5001, 5002):  # the second is tried only by a thread that is free again
        assert not doorbell.ring(job_id)
        until(partial(gave_up, caplog, job_id), f"the thread gives up job {job_id}", within_s=60)


def gave_up(caplog: pytest.LogCaptureFixture, job_id: int) -> bool:
    """Whether the thread that publishes has said so; who rings says that the broker does not answer."""
    said = [record.getMessage() for record in caplog.records]
    return any(line.startswith("The broker is away (") and f"job {job_id} waits" in line for line in said)


@pytest.mark.parametrize("url", URLS)
def test_who_has_no_patience_does_not_wait_for_a_silent_broker(plain: Settings, url: str, silent_port: int) -> None:
    doorbell = Doorbell(replace(plain, broker_url=url.format(port=silent_port)), patience_s=0)

    assert [doorbell.ring(job_id) for job_id in range(1000)] == [True] * 1000
    assert not all(doorbell.ring(job_id) for job_id in range(10))  # what waits is bounded


def test_a_broker_that_came_back_is_heard_again(valkey: Valkey, plain: Settings) -> None:
    doorbell = Doorbell(replace(plain, broker_url=valkey.url))
    assert doorbell.ring(7)
    valkey.kill()
    assert not doorbell.ring(7)

    valkey.start()

    assert doorbell.ring(7)


def test_a_full_broker_is_no_error(valkey: Valkey, plain: Settings) -> None:
    doorbell = Doorbell(replace(plain, broker_url=valkey.url))
    assert reply_to(b"CONFIG SET maxmemory 1\r\n", valkey.port) == b"+"
    try:
        assert not doorbell.ring(7)
    finally:
        reply_to(b"CONFIG SET maxmemory 0\r\n", valkey.port)

    assert doorbell.ring(7)
