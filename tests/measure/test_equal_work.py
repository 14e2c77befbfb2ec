"""Items of unequal cost: the ratio of two points must be that of their speeds, however many items each gets through."""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

import pytest

from dynometer import execution
from dynometer.measure import window
from dynometer.measure.order import Proved
from dynometer.measure.recorder import Recorder
from dynometer.measure.spread import spread
from dynometer.measure.sweep import sweep
from dynometer.measure.trial import Point
from dynometer.summary.facts import summarise
from tests.measure.known import BASELINE, QUIET, KnownBench, plan_of, pool, threads
from tests.measure.test_result import FACTS

ITEMS = 100_000
QUICK = Point("vectorised", "numpy", 1)
SPEEDS = {BASELINE: 1.0, threads(3): 0.8, pool(2): 1.9, QUICK: 50.0}
COSTS = {  # of an item by its place [s]; the mean of each is about 5 ms
    "rises": lambda place: place * 1e-7,
    "few are dear": lambda place: 0.1 if place * 2_654_435_761 % 2**32 < 2**32 // 20 else 1e-5,
}


@dataclass
class KnownCrew:
    """Takes as long as its items cost, at its speed."""

    cost: object
    speed: float
    dictated_s: float = 0.0

    def run(self, items, chunk):
        self.dictated_s = sum(map(self.cost, items)) / self.speed

    def process_ids(self):
        return ()

    def worker_cpu_s(self):
        return None


@dataclass
class KnownModel:
    point: Point
    cost: object
    uses_processes: bool = False
    most_workers: int | None = None

    @contextmanager
    def crew(self, work, workers, start_method):
        yield KnownCrew(self.cost, SPEEDS[self.point])


class Silent:
    def __init__(self):
        self.trials = []

    def stage(self, name, limit_s=0.0, items=0):
        pass

    def say(self, said):
        self.trials.append(said.trial)


@dataclass
class RealWindows(KnownBench):
    """Windows are those of the measuring process; what crews take is known, and so is the proof."""

    cost: object = None

    def prove(self, order, end_s):
        costs = [self.cost(place) for place in islice(spread(ITEMS), 500)]
        first_s, mean_s = sum(costs[:20]) / 20, sum(costs) / 500
        for point in (order.reference, *order.points):
            speed = next(speed for known, speed in SPEEDS.items() if known.model == point.model)
            yield Proved(point, True, "", first_s / speed, activity=1.0, mean_item_s=mean_s)

    def window(self, order, end_s):
        voice = Silent()
        window.measure(order, voice)
        [trial] = voice.trials
        self.clock_s += trial.wall_s
        return replace(trial, signals=QUIET, cpu_s=trial.items * 0.01, doubts=())


def measured(monkeypatch, cost):
    models = {point.model: KnownModel(point, cost) for point in SPEEDS}
    monkeypatch.setattr(execution, "find", models.__getitem__)
    monkeypatch.setattr(window.detectors, "spin", lambda: 0.003)
    monkeypatch.setattr(window.gc, "collect", lambda: None)
    plan = plan_of(*list(SPEEDS)[1:], workload="math:factorial", parameters={}, items=ITEMS, blocks_least=2)
    recorder = Recorder(plan, FACTS, offers=())
    list(recorder.follow(sweep(plan, RealWindows(cost=cost))))
    return recorder.result()


@pytest.mark.parametrize("kind", COSTS)
def test_speed_ups_are_those_of_the_speeds_whatever_items_cost(monkeypatch, kind):
    result = measured(monkeypatch, COSTS[kind])

    summary = summarise(result)
    counts = {trial.point: trial.items for trial in result.trials}
    [sample] = {trial.sample for trial in result.trials}
    assert counts[QUICK] > 20 * counts[BASELINE] > 0  # windows of very different length
    assert 32 <= sample <= 128  # about half a second of 5 ms
    assert all(count % sample == 0 for count in counts.values())  # each item of the sample equally often
    for point, speed in SPEEDS.items():
        assert summary.at(point).speedup.value == pytest.approx(speed, rel=1e-9)
        assert summary.at(point).speedup.low == pytest.approx(speed, rel=1e-9)
    if kind == "rises":  # an even sample of it gives the throughput of the whole job
        assert summary.at(BASELINE).throughput_per_s.value == pytest.approx(1 / 0.005, rel=0.05)
