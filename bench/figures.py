"""What a benchmark says: figures with their spread, goals, and whether these are met."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Bound = Literal[">=", "<=", ">"]
MET, NOT_MET, SMALLER, NO_GOAL = "met", "not met", "smaller run", ""


@dataclass(frozen=True)
class Figure:
    """One number, measured once in each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def low(self) -> float:
        return min(self.rounds)

    @property
    def high(self) -> float:
        return max(self.rounds)


@dataclass(frozen=True)
class Goal:
    """Where a figure's median shall be."""

    bound: Bound
    limit: float

    def is_met(self, figure: Figure) -> bool:
        if self.bound == "<=":
            return figure.median <= self.limit
        return figure.median > self.limit if self.bound == ">" else figure.median >= self.limit


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    figure: Figure
    goal: Goal | None = None
    unit: str = ""
    peers: Mapping[str, Figure] = field(default_factory=dict)  # the same figure of others, by their names
    notes: tuple[str, ...] = ()
    is_full: bool = True  # False: smaller than the goal is meant for, so it's not judged

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return NO_GOAL
        if not self.is_full:
            return SMALLER
        return MET if self.goal.is_met(self.figure) else NOT_MET

    @property
    def best_peer(self) -> str | None:
        """Whose figure is nearest to what the goal asks for, or past it."""
        if not self.peers:
            return None
        is_low_good = self.goal is not None and self.goal.bound == "<="
        choose = min if is_low_good else max
        return choose(self.peers, key=lambda name: self.peers[name].median)


@dataclass(frozen=True)
class Section:
    """What one section of the benchmark found."""

    name: str
    rows: Sequence[Row]
    others_cores: float  # kept busy by others meanwhile
    took_s: float
    failure: str | None = None  # one sentence; the rows are those before it


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that at least `percent` % of them do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]
