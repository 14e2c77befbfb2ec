"""Computes a chunk: the loop around the user's function, and all that may go wrong in it."""

import faulthandler
import json
import math
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from types import FrameType
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from dynometer.errors import DynometerError
from dynometer.workloads.workload import Call, Combine
from store.values import Outcome

KEEP_BYTES = 16_000_000  # of values in one chunk; past it the chunk ends early
NESTED = (list, dict, tuple)
WEIGHED_EACH = 16  # nested value


class ItemOverdue(BaseException):
    """Raised into an item that exceeds its time limit; not an Exception, so that user code seldom swallows it."""


class Watchdog:
    """Ends this process when code never returns to the interpreter: a C-level timer, as no signal handler can run.

    The chunk's next attempts then isolate the item.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s

    def arm(self) -> None:
        """Start anew."""
        faulthandler.dump_traceback_later(2 * self.limit_s + 2, exit=True, file=2)

    def disarm(self) -> None:
        """Nothing of users' runs any more: a database may take longer than any item."""
        faulthandler.cancel_dump_traceback_later()


class Watch:
    """Ends an item that takes too long, at no cost per item.

    A timer ticks a few times per limit and looks whether the count of finished items moved.  An item that swallows
    what is raised into it is left to the watchdog.
    """

    def __init__(self, limit_s: float, finished: Callable[[], int]) -> None:
        self.limit_s = limit_s
        self.tick_s = max(0.05, self.limit_s / 4)
        self._watchdog = Watchdog(limit_s)
        self._finished = finished
        self._seen = (-1, 0.0)  # items finished, and since when
        self._was_raised = False

    def __enter__(self) -> "Watch":
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, self.tick_s, self.tick_s)
        self._watchdog.arm()
        return self

    def __exit__(self, *exc: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._watchdog.disarm()
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, signum: int, frame: FrameType | None) -> None:
        count, now = self._finished(), perf_counter()
        if count != self._seen[0]:
            self._seen, self._was_raised = (count, now), False
        if not self._was_raised:
            self._watchdog.arm()
        if now - self._seen[1] >= self.limit_s:
            self._seen, self._was_raised = (count, now), True
            raise ItemOverdue


@dataclass(frozen=True)
class Runner:
    """The user's function, and what may happen around it."""

    call: Call
    combine: Combine | None
    value_max_bytes: int  # of one item's value as JSON
    limit_s: float  # of one item
    is_stopping: Callable[[], bool]

    def run(self, items: Iterable[Any], count: int, budget_s: float) -> Outcome:
        """Apply the function to the `count` `items` until they end, the budget is spent, or the process shall stop.

        At least one item is run, whatever the budget; and a rest that would take less than half the time spent so
        far is not worth giving back.  An item that raises, overruns its time limit, or returns what JSON cannot say
        gets a sentence in `errors` and None as its value.
        """
        values: list[Any] = []
        errors: dict[int, str] = {}
        start = perf_counter()
        with Watch(self.limit_s, values.__len__):
            self._run(iter(items), count, values, errors, start + budget_s, budget_s)
            if not values:
                _fail(values, errors, "This item is missing.")
            busy_s = perf_counter() - start
            text = _encode(values, errors, self.value_max_bytes)
            partial, why_not = self._combined(values, errors)
        if why_not:
            errors = {place: errors.get(place, why_not) for place in range(len(values))}
            text = dumps([None] * len(values))
        return Outcome(len(values), text, errors, busy_s, partial)

    def _combined(self, values: list[Any], errors: dict[int, str]) -> tuple[Any, str]:
        """(the chunk's partial, "") or (None, why there is none); (None, "") when nothing is to be combined."""
        if self.combine is None or len(errors) == len(values):
            return None, ""
        try:
            return _partial(self.combine, values, errors), ""
        except ItemOverdue:
            return None, f"Its value could not be combined with others within {self.limit_s:g} s."
        except Exception as error:  # noqa: BLE001 - a user's function
            return None, f"Its value could not be combined with others. {sentence(error)}"

    def _run(
        self, items: Iterator[Any], count: int, values: list[Any], errors: dict[int, str], until: float, more_s: float
    ) -> None:
        while len(values) < count:
            before = len(values)
            try:
                self._loop(items, values, errors, until)
            except ItemOverdue:
                _fail(values, errors, f"It took longer than {self.limit_s:g} s, the time limit of an item.")
            except SQLAlchemyError:
                raise  # the database is away, which is no fault of the item
            except Exception as error:  # noqa: BLE001 - what makes the items is the user's code too
                _fail(values, errors, f"This item could not be made or read. {sentence(error)}")
                return
            now = perf_counter()
            is_late = now > until + more_s or count - len(values) > len(values) / 2
            if self.is_stopping() or is_late or len(values) == before:
                return
            until = now + more_s

    def _loop(self, items: Iterator[Any], values: list[Any], errors: dict[int, str], until: float) -> None:
        call, is_stopping, most = self.call, self.is_stopping, self.value_max_bytes
        size, getsizeof, weigh, clock = 0, sys.getsizeof, Scale().weigh, perf_counter
        for item in items:
            try:
                value = call(item)
                bytes_here = getsizeof(value)
            except (Exception, SystemExit) as error:  # a user's function may raise anything
                if is_order_to_end(error):
                    raise
                _fail(values, errors, sentence(error))
            else:
                if bytes_here > most:  # said here already, so that a chunk of such values can't fill the memory
                    _fail(values, errors, f"Its value takes over {most:,} bytes, the most that is kept of an item.")
                else:
                    size += weigh(value, bytes_here)
                    values.append(value)
            if clock() >= until or size > KEEP_BYTES or is_stopping():
                return


