"""Looking at processes that tests have started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from settings import child_environment
from tests.services import until

CHECKOUT = Path(__file__).parent.parent.parent


def is_alive(pid: int) -> bool:
    """A zombie that nobody has waited for counts as gone."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def family(pid: int) -> list[int]:
    """`pid` and all that came from it."""
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


class Started:
    """A command line of ours that runs until it's told to stop."""

    def __init__(self, arguments: list[str], data: Path, **environment: str) -> None:
        self.data = data
        self.output = data.parent / f"{data.name}.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments], cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env=child_environment(**environment), start_new_session=True,
            )  # fmt: skip
        self.known: set[int] = {self.process.pid}

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_for(self, text: str, *, times: int = 1, within_s: float = 60.0) -> None:
        """Until the output holds `text`; fails early when the process has ended without it."""

        def said() -> bool:
            return self.text.count(text) >= times or self.process.poll() is not None

        until(said, f"{text!r} in the output:\n{self.text}", within_s=within_s)
        assert self.text.count(text) >= times, f"ended without {text!r}:\n{self.text}"
        self.look()

    def look(self) -> None:
        """Remember all processes there are now."""
        if self.process.poll() is None:
            self.known.update(family(self.process.pid))

    def node_pid(self, node: str) -> int:
        """The main process of `node`."""
        path = self.data / "run" / f"{node}.pid"
        until(lambda: path.exists() and path.read_text().strip(), f"{path} appears")
        return int(path.read_text())

    def own_processes(self) -> list[int]:
        """The supervisor, then the wrappers of its nodes."""
        (supervisor,) = psutil.Process(self.process.pid).children()
        return [supervisor.pid, *(wrapper.pid for wrapper in supervisor.children())]

    def signal(self, number: signal.Signals) -> None:
        self.look()
        self.process.send_signal(number)

    def wait(self, within_s: float = 60.0) -> int:
        """Its exit status."""
        return self.process.wait(within_s)

    def leaves_nothing(self, within_s: float = 30.0) -> None:
        """Every process that was ever seen is gone."""
        until(lambda: not self.alive(), f"these are gone: {self.alive()}\n{self.text}", within_s=within_s)

    def alive(self) -> list[int]:
        return [pid for pid in self.known if is_alive(pid)]

    def end(self) -> None:
        """For teardown: whatever is left is killed."""
        self.look()
        for pid in self.alive():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
