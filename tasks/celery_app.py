"""Celery, set up for the broker at hand.

JSON only, results ignored (they are rows), one message at a time.  The two profiles differ in who recovers a
chunk: RabbitMQ redelivers an unacknowledged message at once; on Redis late acknowledgement would end a busy worker
when the broker restarts, so there the message is acknowledged first and the chunk's lease does the recovering.
"""

from typing import Any

from celery import Celery
from kombu import Exchange, Queue

from settings import Settings

TASK = "dynometer.work"
MEASURE = "dynometer.measure"


def make_celery(settings: Settings) -> Celery:
    """The Celery application for these settings; connects to nothing yet."""
    app = Celery("dynometer", broker=settings.broker_url or "memory://", set_as_current=False)
    app.conf.update(COMMON, task_default_queue=settings.queue)
    app.conf.update(redis_profile(settings.queue) if settings.is_redis else rabbitmq_profile(settings.queue))
    return app


def make_publisher(settings: Settings, patience_s: float) -> Celery:
    """The same for a process that only sends, and does not wait longer than `patience_s` for a silent broker."""
    app = make_celery(settings)
    app.conf.broker_connection_timeout = patience_s
    if settings.is_redis:
        app.conf.broker_transport_options = {**app.conf.broker_transport_options, "socket_timeout": patience_s}
    return app


COMMON: dict[str, Any] = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "task_ignore_result": True,
    "worker_prefetch_multiplier": 1,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "worker_send_task_events": False,
    "task_send_sent_event": False,
    "worker_enable_remote_control": False,  # anyone on the broker could stop workers by it
    "task_publish_retry": True,
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0.01, "interval_max": 0.01},
    "worker_soft_shutdown_timeout": 0.0,  # Celery would sleep through it; `tasks.worker` and the steward give the grace
    "worker_hijack_root_logger": False,
    "worker_max_tasks_per_child": 10_000,  # bounds a leak in user code; seldom, as renewing a process takes seconds
    "worker_max_memory_per_child": 1_000_000,  # KiB
    "broker_connection_timeout": 3,
}


def rabbitmq_profile(name: str) -> dict[str, Any]:
    """Quorum queue, late acknowledgement; a message is dropped after three tries, as the database knows its job."""
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": 3}
    # a direct exchange gets no delayed delivery with quorum queues, and Celery warns about it at every start
    queue = Queue(name, Exchange(name, type="topic"), routing_key=name, queue_arguments=arguments)
    return {
        "task_queues": [queue],
        "task_default_exchange": name,
        "task_default_exchange_type": "topic",
        "task_default_routing_key": name,
        "task_default_queue_type": "quorum",
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_transport_options": {"confirm_publish": True},
        "broker_heartbeat": 15,
    }


def redis_profile(name: str) -> dict[str, Any]:
    """Early acknowledgement without prefetch: a message goes only to a process that is free."""
    return {
        "task_acks_late": False,
        "worker_disable_prefetch": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_transport_options": {
            "visibility_timeout": 3600,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "socket_timeout": 30,
            "socket_connect_timeout": 3,
            "global_keyprefix": f"{name}:",
        },
    }