class Scale:
    """About how many bytes values take.  What holds others is weighed as JSON now and then, the rest taken as alike."""

    def __init__(self) -> None:
        self._seen = self._typical = 0

    def weigh(self, value: Any, size: int) -> int:
        """Bytes of `value`, which itself takes `size`."""
        if type(value) not in NESTED:
            return size
        if self._seen % WEIGHED_EACH == 0:
            try:
                self._typical = len(dumps(value))
            except Exception:  # noqa: BLE001 - it is said at the end which item it was
                self._typical = size
        self._seen += 1
        return max(size, self._typical)


def _partial(combine: Combine, values: list[Any], errors: dict[int, str]) -> Any:
    """The chunk's part of the combined value.  Raises what `combine` raises, or ValueError when JSON can't say it."""
    partial = combine.partial([value for place, value in enumerate(values) if place not in errors])
    dumps(partial)
    return partial


def is_order_to_end(error: BaseException) -> bool:
    """Whether it is Celery's pool that ends this process, not the user's function that calls sys.exit().

    The pool's signal handler raises SystemExit(signal number - 256) wherever the process happens to be.
    """
    return isinstance(error, SystemExit) and isinstance(error.code, int) and error.code < -200


def _fail(values: list[Any], errors: dict[int, str], why: str) -> None:
    errors[len(values)] = why
    values.append(None)


def sentence(error: BaseException) -> str:
    """An exception in words: its type and message, at most 500 characters, without control characters."""
    try:
        message = "".join(c if c.isprintable() else " " for c in str(error)[:500])
    except Exception:  # noqa: BLE001 - an exception that can't be printed is still one
        message = ""
    if isinstance(error, DynometerError) and message:
        return message  # a sentence already
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}."


def _encode(values: list[Any], errors: dict[int, str], most: int) -> str:
    """`values` as one JSON array.  Checks items one by one only when the array as a whole can't be right."""
    try:
        text = dumps(values)
        if len(text) <= most:
            return text
    except Exception:  # noqa: BLE001, S110 - which item it was is found out below
        pass
    for place, value in enumerate(values):
        if why := _unsayable(value, most):
            errors.setdefault(place, why)
            values[place] = None
    return dumps(values)


def _unsayable(value: Any, most: int) -> str | None:
    try:
        size = len(dumps(value))
    except Exception:  # noqa: BLE001 - also what a subclass of dict raises when it is read
        what = repr(value) if isinstance(value, float) and not math.isfinite(value) else type(value).__name__
        return f"It returned what JSON cannot say ({what})."
    return f"Its value takes {size:,} bytes; at most {most:,} are kept of an item." if size > most else None


def dumps(value: Any) -> str:
    """JSON without NaN, as short as it gets, in ASCII.  Raises ValueError, TypeError or RecursionError."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
