"""A small load: one thread, some kept connections, as fast as answers come or at a pace.  Only whole answers count."""

import re
import selectors
import socket
from dataclasses import dataclass
from time import perf_counter

from bench.figures import percentile

LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
CONNECTIONS = 16
BATCH = 16  # requests sent together: one system call for many, so that this load is lighter than what it loads


@dataclass(frozen=True)
class Load:
    """What is asked, and whom."""

    port: int
    request: bytes  # one whole GET
    status: bytes = b"200"
    batch: int = 1


@dataclass(frozen=True)
class Answers:
    """What came back."""

    count: int
    latencies_s: tuple[float, ...]  # of batches

    @property
    def p99_s(self) -> float:
        return percentile(self.latencies_s, 99)


class Caller:
    """One connection."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.socket = socket.create_connection(("127.0.0.1", load.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.waits_for, self.sent_at = b"", 0, 0.0

    def send(self) -> None:
        self.waits_for, self.sent_at = self.load.batch, perf_counter()
        self.socket.sendall(self.load.request * self.load.batch)

    def receive(self) -> int:
        """Whole answers that came now.  Raises RuntimeError on one that is not what was to come."""
        more = self.socket.recv(262_144)
        if not more:
            raise RuntimeError(f"the connection was closed after {self.buffer[:200]!r}")
        self.buffer += more
        whole = 0
        while (end := answer_end(self.buffer, self.load.status)) and end <= len(self.buffer):
            self.heard(self.buffer[self.buffer.find(b"\r\n\r\n") + 4 : end])
            self.buffer, whole = self.buffer[end:], whole + 1
        self.waits_for -= whole
        return whole

    def heard(self, body: bytes) -> None:
        """One whole answer's body; a load has no use for it."""


def answer_end(data: bytes, status: bytes) -> int:
    """Where the first answer ends; 0 when that is not known yet."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return 0
    if data[9:12] != status:
        raise RuntimeError(data[:200].decode(errors="replace"))
    length = LENGTH.search(data, 0, head + 4)
    return head + 4 + (int(length[1]) if length and status != b"304" else 0)


def blast(load: Load, seconds: float) -> Answers:
    """As many as there is time for."""
    callers = [Caller(load) for _ in range(CONNECTIONS)]
    latencies: list[float] = []
    count = 0
    with selectors.DefaultSelector() as ready:
        for caller in callers:
            ready.register(caller.socket, selectors.EVENT_READ, caller)
            caller.send()
        until = perf_counter() + seconds
        while perf_counter() < until:
            for key, _ in ready.select(1.0):
                count += key.data.receive()
                if key.data.waits_for == 0:
                    latencies.append(perf_counter() - key.data.sent_at)
                    key.data.send()
    for caller in callers:
        caller.socket.close()
    return Answers(count, tuple(latencies))
