"""What the sections run on: started when the first of them asks, ended with the run."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench import fleet
from bench.fleet import Fleet
from bench.floor import TRIES
from bench.peers import Peer
from bench.spin import steps_per_second
from bench.web import Web, start_web
from tests.services import Postgres, RabbitMQ


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    is_quick: bool
    peers: tuple[Peer, ...]

    @property
    def tries(self) -> int:
        """How often a run is tried while the machine changes its speed."""
        return 1 if self.is_quick else TRIES


class Stage:
    """Services, the fleet and its web node."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dyno-bench-")))  # for logs

    @cached_property
    def postgres(self) -> Postgres:
        """With fsync and synchronous commits, as it comes."""
        server = Postgres()
        self.stack.callback(server.remove)
        server.start()
        return server

    @cached_property
    def rabbitmq(self) -> RabbitMQ:
        server = RabbitMQ()
        self.stack.callback(server.remove)
        server.start()
        return server

    @cached_property
    def fleet(self) -> Fleet:
        """One worker node of two processes."""
        return fleet.start(self.stack, self.postgres, self.rabbitmq)

    @cached_property
    def web(self) -> Web:
        """One web node over the fleet's database."""
        return start_web(self.stack, self.fleet)

    @cached_property
    def steps_per_s(self) -> float:
        """How fast the work goes, measured once so that all items of a run are alike."""
        return steps_per_second()

    def steps(self, item_s: float) -> int:
        """Steps of an item of that length."""
        return max(1, int(self.steps_per_s * item_s))
