"""The time of a sweep: what it has spent, what is left, and its turns alone on the machine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Alone = Callable[[], AbstractContextManager[None]]


class Budget:
    """Seconds of wall time.  Those that pass while the sweep waits for its turn are not its own: its end moves."""

    def __init__(self, now_s: Callable[[], float], whole_s: float, spent_s: float, alone: Alone) -> None:
        self._now_s, self._whole_s, self._alone = now_s, whole_s, alone
        self.end_s = now_s() + whole_s - spent_s
        self._is_alone = False

    def left_s(self) -> float:
        return self.end_s - self._now_s()

    def spent_s(self) -> float:
        """With what earlier lives of the sweep spent."""
        return self._whole_s - self.left_s()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else computes here meanwhile, as far as the caller's `alone` can see to it; a turn within one is it.

        What it takes to leave it is not the sweep's time either.
        """
        if self._is_alone:
            yield
            return
        asked_s = self._now_s()
        with self._alone():
            self._is_alone = True
            self.end_s += self._now_s() - asked_s
            try:
                yield
            finally:
                self._is_alone = False
