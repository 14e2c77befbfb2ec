"""A fleet seen from the front: forked, waited for, stopped."""

import fcntl
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from fleet.backoff import Backoff
from fleet.data_folder import DataFolder
from fleet.http_probe import is_ok
from fleet.node import Surroundings, kill_group
from fleet.node_log import say
from fleet.plan import Plan
from fleet.preparation import Joined, Preparation
from fleet.supervisor import supervise

READY_WITHIN_S = 60.0
GONE_WITHIN_S = 40.0  # all grace times after one another
STEP_S = 0.03


class Fleet:
    """A supervisor process, seen from the front."""

    def __init__(self, plan: Plan, folder: DataFolder, *, is_verbose: bool) -> None:
        self.plan, self.folder = plan, folder
        self.asked_to_stop: signal.Signals | None = None
        self.failed = False
        is_closing = multiprocessing.get_context("fork").Event()
        around = Surroundings(folder.run, folder.log, is_closing, Backoff(), is_verbose)
        leash, self._leash_end = os.pipe()  # closed by the kernel when this process ends
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._leash_end)
            _supervise_and_exit(plan, around, leash)
        os.close(leash)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means what it says
                signal.signal(number, self._on_signal)

    def wait_until_ready(self, preparation: Preparation) -> Joined | None:
        """Until every web node serves and every worker node takes part; None when that did not come to pass.

        When that takes too long the fleet is stopped.  Raises ConfigError when the database is lost meanwhile.
        """
        deadline = time.monotonic() + READY_WITHIN_S
        joined: Joined | None = None
        while not (self.asked_to_stop or self.has_ended()):
            if joined is None:
                answer = preparation.answer(STEP_S)
                joined = answer if isinstance(answer, Joined) else None
            elif self._serves():
                return joined
            else:
                time.sleep(STEP_S)
            if time.monotonic() > deadline:
                missing = "the web nodes do not answer" if joined else "the worker nodes have not joined"
                self._fail(f"Not ready after {READY_WITHIN_S:g} s: {missing}. See the files in {self.folder.log}")
        return None

    def _fail(self, sentence: str) -> None:
        self.failed = True
        say("up", sentence)
        self.stop()

    def wait_until_stopped(self) -> int:
        """Until the supervisor and all its nodes are gone; the exit status."""
        if not self.has_ended():
            os.waitpid(self.pid, 0)
        if self.asked_to_stop is None:
            self.failed = True
            say("up", "The supervisor was ended from outside; stopping what it had started.")
        self._wait_until_gone()
        if self.failed:
            return 1
        say("up", "Stopped. What was accepted goes on at the next start.")
        return 130 if self.asked_to_stop == signal.SIGINT else 0

    def stop(self, reason: signal.Signals = signal.SIGTERM) -> None:
        """Ask for a graceful stop."""
        self.asked_to_stop = reason
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether the supervisor process is gone."""
        try:
            return os.waitpid(self.pid, os.WNOHANG) != (0, 0)
        except ChildProcessError:
            return True

    def _serves(self) -> bool:
        """Each web node first: asked through nginx too early, it would be left out for some seconds."""
        addresses = [*self.plan.web_addresses, self.plan.url.removeprefix("http://")]
        return all(is_ok(address, "/readyz") for address in addresses)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked_to_stop is None:
            say("up", "Stopping; what runs is finished or handed back. Once more stops at once.")
            self.stop(signal.Signals(number))
        else:
            say("up", "Stopping at once.")
            self._kill()

    def _kill(self) -> None:
        kill_group(self.pid)  # the wrappers first: they would report the ends of their nodes
        for pid_file in self.folder.run.glob("*.pid"):
            with suppress(ValueError, OSError):
                kill_group(int(pid_file.read_text()))

    def _wait_until_gone(self) -> None:
        # The wrappers may be nobody's children any more, but as long as one lives its role's lock is held
        deadline = time.monotonic() + GONE_WITHIN_S
        while not all(is_free(lock) for lock in self.folder.run.glob("*.lock")):
            if time.monotonic() > deadline:
                self._kill()
                return
            time.sleep(STEP_S)


def _supervise_and_exit(plan: Plan, around: Surroundings, leash: int) -> None:
    os.setsid()  # Ctrl+C reaches only the front
    status = 1
    try:
        supervise(plan.roles, around, leash)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    finally:
        os._exit(status)


def is_free(lock: Path) -> bool:
    """Whether nobody holds `lock`."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
