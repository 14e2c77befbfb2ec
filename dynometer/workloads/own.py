"""A user's own function as a workload: "path/to/file.py:function" or "package.module:function"."""

import asyncio
import difflib
import hashlib
import importlib
import importlib.util
import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from dynometer.errors import InvalidInput, NotFound
from dynometer.workloads.workload import Call, Json, Workload

LONGEST_WORDS = 300  # characters of a stranger's error that ours repeats
MARK = ":"
_held: dict[str, Workload] = {}  # those that this process knows without having imported them


@dataclass(frozen=True)
class Parameters:
    """None: what the function needs besides its item, it knows itself."""


def is_own(text: str) -> bool:
    """Whether `text` names a function of the user's rather than a workload's key."""
    return MARK in text or text.endswith(".py")


def load(text: str) -> Workload:
    """The workload that `text` names; its key is `text`.  Its items are 0, 1, 2, ... or the user's own.

    An async function has the coroutine variant `coroutine`, and as `python` the same with a loop in each worker.
    Raises NotFound (no such file, module or function) and InvalidInput, each in one sentence that names the place.
    """
    if text in _held:
        return _held[text]
    place, name = parts(text)
    function = _function(_module(place), place, name)
    return _workload(text, lambda: function, is_coroutine=inspect.iscoroutinefunction(function))


def hold(text: str, *, is_coroutine: bool) -> Workload:
    """The workload that `text` names, known from elsewhere: this process imports it when a call is prepared, if ever.

    From now on `load` answers it too.
    """
    place, name = parts(text)
    _held[text] = _workload(text, lambda: _function(_module(place), place, name), is_coroutine=is_coroutine)
    return _held[text]


def parts(text: str) -> tuple[str, str]:
    """(file or module, function).  Raises InvalidInput."""
    place, _, name = text.rpartition(MARK)
    if not place or not name:
        raise InvalidInput(f"{text[:200]!a} names no function.",
                           hint="Write path/to/file.py:function or package.module:function.")
    return place, name


def _workload(text: str, get: Callable[[], Callable[[Json], Any]], *, is_coroutine: bool) -> Workload:
    place, name = parts(text)
    return Workload(
        key=text, title=name, description=f"Your own function {name} of {place}.",
        teaches="How your own code scales.", parameters=Parameters,
        variants={"python": (lambda _: _blocking(get())) if is_coroutine else lambda _: get()},
        coroutines={"coroutine": lambda _: get()} if is_coroutine else {},
        item_at=lambda index, _: index, default_items=100, known_answer=None, read_item=lambda given: given,
        item_help="What the function takes as its only argument: 0, 1, 2, ..., or one JSON value for each item.",
    )


def _module(place: str) -> ModuleType:
    if place.endswith(".py"):
        return _file(Path(place))
    with _named(place):
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            if error.name and (place == error.name or place.startswith(f"{error.name}.")):
                hint = "A file is named by its path, such as ./file.py:function." if "/" in place else ""
                raise NotFound(f"There is no module {place[:200]!a}.", hint=hint) from error
            raise


def _file(path: Path) -> ModuleType:
    """The module of a file: run once in each process, under a name that no other module has."""
    path = path.absolute()
    if not path.is_file():
        near = difflib.get_close_matches(path.name, [one.name for one in path.parent.glob("*.py")], n=1)
        raise NotFound(f"There is no file {path}.", hint=f"Did you mean {near[0]}?" if near else "")
    name = f"own_{hashlib.blake2b(str(path).encode(), digest_size=6).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec, "a path that ends in .py has a loader"
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # last: the file's neighbours can be imported, and hide nothing
    with _named(str(path)):
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module


@contextmanager
def _named(place: str) -> Iterator[None]:
    """What a stranger's module raises when it is imported, as one sentence with the line."""
    try:
        yield
    except NotFound:
        raise
    except (Exception, SystemExit) as error:
        words = " ".join(str(error)[:LONGEST_WORDS].split()).rstrip(".")
        line = _line_of(error, place)
        where = f" (line {line})" if line else ""
        raise InvalidInput(f"{place} can't be imported{where}: {type(error).__name__}: {words}.",
                           hint="Mend it until Python imports it without an error.") from error


def _line_of(error: BaseException, place: str) -> int | None:
    """The last line of the file itself on the way to the error."""
    if isinstance(error, SyntaxError):
        return error.lineno
    line, step = None, error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == place:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _function(module: ModuleType, place: str, name: str) -> Callable[[Json], Any]:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, _functions(found), n=1)
            there = ", ".join(_functions(found)[:10]) or "none"
            hint = f"Did you mean {near[0]}?" if near else f"There is {there}."
            raise NotFound(f"{place} has no function {name[:200]!a}.", hint=hint)
        found = getattr(found, part)
    if not callable(found):
        raise InvalidInput(f"{name} of {place} is not a function but {type(found).__name__}.",
                           hint="Name a function that takes one item.")
    if inspect.isgeneratorfunction(found) or inspect.isasyncgenfunction(found):
        raise InvalidInput(f"{name} of {place} is a generator: its value would be no value.",
                           hint="Return a value, such as a list.")
    _check_arity(found, place, name)
    function: Callable[[Json], Any] = found
    return function


def _functions(module: object) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]


def _check_arity(function: Callable[..., Any], place: str, name: str) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # some functions in C don't tell
    try:
        signature.bind(0)
    except TypeError:
        raise InvalidInput(f"{name} of {place} must take one item, but it is {name}{signature}.",
                           hint="Give it one argument without a default; the rest needs defaults.") from None


class _Loop:
    """An event loop that is closed when its thread, or its call, is gone."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def __del__(self) -> None:
        self.loop.close()


def _blocking(function: Callable[[Json], Any]) -> Call:
    """A coroutine function as one that blocks: each thread runs it in a loop of its own."""
    mine = threading.local()

    def call(item: Json) -> Json:
        if not hasattr(mine, "held"):
            mine.held = _Loop()
        return mine.held.loop.run_until_complete(function(item))

    return call
