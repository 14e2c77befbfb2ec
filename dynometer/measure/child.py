"""The measuring process: `python -m dynometer.measure.child`, one order on standard input, answers as lines.

A fresh interpreter for every window: no state of the sweep beside the numbers, and whatever the user's function does to
it (dies, hangs, prints, forks), the sweep goes on.
"""

import contextlib
import os
import sys

from dynometer.measure.order import Order, Said, read_order
from dynometer.measure.voice import Voice, end_strays, follow_parent


def main() -> None:
    """Read the order, follow it, end.  The order's line is all that is read: then the end of input means the end."""
    voice = Voice()
    order = read_order(_first_line())
    follow_parent()
    _no_core_files()
    try:
        follow(order, voice)
    except BaseException as error:  # noqa: BLE001 - a stranger's function may raise anything, and it is told
        from dynometer.measure.proving import sentence_of

        voice.say(Said("failed", reason=sentence_of(error)))
    end_strays()
    voice.say(Said("end"))


def follow(order: Order, voice: Voice) -> None:
    if order.window:
        from dynometer.measure.window import measure

        measure(order.window, voice)
    elif order.proof:
        from dynometer.measure.proving import prove

        prove(order.proof, voice)
    elif order.probe:
        from dynometer.measure.probes import probe

        voice.say(Said("probe", probe=probe(order.probe, voice)))
    elif order.inspection:
        from dynometer.measure.inspection import look_at

        look_at(order.inspection, voice)


def _first_line() -> str:
    """Unbuffered: nothing of what follows it is taken away from the watchdog."""
    line = bytearray()
    while not line.endswith(b"\n"):
        read = os.read(0, 1 << 16)
        if not read:
            sys.exit("The order ended before its line did.")
        line += read
    return line.decode()


def _no_core_files() -> None:
    """A function that kills its process shall not fill the disk."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


if __name__ == "__main__":
    main()
