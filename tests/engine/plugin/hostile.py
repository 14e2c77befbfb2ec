"""A workload of tests, installed as users install theirs: its items do to their process whatever a test asks for."""

import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload


@dataclass(frozen=True)
class Parameters:
    seconds: float = param(0.0, "How long each item takes.", unit="s", low=0.0, high=60.0)
    folder: str = param("", "Where each call leaves a line, and where the gate is.")
    odd_item: int = param(-1, "The item that does the deed; -1: every one.", low=-1, high=10**12)
    deed: str = param("none", "What it does.")


def value_of(item: int) -> int:
    """The known value of an item."""
    return item * item + 7


def python(parameters: Parameters) -> Call:
    calls = Path(parameters.folder, "calls") if parameters.folder else None
    deed = DEEDS[parameters.deed]

    def call(item: int) -> Json:
        if calls is not None:
            note(calls, f"{item} {os.getpid()}")
        if parameters.seconds and parameters.deed != "count":
            time.sleep(parameters.seconds)
        if parameters.odd_item in (-1, item):
            return deed(item, parameters)
        return value_of(item)

    return call


def note(path: Path, line: str) -> None:
    """Append `line` in one write, as several processes do so."""
    file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, f"{line}\n".encode())
    os.close(file)


def wait_at_gate(item: int, parameters: Parameters) -> Json:
    """Until a test opens the gate."""
    while not Path(parameters.folder, "open").exists():
        time.sleep(0.01)
    return value_of(item)


def count_company(item: int, parameters: Parameters) -> Json:
    """Note how many items are being computed at this moment, this one among them."""
    mine = Path(parameters.folder, f"inside-{item}")
    mine.touch()
    note(Path(parameters.folder, "company"), str(len(list(mine.parent.glob("inside-*")))))
    time.sleep(parameters.seconds)
    mine.unlink()
    return value_of(item)


def swallow_everything(item: int, parameters: Parameters) -> Json:
    """Code that can't be interrupted by an exception."""
    while True:
        with suppress(BaseException):
            while True:
                time.sleep(0.05)


def loop(item: int, parameters: Parameters) -> Json:
    """Pure Python that never ends."""
    n = 0
    while True:
        n += 1


def stick_in_c(item: int, parameters: Parameters) -> Json:
    """A loop in C that never comes back to the interpreter, so no signal handler runs."""
    return all(itertools.repeat(True))


def die(item: int, parameters: Parameters) -> Json:
    """As if the kernel had taken the process for its memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return time.sleep(60)


DEEDS: dict[str, Callable[[int, Parameters], Json]] = {
    "none": lambda item, parameters: value_of(item),
    "gate": wait_at_gate,
    "count": count_company,
    "raise": lambda item, parameters: 1 // 0,
    "exit": lambda item, parameters: os._exit(7),
    "sys-exit": lambda item, parameters: sys.exit("enough"),
    "die": die,
    "loop": loop,
    "swallow": swallow_everything,
    "stick": stick_in_c,
    "nan": lambda item, parameters: float("nan"),
    "nul": lambda item, parameters: "a\0b",
    "object": lambda item, parameters: object(),
    "huge": lambda item, parameters: "x" * 5_000_000,
}


class Sum:
    """Adds up."""

    def partial(self, values: Sequence[Json]) -> Json:
        return sum(values)

    def merge(self, left: Json, right: Json) -> Json:
        return left + right

    def value(self, partial: Json) -> Json:
        return partial

    def sentence(self, value: Json) -> str:
        return f"The sum is {value:,}."


class Broken(Sum):
    """Fails at the very end."""

    def value(self, partial: Json) -> Json:
        raise ArithmeticError("no such number")


def workload(key: str, combine: Any = None) -> Workload:
    """One that differs from the others in how it combines."""
    return Workload(
        key=key, title="Hostile", description="Does what a test asks for.", teaches="Nothing.", parameters=Parameters,
        variants={"python": python}, item_at=lambda index, parameters: index, default_items=10,
        item_help="A number.", known_answer=KnownAnswer(items=2, parameters={}, value=[7, 8], source="n^2 + 7"),
        combine=combine,
    )  # fmt: skip


PLAIN = workload("hostile")
SUMMED = workload("hostile-sum", Sum())
BROKEN = workload("hostile-broken-sum", Broken())
