"""What the tests of execution models share."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from dynometer.execution import find
from dynometer.execution.model import Crew, Work

CALLS = Path(__file__).with_name("own_calls.py")
HELPERS = ("resource_tracker", "forkserver")  # multiprocessing keeps these for the life of the parent, and no longer


def own(function: str, variant: str = "python") -> Work:
    """Work of one of the functions in own_calls.py."""
    return Work(f"{CALLS}:{function}", variant, {})


def alive(process_ids: list[int]) -> list[int]:
    """Those that are still running a little later: an end takes a moment to be seen."""
    deadline = time.monotonic() + 5
    while (left := list(filter(is_alive, process_ids))) and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return left


def is_alive(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE and not any(word in str(child.cmdline()) for word in HELPERS)]


@pytest.fixture
def crew(request: pytest.FixtureRequest) -> Callable[..., Crew]:
    """`crew(model, work)`: started now, ended with the test."""
    def start(key: str, work: Work, workers: int = 2, start_method: str = "fork") -> Crew:
        context = find(key).crew(work, workers, start_method)
        started = context.__enter__()
        request.addfinalizer(lambda: context.__exit__(None, None, None))
        return started

    return start


@pytest.fixture(autouse=True)
def _no_process_is_left():
    before = {child.pid for child in children()}
    yield
    assert not multiprocessing.active_children()
    assert not alive([child.pid for child in children() if child.pid not in before])
