"""Changing the number of nodes while they run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import child_environment
from tests.fleet.processes import CHECKOUT
from tests.services import until


class Scaled:
    """A supervisor of web nodes that takes their number."""

    def __init__(self, data: Path) -> None:
        self.run = data / "run"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fleet.scaling_driver", str(data)], cwd=CHECKOUT, stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=child_environment(), text=True,
        )  # fmt: skip

    def to(self, count: int) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()

    def has(self, *nodes: str) -> None:
        until(lambda: {path.stem for path in self.run.glob("*.pid")} == set(nodes), f"exactly {nodes} run")

    def pid(self, node: str) -> str:
        return (self.run / f"{node}.pid").read_text()


@pytest.fixture
def scaled(tmp_path: Path) -> Iterator[Scaled]:
    scaled = Scaled(tmp_path / "data")
    yield scaled
    scaled.process.communicate(timeout=60)


def test_nodes_come_and_go_while_the_others_stay(scaled: Scaled) -> None:
    scaled.has("web.1")
    first = scaled.pid("web.1")

    scaled.to(3)
    scaled.has("web.1", "web.2", "web.3")
    scaled.to(2)
    scaled.has("web.1", "web.2")
    scaled.to(3)
    scaled.has("web.1", "web.2", "web.3")

    assert scaled.pid("web.1") == first
