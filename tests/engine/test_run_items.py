"""The loop around a user's function: what goes wrong in an item costs that item."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from billiard.common import _shutdown_cleanup, clear_terminate_handler_fired

from store.values import Outcome
from tasks.run import KEEP_BYTES, Runner, Scale

LIMIT_S = 0.5


@pytest.fixture
def run() -> Callable[..., Outcome]:
    """`run(call, items, ...)`: a chunk with short limits."""

    def run(
        call: Callable[[Any], Any], items: Sequence[Any], *, budget_s: float = 60.0, combine: Any = None,
        most: int = 1000, is_stopping: Callable[[], bool] = lambda: False, made: Iterator[Any] | None = None,
    ) -> Outcome:  # fmt: skip
        runner = Runner(call, combine, most, LIMIT_S, is_stopping)
        return runner.run(iter(items) if made is None else made, len(items), budget_s)

    return run


def deed(what: Callable[[], Any], at: int = 1) -> Callable[[int], Any]:
    return lambda item: what() if item == at else item


def fail(error: BaseException) -> Any:
    raise error


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class Odd(dict[str, int]):
    def items(self) -> Any:
        raise RuntimeError


class Weightless:
    def __sizeof__(self) -> int:
        raise RuntimeError("no size")


CASES: list[tuple[Callable[[], Any], str]] = [
    (lambda: fail(ValueError("no\tsuch\nnumber")), "ValueError: no such number"),
    (lambda: fail(KeyError()), "KeyError."),
    (lambda: fail(ValueError("x" * 10_000)), "ValueError: " + "x" * 500),
    (lambda: fail(Unprintable()), "Unprintable."),
    (lambda: sys.exit("enough"), "SystemExit: enough"),
    (lambda: float("nan"), "It returned what JSON cannot say (nan)."),
    (lambda: [1, float("inf")], "It returned what JSON cannot say (list)."),
    (lambda: {1, 2}, "It returned what JSON cannot say (set)."),
    (lambda: Odd(a=1), "It returned what JSON cannot say (Odd)."),
    (lambda: {(1, 2): 3}, "It returned what JSON cannot say (dict)."),
    (lambda: 10**5000, "Its value takes over 1,000 bytes, the most that is kept of an item."),
    (lambda: "x" * 5000, "Its value takes over 1,000 bytes, the most that is kept of an item."),
    (lambda: ["x" * 600, "y" * 600], "Its value takes 1,207 bytes; at most 1,000 are kept of an item."),
    (Weightless, "RuntimeError: no size"),
]


@pytest.mark.parametrize(("what", "sentence"), CASES)
def test_one_bad_item_is_one_error(run: Callable[..., Outcome], what: Callable[[], Any], sentence: str) -> None:
    outcome = run(deed(what), range(3))

    assert outcome.errors == {1: sentence}
    assert json.loads(outcome.values) == [0, None, 2]
    assert outcome.items_run == 3


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "ünï", 2**4000, [], {"a": None}, -0.0, True])
def test_what_json_can_say_comes_back_as_it_was(run: Callable[..., Outcome], value: Any) -> None:
    outcome = run(lambda item: value, range(2), most=5000)

    assert outcome.errors == {}
    assert json.loads(outcome.values) == [value, value]


def test_a_deep_value_is_refused_in_words(run: Callable[..., Outcome]) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    outcome = run(lambda item: deep, range(1))

    assert outcome.errors == {0: "It returned what JSON cannot say (list)."}


def test_an_item_over_its_time_is_one_error(run: Callable[..., Outcome]) -> None:
    def forever() -> None:
        while True:
            pass

    outcome = run(deed(forever), range(3))

    assert outcome.errors == {1: "It took longer than 0.5 s, the time limit of an item."}
    assert json.loads(outcome.values) == [0, None, 2]


def test_the_budget_ends_a_chunk_early_but_never_before_an_item(run: Callable[..., Outcome]) -> None:
    outcome = run(lambda item: item, range(1000), budget_s=0.0)

    assert 1 <= outcome.items_run < 1000
    assert json.loads(outcome.values) == list(range(outcome.items_run))


def test_a_process_that_shall_stop_ends_after_the_item_at_hand(run: Callable[..., Outcome]) -> None:
    outcome = run(lambda item: item, range(1000), is_stopping=lambda: True)

    assert outcome.items_run == 1


def test_values_too_many_for_the_memory_end_a_chunk_early(run: Callable[..., Outcome]) -> None:
    outcome = run(lambda item: "x" * 1_000_000, range(100), most=2_000_000)

    assert 10 < outcome.items_run < 40


def test_an_item_that_cannot_be_made_is_its_own_error_and_the_rest_goes_back(run: Callable[..., Outcome]) -> None:
    def items() -> Iterator[int]:
        yield 0
        raise LookupError("no item 1")

    outcome = run(lambda item: item, range(3), made=items())

    assert outcome.errors == {1: "This item could not be made or read. LookupError: no item 1"}
    assert outcome.items_run == 2


@pytest.mark.parametrize("there", [0, 1, 29])
def test_items_that_end_too_early_end_the_chunk(run: Callable[..., Outcome], there: int) -> None:
    outcome = run(lambda item: item, range(30), made=iter(range(there)))

    assert outcome.items_run == max(1, there)


def test_the_pools_order_to_end_is_no_fault_of_the_item(run: Callable[..., Outcome]) -> None:
    before = signal.signal(signal.SIGQUIT, _shutdown_cleanup)
    try:
        with pytest.raises(SystemExit):
            run(deed(lambda: os.kill(os.getpid(), signal.SIGQUIT)), range(3))
    finally:
        signal.signal(signal.SIGQUIT, before)
        clear_terminate_handler_fired()


class Faulty:
    """Can't combine."""

    def partial(self, values: Sequence[Any]) -> Any:
        raise ArithmeticError("odd")


class NotANumber:
    def partial(self, values: Sequence[Any]) -> Any:
        return float("nan")


@pytest.mark.parametrize("combine", [Faulty(), NotANumber()])
def test_values_that_cannot_be_combined_fail_in_words(run: Callable[..., Outcome], combine: Any) -> None:
    outcome = run(lambda item: item, range(2), combine=combine)

    assert outcome.partial is None
    assert set(outcome.errors) == {0, 1}
    assert outcome.errors[0].startswith("Its value could not be combined with others.")


def test_a_combination_that_never_ends_is_a_sentence(run: Callable[..., Outcome]) -> None:
    class Endless:
        def partial(self, values: Sequence[Any]) -> Any:
            while True:
                pass

    outcome = run(deed(int), [0, 1], combine=Endless())

    assert outcome.partial is None
    assert set(outcome.errors.values()) == {"Its value could not be combined with others within 0.5 s."}


def test_what_values_hold_is_weighed_too(run: Callable[..., Outcome]) -> None:
    megabyte = ["x" * 1000] * 1000  # one string, a thousand times: small in memory, large as JSON

    outcome = run(lambda item: megabyte, list(range(1000)), most=10**9)

    assert KEEP_BYTES // 10**6 <= outcome.items_run <= 2 * KEEP_BYTES // 10**6
    assert Scale().weigh(megabyte, 8000) > 10**6


def test_after_a_chunk_no_watchdog_is_left_behind(run: Callable[..., Outcome]) -> None:
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        run(deed(int), [0, 1])
        signal.sigtimedwait([signal.SIGHUP], 2 * LIMIT_S + 3)  # a database is away for longer than any item may be
        os.write(write, b"lives")
        os._exit(0)
    os.close(write)

    assert os.read(read, 10) == b"lives"
    os.waitpid(child, 0)
    os.close(read)
