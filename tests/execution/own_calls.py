"""Functions of a user's own, good and bad: what the tests of execution models call by "path:function"."""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

NUMBERS = 7
in_flight = 0


def square(item):
    return item * item


async def square_later(item):
    await asyncio.sleep(0)
    return item * item


async def in_flight_with(item):
    """How many calls were under way with this one."""
    global in_flight
    in_flight += 1
    await asyncio.sleep(0)
    seen = in_flight
    in_flight -= 1
    return seen


def raises_at_five(item):
    if item == 5:
        raise ValueError("five is\nright out.")
    return item


async def raises_at_five_later(item):
    return raises_at_five(item)


def leaves_at_five(item):
    return item if item != 5 else sys.exit("enough")


def returns_a_lock(item):
    return threading.Lock()


def kills_itself_at_five(item):
    if item == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def kills_itself_once(item):
    """`item` is a path: the first process to call with it dies of it."""
    try:
        Path(item).touch(exist_ok=False)
    except FileExistsError:
        return item
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def process_id(item):
    return os.getpid()


def thread_id(item):
    return threading.get_ident()


def hangs(item):
    threading.Event().wait()


def takes_two(first, second):
    return first + second


def yields(item):
    yield item


class TestOfSomebody:  # a class is callable, and a place to look for functions
    @staticmethod
    def double(item):
        return 2 * item
