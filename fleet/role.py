"""What the nodes of one kind have in common: how they start and how they stop."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def no_variables(node: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Role:
    """A kind of node."""

    name: str  # broker, nginx, web or worker
    command: tuple[str, ...]
    is_single: bool = False  # then its node is called as the role is, else <role>.1, <role>.2, ...
    variables: Callable[[str], Mapping[str, str]] = field(default=no_variables)  # node -> its environment
    niceness: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0  # from the stop signal to SIGKILL
    stops_after: tuple[str, ...] = ()  # roles whose nodes end first when the whole fleet stops

    def node_name(self, index: int) -> str:
        """The name of the node at `index`, counted from 0."""
        return self.name if self.is_single else f"{self.name}.{index + 1}"
