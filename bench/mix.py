"""Light and heavy items in one job, against the best that two processes could make of them."""

from collections.abc import Iterator

from bench.contest import OURS, contest
from bench.figures import Goal, Row
from bench.spin import Mix
from bench.stage import Plan, Stage

LIGHT_S = 0.001
GOAL = Goal(">=", 0.90)


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """4,000 items of 1 ms with 8 of 1 s among them, then with the 8 at the end; those with --quick are a tenth."""
    heavy_s, heavies, each = (0.1, 4, 100) if plan.is_quick else (1.0, 8, 500)
    light, heavy, items = stage.steps(LIGHT_S), stage.steps(heavy_s), heavies * (each + 1)
    cases = {
        "spread": Mix(steps=light, heavy_every=each + 1, heavy_steps=heavy),
        "heavy ones last": Mix(steps=light, heavy_from=heavies * each, heavy_steps=heavy),
    }
    peers = () if plan.is_quick else tuple(peer for peer in plan.peers if not peer.is_per_item)
    with contest(stage, plan, peers) as engines:
        for name, mix in cases.items():
            ideal = sorted(mix.all_of(items), reverse=True)  # dealt out in turn, the heavy ones first
            race = engines.race(mix, items, packed=ideal)
            what = f"mix of 1 ms and {heavy_s:g} s items, {name}"
            yield Row(what, race.efficiency(OURS), GOAL, peers=race.peers(), notes=race.notes,
                      is_full=not plan.is_quick)  # fmt: skip
