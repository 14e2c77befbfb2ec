"""One node under Cotyledon: a program in a process group of its own, its lines logged, stopped in its own way.

Each node has a wrapper process (this one, forked from the supervisor).  When the supervisor is killed Cotyledon ends
the wrapper, and when the wrapper is killed the kernel ends the program: nothing outlives the fleet.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

import cotyledon

from fleet.backoff import Backoff
from fleet.node_log import NodeLog, say
from fleet.parent_death import dies_with_parent
from fleet.role import Role
from settings import child_environment

CHECKOUT = Path(__file__).parent.parent
STEP_S = 0.05
LINE_MAX_BYTES = 16_384  # a longer one is written as several


@dataclass(frozen=True)
class Surroundings:
    """What all nodes of a fleet share."""

    run: Path  # pid files, and a lock file per role
    log: Path
    is_closing: Event  # set when the whole fleet stops
    backoff: Backoff
    is_verbose: bool = False


class Node(cotyledon.Service):
    """Starts its program, waits for its end, and then ends too, so that the supervisor starts both again."""

    name = "node"

    def __init__(self, worker_id: int, role: Role, around: Surroundings) -> None:
        super().__init__(worker_id)
        self.role, self.around = role, around
        self.name = role.node_name(worker_id)  # shown in the process title
        self.pid_file = around.run / f"{self.name}.pid"
        self.log = NodeLog(self.name, around.log, is_verbose=around.is_verbose)
        self.turn = threading.Lock()  # starting and stopping exclude each other
        self.is_stopping = False
        self.process: subprocess.Popen[bytes] | None = None
        self.pump = threading.Thread(target=self._pump, daemon=True)
        self.presence = (around.run / f"{role.name}.lock").open("w")
        fcntl.flock(self.presence, fcntl.LOCK_SH)  # the kernel frees it whatever ends this process
        os.nice(role.niceness)  # inherited by the program

    def run(self) -> None:
        """Returns only when the node is being stopped."""
        self._wait_for_turn()
        with self.turn:
            if self.is_stopping:
                return
            self.process = self._start()
            self.pump.start()
        status = self.process.wait()
        self._clear_up(self.process)
        if not self.is_stopping:
            say(self.name, f"{ending(status)}. {self.log.last_words()}")
            sys.exit(1)

    def terminate(self) -> None:
        """Stop the program: politely, then after the role's grace time for good."""
        if self.around.is_closing.is_set():
            for role in self.role.stops_after:
                self._wait_until_gone(role)
        with self.turn:
            self.is_stopping = True
            process = self.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.role.stop_signal)
        try:
            process.wait(self.role.grace_s)
        except subprocess.TimeoutExpired:
            say(self.name, f"did not stop within {self.role.grace_s:g} s and was killed")
        self._clear_up(process)

    def _clear_up(self, process: subprocess.Popen[bytes]) -> None:
        """Leave nothing of a program that has ended, and lose none of its last words."""
        kill_group(process.pid)  # children that it left behind would hold its sockets
        self.pump.join(timeout=1.0)
        self.pid_file.unlink(missing_ok=True)

    def _wait_for_turn(self) -> None:
        delay_s = self.around.backoff.delay_s(self.name)
        if delay_s is not None:
            say(self.name, f"starts again in {delay_s:g} s" if delay_s else "starts again")
            time.sleep(delay_s)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.role.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=child_environment(**self.role.variables(self.name)), cwd=CHECKOUT,
            start_new_session=True,  # Ctrl+C reaches only `up`, and the group can be killed as a whole
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )  # fmt: skip
        self.pid_file.write_text(f"{process.pid}\n")
        return process

    def _pump(self) -> None:
        output = self.process.stdout if self.process else None
        assert output is not None
        for line in iter(lambda: output.readline(LINE_MAX_BYTES), b""):
            self.log.write(line.decode(errors="replace").rstrip())

    def _wait_until_gone(self, role: str) -> None:
        """Until no node of `role` holds its lock.  A node that hangs is killed after its grace time, so this ends."""
        with (self.around.run / f"{role}.lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(STEP_S)
                else:
                    return


def kill_group(leader_pid: int) -> None:
    """Kill what is left of the process group that `leader_pid` led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader_pid, signal.SIGKILL)


def ending(status: int) -> str:
    """How a process ended, for people.  `status` as Popen gives it: negative for a signal."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended (exit status {status})"
