"""Efficiency: the floor's time over an engine's, by size of item; and the peers on the same items."""

from collections.abc import Callable, Iterator

from bench.contest import OURS, Contest, Race, contest
from bench.figures import Figure, Goal, Row
from bench.peers import Peer
from bench.spin import Mix
from bench.stage import Plan, Stage

ITEM_MS = (0.1, 1.0, 10.0, 100.0)
SHORT_S, LONG_S, QUICK_S = 4.0, 30.0, 0.4  # CPU seconds of a job
SHORT_GOALS = (0.90, 0.94, 0.95, 0.95)
LONG_GOALS = (0.95, 0.97, 0.97, 0.97)


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """Jobs of 4 s CPU beside all peers, then of 30 s CPU alone."""
    cpu_s = QUICK_S if plan.is_quick else SHORT_S
    races: dict[float, Race] = {}
    with contest(stage, plan, plan.peers) as all_engines:
        for item_ms, goal in zip(ITEM_MS, SHORT_GOALS, strict=True):
            races[item_ms] = race(stage, all_engines, item_ms, cpu_s)
            yield row(races[item_ms], item_ms, cpu_s, goal, is_full=not plan.is_quick)
    yield from leads(races, plan)
    if not plan.is_quick:
        with contest(stage, plan, ()) as ours_alone:
            for item_ms, goal in zip(ITEM_MS, LONG_GOALS, strict=True):
                yield row(race(stage, ours_alone, item_ms, LONG_S), item_ms, LONG_S, goal, is_full=True)


def race(stage: Stage, engines: Contest, item_ms: float, cpu_s: float) -> Race:
    items = max(2, round(cpu_s * 1000 / item_ms))
    return engines.race(Mix(steps=stage.steps(item_ms / 1000)), items)


def row(race: Race, item_ms: float, cpu_s: float, goal: float, *, is_full: bool) -> Row:
    return Row(
        f"efficiency, {cpu_s:g} s CPU in items of {item_ms:g} ms", race.efficiency(OURS), Goal(">=", goal),
        peers=race.peers(), notes=race.notes, is_full=is_full,
    )  # fmt: skip


def leads(races: dict[float, Race], plan: Plan) -> Iterator[Row]:
    """How far ours is ahead where it's least ahead: of engines with a task per item, and of durable ones."""
    kinds: dict[str, Callable[[Peer], bool]] = {
        "lead over a task per item, where least": lambda peer: peer.is_per_item,
        "lead over durable chunks by hand, where least": lambda peer: peer.is_durable,
    }
    for what, belongs in kinds.items():
        titles = {peer.title for peer in plan.peers if belongs(peer)}
        if found := [
            (race.lead(title), f"against {title}, items of {item_ms:g} ms")
            for item_ms, race in races.items()
            for title in titles & race.trials.keys()
        ]:
            least, where = min(found, key=lambda pair: median_of(pair[0]))
            yield Row(what, least, Goal(">", 1.0), "times", notes=(where,), is_full=not plan.is_quick)


def median_of(figure: Figure) -> float:
    return figure.median
