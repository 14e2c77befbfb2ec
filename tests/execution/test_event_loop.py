"""The models of asyncio: order, bounds and errors."""

import threading

import pytest

from dynometer.execution import find
from dynometer.execution.faults import CallFailed, NotPrepared
from dynometer.execution.model import Work
from tests.execution.conftest import own


@pytest.mark.parametrize("workers", [1, 3, 50])
def test_coroutines_give_their_values_in_order(workers, crew):
    started = crew("event-loop", own("square_later", "coroutine"), workers)

    assert started.run(range(20), 4) == [item * item for item in range(20)]
    assert started.run([], 1) == []


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_as_many_calls_are_in_flight_as_there_are_workers(workers, crew):
    started = crew("event-loop", own("in_flight_with", "coroutine"), workers)

    assert max(started.run(range(40), 1)) == workers


def test_a_coroutine_that_raises_is_named_by_its_item(crew):
    started = crew("event-loop", own("raises_at_five_later", "coroutine"), 3)

    with pytest.raises(CallFailed, match=r"^Item 5 raised ValueError: five is right out\.$"):
        started.run(range(8), 1)

    assert started.run(range(3), 1) == [0, 1, 2]


def test_a_coroutine_that_cannot_be_prepared_is_said_first():
    with (pytest.raises(NotPrepared, match="seconds must be a number"),
          find("event-loop").crew(Work("wait", "coroutine", {"seconds": "long"}), 1, "fork")):
        pass


def test_a_coroutine_function_can_be_called_as_if_it_blocked(crew):
    assert crew("threads", own("square_later"), 3).run(range(6), 1) == [item * item for item in range(6)]


def test_what_has_no_coroutine_is_a_reason():
    assert find("event-loop").why_not(own("square", "coroutine")) == (
        f"{own('square').workload} has no coroutine variant coroutine; there is none.")
    assert find("event-loop").why_not(Work("wait", "coroutine", {})) is None


@pytest.mark.parametrize("key", ["threads", "daemon-threads", "event-loop-threads"])
def test_calls_run_in_threads_of_their_own(key, crew):
    threads = set(crew(key, own("thread_id"), 3).run(range(30), 1))

    assert threading.get_ident() not in threads
    assert 1 <= len(threads) <= 3
