"""Waits with a lock held, then without it: a serial part that no model can spread."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, CoroutineCall, Json, KnownAnswer, Workload


@dataclass(frozen=True)
class Parameters:
    hold_s: float = param(0.003, "How long each item holds the lock.", unit="s", low=0.0, high=10.0)
    wait_s: float = param(0.007, "How long it waits after that.", unit="s", low=0.0, high=10.0)
    seed: int = param(1, "Names the lock: jobs with different seeds don't wait for each other.", low=0, high=2**63 - 1)


def python(parameters: Parameters) -> Call:
    path = lock_path(parameters.seed)

    def call(item: int) -> int:
        with locked(path):
            time.sleep(parameters.hold_s)
        time.sleep(parameters.wait_s)
        return item

    return call


def coroutine(parameters: Parameters) -> CoroutineCall:
    """In one thread a lock of asyncio serves; a file's would hold up the whole loop."""
    import asyncio  # here, not above: listing workloads must stay quick

    lock = asyncio.Lock()

    async def call(item: int) -> int:
        async with lock:
            await asyncio.sleep(parameters.hold_s)
        await asyncio.sleep(parameters.wait_s)
        return item

    return call


def lock_path(seed: int) -> Path:
    import tempfile  # here, not above: it loads five compressors

    return Path(tempfile.gettempdir(), f"dynometer-lock-{os.getuid()}-{seed}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One holder on this machine, be it a thread or a process: the file is opened anew for each, and closed on death.

    The empty file stays: removing it while others wait for it would give two holders.
    """
    import fcntl  # here, not above: workloads can be listed on systems that have none

    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def item_at(index: int, parameters: Parameters) -> Json:
    return index


WORKLOAD = Workload(
    key="lock-and-wait",
    title="Lock and wait",
    description="Waits for a moment with a lock held that all workers of the machine share, then without it.",
    teaches="A serial part caps every model: 3 ms of 10 under a lock allow 3.3 times, however many workers there are.",
    parameters=Parameters,
    variants={"python": python},
    coroutines={"coroutine": coroutine},
    item_at=item_at,
    default_items=500,
    item_help="One turn; its value is its index. Generated only.",
    known_answer=KnownAnswer(items=3, parameters={}, value=[0, 1, 2], source="an item's value is its own index"),
)
