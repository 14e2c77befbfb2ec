"""Watchers of one job, who each ask for all that its page polls once a second, from where they are in each feed."""

import re
import selectors
from time import perf_counter

from bench.requests import Answers, Caller, Load

CURSOR = re.compile(rb'"cursor": ?"?([0-9a-f.:]+)')
FEEDS = ("", "/series", "/tiles")


class Watched(Caller):
    """One feed of one watcher, by a connection of its own."""

    def __init__(self, port: int, link: str, feed: str) -> None:
        super().__init__(Load(port, b""))
        path, query = link.split("?")
        self.link, self.cursor = f"{path}{feed}?{query}", ""
        self.due_at = 0.0

    def ask(self, due_at: float) -> None:
        since = f"&since={self.cursor}" if self.cursor else ""
        self.load = Load(self.load.port, f"GET {self.link}{since} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self.due_at = due_at
        self.send()

    def heard(self, body: bytes) -> None:
        if found := CURSOR.search(body):  # read as JSON, the load would be the slower part
            self.cursor = found[1].decode()


def watch(port: int, link: str, watchers: int, seconds: float) -> Answers:
    """`watchers` times all feeds, each once a second, evenly spread; late ones excuse nobody behind them."""
    callers = [Watched(port, link, feed) for feed in FEEDS for _ in range(watchers)]
    callers = [callers[place * watchers + number] for number in range(watchers) for place in range(len(FEEDS))]
    latencies: list[float] = []
    with selectors.DefaultSelector() as ready:
        for caller in callers:
            ready.register(caller.socket, selectors.EVENT_READ, caller)
        start, sent, total = perf_counter(), 0, round(len(callers) * seconds)
        while len(latencies) < total:
            due = min(total, int((perf_counter() - start) * len(callers)) + 1)
            while sent < due and callers[sent % len(callers)].waits_for == 0:
                callers[sent % len(callers)].ask(start + sent / len(callers))
                sent += 1
            for key, _ in ready.select(0.001):
                if key.data.receive():
                    latencies.append(perf_counter() - key.data.due_at)
    for caller in callers:
        caller.socket.close()
    return Answers(len(latencies), tuple(latencies))
