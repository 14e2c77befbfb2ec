"""Ends what a killed sweep leaves: run as a plain file with the sweep's folder, it waits for its standard input to end.

Measuring processes follow the sweep's death by themselves, but not inside a call that never lets go of the
interpreter's lock, and what a function forked and left does not at all.  Wherever they are by then, all of them have
the folder in the environment they were started with.  Imports nothing of ours: it must be small and there at once.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

ROUNDS, ROUND_S = 200, 0.01  # what they start while they are looked for is found in the next round


def main(folder: str) -> None:
    while os.read(0, 4096):
        pass
    for _ in range(ROUNDS):
        left = carriers(folder)
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            break
        time.sleep(ROUND_S)
    shutil.rmtree(folder, ignore_errors=True)


def carriers(folder: str) -> list[int]:
    """Processes whose folder for temporary files it is."""
    found, mark = [], os.fsencode(f"TMPDIR={folder}")
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as environment:
            if mark in environment.read().split(b"\0"):
                found.append(int(name))
    return found


if __name__ == "__main__":
    main(sys.argv[1])
