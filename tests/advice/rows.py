"""Made-up sweeps for the tests of diagnosis, advice and verdict, and the measured rows of the nine probes."""

import json
from dataclasses import replace
from pathlib import Path

from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.facts import Curve, CurvePoint, Facts, Observables
from dynometer.analysis.choice import Choice, Coefficients
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Setback, Standing

PUBLISHED = Path(__file__).parents[1] / "published"
BASE_PER_S = 10.0


def published(name):
    return json.loads((PUBLISHED / f"{name}.json").read_text())


ROWS = {row["workload"]: row for row in published("own_diagnosis_workloads")["rows"]}
EXTRA = {  # the columns of the table that the file keeps apart, and the lock row's switches with 4 threads
    "memadd_32MB": {"thread_speedup_4": 1.01},
    "sleep10": {"thread_speedup_4": 3.99},
    "lockio_3ms_of_10": {"thread_speedup_4": 3.28, "switches_4": 3.2},
}


def probe(workload, **changes):
    """The observables of one of the nine measured rows."""
    row = ROWS[workload]
    found = Observables(
        activity=row["A1"],
        thread_use_ratio=row["Ux2_threads"],
        thread_speedup=row["S2_threads"],
        process_speedup=row["S2_processes"],
        process_cpu_ratio=row["cinfl2_processes"],
        switches_1=row["nvcsw_item_1"],
        tick_overshoot_s=row["tick_median_ms_1"] / 1000,
        gil_share=row["gilknocker_1"],
        **EXTRA.get(workload, {}),
    )
    return replace(found, **changes)


def point(workers, gain, half_width=0.02, grade="A", startup_s=0.05, memory_pss_bytes=None):
    """A point whose speed-up is `gain`, with its interval as a share."""

    def around(value):
        return Estimate(value, value * (1 - half_width), value * (1 + half_width))

    return CurvePoint(workers, around(BASE_PER_S * gain), around(gain), grade, startup_s, memory_pss_bytes)


def curve(model, gains, variant="python", law=None, **of_points):
    """A curve from {workers: gain}."""
    return Curve(model, variant, tuple(point(workers, gain, **of_points) for workers, gain in gains.items()), law)


SEQUENTIAL = curve("sequential", {1: 1.0})


def facts(*curves, seen=None, cpus=2.0, items=10_000, **more):
    return Facts("made-up", cpus, seen or Observables(), curves, items, **more)


def diagnosed(*curves, **more):
    """The facts and what is diagnosed of them."""
    made = facts(*curves, **more)
    return made, diagnose_facts(made)


def void(model, variant="python", workers=2):
    return Setback(Point(model, variant, workers), Standing.VOID, "Its values are not those of the reference.")


def usl(sigma, kappa, gamma=BASE_PER_S, spread=0.2, residual_share=0.02):
    """A fitted law with intervals of `spread` around its coefficients."""

    def around(value):
        return Estimate(value, value * (1 - spread), value * (1 + spread))

    peak = around(((1 - sigma) / kappa) ** 0.5) if kappa else None
    coefficients = Coefficients(around(gamma), around(sigma), around(kappa))
    return Choice("usl", "kappa is above zero.", coefficients, peak, residual_share)
