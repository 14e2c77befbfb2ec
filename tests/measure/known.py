"""Known truth for the tests of measuring: trials and plans made by hand, and a bench without processes or clock."""

import random
from dataclasses import dataclass, field, replace

from dynometer.measure.bench import PointFailed
from dynometer.measure.order import Proved
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point, Probe, Signals, Trial

BASELINE = Point("sequential", "python", 1)
QUIET = Signals(run_delay_share=0.0, cpu_pressure_share=0.0, others_cores=0.0, throttled_periods=0, steal_share=0.0,
                clock_change=0.0, major_faults=0, spin_s=0.003)
BUSY = replace(QUIET, run_delay_share=0.3, others_cores=1.0)


def trial_of(point=BASELINE, rate_per_s=10.0, items=300, **changes):
    facts = {"point": point, "block": 0, "place": 0, "attempt": 1, "items": items, "chunk": 1,
             "wall_s": items / rate_per_s, "cpu_s": items * 0.01, "system_cpu_s": 0.0, "worker_cpu_s": items * 0.01,
             "voluntary_switches": 3, "signals": QUIET}
    return Trial(**(facts | changes))


def plan_of(*points, **changes):
    facts = {"workload": "random-sum", "parameters": {"numbers": 10, "low": 1, "high": 100, "seed": 1}, "items": 8,
             "inputs": None, "points": (BASELINE, *points), "baseline": BASELINE, "budget_s": 1e6, "seed": 1,
             "start_method": "fork", "diagnoses": False}
    return Plan(**(facts | changes))


def threads(workers):
    return Point("threads", "python", workers)


def pool(workers):
    return Point("pool", "python", workers)


@dataclass
class KnownBench:
    """Answers with known throughputs; its clock moves by what windows would take."""

    rates_per_s: dict = field(default_factory=dict)  # point -> throughput; 100 by default
    noise: float = 0.0  # standard deviation of ln X
    item_s: float = 0.01
    activity: float = 1.0
    signals: dict = field(default_factory=dict)  # (block, attempt) -> Signals; quiet by default
    failing: dict = field(default_factory=dict)  # point -> sentence, in the second block
    proofs: dict = field(default_factory=dict)  # (model, variant) -> Proved
    start_s: float = 0.5
    clock_s: float = 100.0
    paused_s: list = field(default_factory=list)
    draw: random.Random = field(default_factory=lambda: random.Random(7))

    def now_s(self):
        return self.clock_s

    def pause(self, seconds):
        self.paused_s.append(seconds)
        self.clock_s += seconds

    def prove(self, order, end_s):
        for point in (order.reference, *order.points):
            equal = Proved(point, True, "", self.item_s, activity=self.activity)
            yield self.proofs.get((point.model, point.variant), equal)

    def probe(self, order, end_s):
        return Probe(order.variant, 1e-6, 10.0, 0.005, None, 5e-8)

    def window(self, order, end_s):
        if order.block == 1 and order.point in self.failing:
            raise PointFailed(self.failing[order.point])
        rate_per_s = self.rates_per_s.get(order.point, 100.0) * self.draw.lognormvariate(0.0, self.noise)
        trial = trial_of(order.point, rate_per_s, order.items or 30 * order.point.workers, block=order.block,
                         place=order.place, attempt=order.attempt, sample=order.sample, chunk=order.chunk,
                         signals=self.signals.get((order.block, order.attempt), QUIET))
        self.clock_s += self.start_s + trial.wall_s
        return trial
