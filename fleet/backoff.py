"""How long a node that keeps ending waits before it starts again."""

import time

WINDOW_S = 60.0  # ends longer ago are forgotten
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 30.0


class Backoff:
    """Counts the ends of each node: the first start after one is at once, then the waits double."""

    def __init__(self) -> None:
        self._ends: dict[str, list[float]] = {}

    def ended(self, node: str) -> None:
        """Note that `node` ended just now."""
        now = time.monotonic()
        self._ends[node] = [*(then for then in self._ends.get(node, ()) if now - then < WINDOW_S), now]

    def delay_s(self, node: str) -> float | None:
        """Seconds to wait before `node` starts; None when it starts for the first time, or all is long ago."""
        now = time.monotonic()
        ends = sum(now - then < WINDOW_S for then in self._ends.get(node, ()))
        if ends == 0:
            return None
        return 0.0 if ends == 1 else float(min(FIRST_DELAY_S * 2 ** (ends - 2), LONGEST_DELAY_S))
