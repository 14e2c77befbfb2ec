"""What Celery is told, for each broker: who recovers what, and what nobody may send."""

import pytest

from settings import Settings
from tasks.celery_app import make_celery

REDIS, RABBITMQ = "redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"


def settings_for(url: str) -> Settings:
    return Settings.from_env({"BROKER_URL": url, "DATABASE_URL": "sqlite://"})


@pytest.mark.parametrize("url", [REDIS, RABBITMQ, "redis+socket:///run/broker.sock", "rediss://h:1/0"])
def test_only_json_is_read_and_nobody_can_command_a_worker(url: str) -> None:
    conf = make_celery(settings_for(url)).conf

    assert conf.accept_content == ["json"]
    assert not conf.worker_enable_remote_control
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_connection_max_retries is None


@pytest.mark.parametrize("url", [REDIS, "redis+socket:///run/broker.sock"])
def test_redis_acknowledges_early_as_late_ends_a_busy_worker_when_the_broker_restarts(url: str) -> None:
    conf = make_celery(settings_for(url)).conf

    assert not conf.task_acks_late
    assert conf.worker_disable_prefetch  # else a node that joins gets no work


def test_rabbitmq_redelivers_from_a_quorum_queue_a_few_times() -> None:
    conf = make_celery(settings_for(RABBITMQ)).conf
    [queue] = conf.task_queues

    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert (queue.name, queue.exchange.type) == ("dynometer", "topic")
    assert queue.queue_arguments == {"x-queue-type": "quorum", "x-delivery-limit": 3}
    assert conf.broker_transport_options["confirm_publish"]
