"""Results made by hand: windows with the throughput that a law dictates, and noise from a seed."""

import math
import random

from dynometer.measure.machine import Environment
from dynometer.measure.plan import Plan
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Probe, Signals, Trial

ENVIRONMENT = Environment(
    cpu_model="Test CPU", cpus_online=2, cpus_affinity=2, cpu_quota=None, cpus_usable=2.0, memory_bytes=8_000_000_000,
    virtualisation=None, clock_policy=None, system="Linux 6.1 x86_64", python="3.11.7", implementation="CPython",
    build="GCC 12", is_gil_enabled=True, switch_interval_s=0.005, start_method_default="fork", blas=None,
    library_threads=1, hash_seed="0", versions={"dynometer": "0.1.0"}, load_before=0.1, pressure_before=0.0,
)
QUIET = Signals(run_delay_share=0.001, cpu_pressure_share=0.0, others_cores=0.01, throttled_periods=0, steal_share=0.0,
                clock_change=0.0, major_faults=0)
BASELINE = Point("sequential", "python", 1)
GIL = {  # throughput [items/s] of the tutorial case on two CPUs
    BASELINE: 10.0,
    Point("threads", "python", 1): 10.0, Point("threads", "python", 2): 10.1, Point("threads", "python", 4): 10.2,
    Point("pool", "python", 1): 9.9, Point("pool", "python", 2): 19.3, Point("pool", "python", 4): 19.1,
    Point("vectorised", "numpy", 1): 400.0,
}
PROBES = (Probe("python", 1e-6, 60.0, 0.0052, None, 1e-7),)


def plan(points=tuple(GIL), **changes):
    given = {
        "workload": "random-sum", "parameters": {"numbers": 1000}, "items": 1000, "inputs": None,
        "points": tuple(points), "baseline": BASELINE, "budget_s": 50.0, "seed": 1, "start_method": "fork",
    }
    return Plan(**(given | changes))


def trial(point, block=0, throughput=10.0, *, items=100, cores=1.0, switches=0, rejected=(), doubts=(), signals=QUIET,
          worker_cpu_s=None):
    """A window of `items` at `throughput` [items/s], in which `cores` were busy."""
    wall_s = items / throughput
    return Trial(
        point=point, block=block, place=0, attempt=1, items=items, chunk=1, wall_s=wall_s, cpu_s=cores * wall_s,
        system_cpu_s=0.01 * wall_s, worker_cpu_s=cores * wall_s if worker_cpu_s is None else worker_cpu_s,
        voluntary_switches=switches, signals=signals, rejected=rejected, doubts=doubts, startup_s=0.05,
        memory_pss_bytes=50_000_000,
    )


def busy(point):
    """Cores that workers of pure Python keep busy on two CPUs."""
    return min(point.workers, 2) if point.model == "pool" else 1.0


def made(throughputs=GIL, *, blocks=5, noise=0.0, seed=1, environment=ENVIRONMENT, setbacks=(), state="finished",
         probes=PROBES, drift=0.0, **changes):
    """Every point once per block; `noise` is the deviation of ln X, and block b is e^(drift b) times as fast."""
    draw = random.Random(seed)
    trials = [trial(point, block, throughput * math.exp(draw.gauss(0.0, noise) + drift * block), cores=busy(point))
              for block in range(blocks) for point, throughput in throughputs.items()]
    return SweepResult(plan(**({"points": throughputs} | changes)), environment, "2026-01-02T03:04:05Z", 42.0, state,
                       tuple(trials), tuple(setbacks), tuple(probes))
