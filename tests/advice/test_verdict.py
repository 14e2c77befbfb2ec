"""The first words of a report, and what they rest on, are right, whatever was measured; compared to the letter."""

import math
from dataclasses import replace

import pytest

from dynometer.advice.details import details
from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.facts import Curve, CurvePoint, Facts, Observables
from dynometer.advice.verdict import verdict
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Setback, Standing
from tests.advice.rows import SEQUENTIAL, curve, diagnosed, point, probe, usl, void

THREADS = curve("threads", {1: 0.99, 2: 1.01, 4: 1.0})
POOL = curve("pool", {1: 0.99, 2: 1.92, 4: 1.9})
NUMPY = curve("vectorised", {1: 41.0}, "numpy")
MEMORY_THREADS = curve("threads", {1: 1.0, 2: 1.01, 4: 1.01})
MIXED = Observables(activity=0.22, thread_speedup=2.05, switches_1=1.1)
FAILED = Setback(Point("pool", "python", 2), Standing.FAILED, "It raised.")
POOL_TO_2 = (
    "pool scales to 2 workers (1.92x, 95 % interval 1.88 to 1.96), then flattens: this machine has 2 usable"
    " CPUs,"
    " and 4 workers oversubscribe them."
)
LOCK = "the interpreter's lock (GIL) lets one thread compute at a time (4 signals agree)."
THREADS_IDLE = f"threads do not help (1.01x): {LOCK}"
THE_LOCK = f"T{LOCK[1:]}"


def said(*curves, **more):
    return " ".join(details(*diagnosed(*curves, **more)))


def without_speedup(of):
    return replace(of, points=tuple(replace(one, speedup=None) for one in of.points))


SITUATIONS = {
    "the tutorial case": (
        ((SEQUENTIAL, THREADS, POOL, NUMPY), {"seen": probe("pysum")}),
        f"{POOL_TO_2} {THREADS_IDLE} numpy on one core is 21x as fast as any of them: 41x (40 to 42) over sequential.",
    ),
    "nothing measured": (((), {}), "Nothing was measured that counts."),
    "nothing could be measured": (
        ((), {"setbacks": (FAILED, void("threads")), "unavailable": {"interpreters": "Not on this Python."}}),
        (
            "Nothing was measured that counts. threads (python) is void: its values are not those of the reference."
            " Not measured: interpreters (unavailable) and pool with 2 (failed)."
        ),
    ),
    "all invalid": (
        ((curve("sequential", {1: 1.0}, grade="invalid"), curve("pool", {2: 1.9, 4: 1.9}, grade="invalid")), {}),
        "No number counts: all of 3 points are invalid; measure again on a quiet machine.",
    ),
    "one point invalid": (
        (
            (SEQUENTIAL, replace(POOL, points=(*POOL.points[:2], point(4, 0.5, grade="invalid")))),
            {"seen": probe("pysum")},
        ),
        (
            "pool scales to 2 workers (1.92x, 95 % interval 1.88 to 1.96), the most with a valid number."
            f" {THE_LOCK} 1 of 4 points is invalid and left out."
        ),
    ),
    "one worker count": (
        ((SEQUENTIAL, curve("pool", {2: 1.92})), {"seen": probe("pysum")}),
        (
            "pool reaches 1.92x (95 % interval 1.88 to 1.96) with 2 workers, the only count measured, so nothing can be"
            " said"
            f" about more. {THE_LOCK}"
        ),
    ),
    "one worker": (
        ((SEQUENTIAL, curve("pool", {1: 0.97})), {}),
        "pool: measured with 1 worker only, which tells nothing about more of them. What limits it was not measured.",
    ),
    "only the baseline": (
        ((SEQUENTIAL,), {}),
        "Only the sequential run was measured: nothing can be said about scaling.",
    ),
    "no baseline": (
        ((without_speedup(curve("pool", {1: 1.0, 2: 1.9})),), {}),
        (
            "There is no sequential baseline, so no speed-up can be said (pool with 2: 19 items/s)."
            " What limits it was not measured."
        ),
    ),
    "noisy": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.7}, grade="C", half_width=0.12)), {"seen": probe("pysum")}),
        (
            f"pool scales to 2 workers (1.70x, 95 % interval 1.50 to 1.90), the most measured. {THE_LOCK}"
            " Weak numbers (grade C): pool with 2; measure again before relying on them."
        ),
    ),
    "too noisy to tell": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.3}, half_width=0.3)), {}),
        "pool shows no clear gain: 1.30x (0.91 to 1.69). What limits it was not measured.",
    ),
    "void": (
        ((SEQUENTIAL, THREADS, POOL, NUMPY), {"seen": probe("pysum"), "setbacks": (void("vectorised", "numpy", 1),)}),
        f"{POOL_TO_2} {THREADS_IDLE} vectorised (numpy) is void: its values are not those of the reference.",
    ),
    "oversubscribed to its harm": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.95, 4: 1.9, 8: 1.5})), {"seen": probe("pysum")}),
        (
            "pool scales to 2 workers (1.95x, 95 % interval 1.91 to 1.99), then falls to 1.50x at 8: this machine has 2"
            " usable"
            f" CPUs, and 8 workers oversubscribe them. {THE_LOCK}"
        ),
    ),
    "waiting": (
        (
            (
                SEQUENTIAL,
                curve("threads", {1: 1.0, 10: 9.9, 100: 98.0}),
                curve("event-loop", {1: 1.0, 10: 10.0, 100: 99.0}, "coroutine"),
            ),
            {"seen": probe("sleep10")},
        ),
        (
            "threads scale to 100 workers (98x, 95 % interval 96 to 100; level with event-loop), the most measured and"
            " far beyond"
            " the 2 usable CPUs, as calls wait. Calls wait for something outside the CPU, and waits overlap (4 signals"
            " agree)."
        ),
    ),
    "memory-bound": (
        ((SEQUENTIAL, MEMORY_THREADS, curve("pool", {1: 1.0, 2: 1.12, 4: 1.12})), {"seen": probe("memadd_32MB")}),
        (
            "pool gains little: 1.12x (95 % interval 1.10 to 1.14) with 2 workers, then flattens: workers share the"
            " memory's"
            " bandwidth. threads do not help (1.01x). More workers on this node bring little: they share memory"
            " bandwidth or a"
            " cache (3 signals agree)."
        ),
    ),
    "memory-bound without any gain": (
        ((SEQUENTIAL, MEMORY_THREADS), {"seen": probe("memadd_32MB")}),
        (
            "threads do not help (1.01x). More workers on this node will not help: they share memory bandwidth or a"
            " cache"
            " (3 signals agree)."
        ),
    ),
    "the peak is passed": (
        (
            (SEQUENTIAL, curve("pool", {1: 1.0, 8: 6.0, 16: 8.0, 32: 6.5}, law=usl(0.02, 0.003))),
            {"cpus": 64.0, "seen": Observables(process_cpu_ratio=1.2)},
        ),
        (
            "pool rises to 8.00x (95 % interval 7.84 to 8.16) with 16 workers, then falls to 6.50x at 32: its law peaks"
            " near 18"
            " workers (14 to 22). Each worker makes the others' work costlier: they keep shared data alike (2 signals"
            " agree)."
        ),
    ),
    "starved": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.4})), {"seen": probe("pysum", pressure_share=0.6)}),
        (
            "pool gains little: 1.40x (95 % interval 1.37 to 1.43) with 2 workers, the most measured. Other work"
            " kept this"
            " machine's CPUs busy, so no cause is named: under such a load they look alike."
        ),
    ),
    "two models level": (
        ((SEQUENTIAL, curve("threads", {1: 1.0, 2: 1.9}), curve("pool", {1: 1.0, 2: 1.93})), {"seen": probe("zlib")}),
        "threads scale to 2 workers (1.90x, 95 % interval 1.86 to 1.94; level with pool), the most measured.",
    ),
    "one model behind": (
        ((SEQUENTIAL, curve("processes-manager", {1: 0.9, 2: 1.5}), POOL), {"seen": probe("pysum")}),
        f"{POOL_TO_2} processes-manager reaches 1.50x with 2. {THE_LOCK}",
    ),
    "messages cost more than the work": (
        (
            (SEQUENTIAL, curve("threads", {1: 0.98, 2: 0.98}), curve("pool", {1: 0.3, 2: 0.35})),
            {
                "seen": probe(
                    "pysum", pickle_s=9.5e-3, call_s=1e-3, call_cpu_s=1e-3, process_speedup=1.1, gil_share=None
                )
            },
        ),
        (
            "threads do not help (0.98x): the interpreter's lock (GIL) lets one thread compute at a time (2 signals"
            " agree)."
            " pool is slower than sequential (0.35x): sending items and values between processes costs more than the"
            " computing"
            " itself (2 signals agree)."
        ),
    ),
    "numpy level with processes": (
        ((SEQUENTIAL, POOL, curve("vectorised", {1: 1.93}, "numpy")), {"seen": probe("pysum")}),
        f"{POOL_TO_2} numpy on one core and pool with 2 are level: 1.93x (1.89 to 1.97) over sequential. {THE_LOCK}",
    ),
    "numpy slower than processes": (
        ((SEQUENTIAL, POOL, curve("vectorised", {1: 1.2}, "numpy")), {"seen": probe("pysum")}),
        f"{POOL_TO_2} numpy on one core is slower than pool with 2: 1.20x (1.18 to 1.22) over sequential. {THE_LOCK}",
    ),
    "numpy over processes": (
        ((SEQUENTIAL, NUMPY, curve("pool", {2: 75.0}, "numpy")), {"seen": probe("pysum")}),
        (
            "numpy on one core is 41x as fast as the sequential run. numpy under pool with 2 workers reaches 75x (74 to"
            " 76)."
            f" {THE_LOCK}"
        ),
    ),
    "a lock inside the calls": (
        ((SEQUENTIAL, curve("threads", {1: 1.0, 2: 1.99, 4: 3.28, 8: 3.3})), {"seen": probe("lockio_3ms_of_10")}),
        (
            "threads scale to 4 workers (3.28x, 95 % interval 3.21 to 3.35), then flatten: calls queue for a lock or a"
            " limit."
            " Calls wait, and wait for one another too: a lock in this process, by the switches per item (3 signals"
            " agree)."
        ),
    ),
    "a mix of computing and waiting": (
        ((SEQUENTIAL, curve("threads", {1: 1.0, 2: 2.05, 4: 4.2, 8: 4.9, 12: 4.6})), {"seen": MIXED}),
        (
            "threads scale to 8 workers (4.90x, 95 % interval 4.80 to 5.00), then fall to 4.60x at 12. Each call"
            " computes for a"
            " part of its time and waits for the rest (3 signals agree)."
        ),
    ),
    "a quota": (
        (
            (SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.4, 4: 1.4})),
            {"cpus": 1.5, "seen": probe("pysum", throttled=True, cpu_quota=1.5)},
        ),
        (
            "pool scales to 2 workers (1.40x, 95 % interval 1.37 to 1.43), then flattens: this machine has 1.5 usable"
            " CPUs, and 4"
            " workers oversubscribe them. The workers used up the quota of 1.5 CPUs and were stopped for a part of each"
            " period"
            " (2 signals agree)."
        ),
    ),
    "one CPU": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.0, 4: 0.98})), {"cpus": 1.0, "seen": probe("pysum")}),
        (
            "pool does not help (1.00x). Why is undetermined: on 1 usable CPU, workers that compute take turns whatever"
            " they do."
        ),
    ),
    "undetermined": (
        ((SEQUENTIAL, POOL), {"seen": Observables(activity=0.99)}),
        f"{POOL_TO_2} Why is undetermined: no two signals agree.",
    ),
    "more cores than workers": (
        ((SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.97, 4: 3.8})), {"cpus": 8.0, "seen": probe("pysum")}),
        f"pool scales to 4 workers (3.80x, 95 % interval 3.72 to 3.88), the most measured. {THE_LOCK}",
    ),
    "a cluster": (
        ((SEQUENTIAL, POOL, curve("cluster", {2: 1.9, 4: 3.7})), {"seen": probe("pysum"), "nodes": 2}),
        f"{POOL_TO_2} cluster reaches 3.70x (3.63 to 3.77) with 4 workers. {THE_LOCK}",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_details_say(situation):
    (curves, more), sentence = SITUATIONS[situation]

    assert said(*curves, **more) == sentence


IN_SHORT = {
    "the tutorial case": "pool scales to 2 workers (1.92x); threads do not help (1.01x), as the interpreter's lock"
    " (GIL) lets one thread compute at a time. numpy on one core is 21x as fast as any of them.",
    "nothing measured": "Nothing was measured that counts.",
    "one worker count": "pool reaches 1.92x with 2 workers.",
    "only the baseline": "Only the sequential run was measured: nothing can be said about scaling.",
    "noisy": "pool scales to 2 workers (1.70x). Weak numbers (grade C): pool with 2; measure again before relying on"
    " them.",
    "too noisy to tell": "pool reached 1.30x, which is no clear gain.",
    "waiting": "threads and event-loop scale to 100 workers (98x), as calls wait rather than compute.",
    "memory-bound": "pool gains little (1.12x with 2 workers); threads do not help (1.01x), as workers share the"
    " memory's bandwidth.",
    "starved": "pool gains little (1.40x with 2 workers). Other work kept this machine's CPUs busy, so no cause is"
    " named: under such a load they look alike.",
    "one model behind": "pool scales to 2 workers (1.92x). Next is processes-manager (1.50x).",
    "messages cost more than the work": "threads do not help (0.98x), as the interpreter's lock (GIL) lets one thread"
    " compute at a time; pool is slower than one call after the other (0.35x), as messages between processes cost more"
    " than the work itself.",
    "a lock inside the calls": "threads scale to 4 workers (3.28x), as calls wait, in part for one another.",
}


@pytest.mark.parametrize("situation", IN_SHORT)
def test_the_verdict_is_a_sentence_or_two(situation):
    (curves, more), _ = SITUATIONS[situation]

    assert verdict(*diagnosed(*curves, **more)) == IN_SHORT[situation]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_verdict_is_short_and_whole(situation):
    (curves, more), _ = SITUATIONS[situation]

    text = verdict(*diagnosed(*curves, **more))

    assert text.endswith(".")
    assert len(text) < 300


def test_a_superlinear_curve_is_doubted_in_the_verdict():
    law = replace(usl(0.0, 0.0), superlinear="Superlinear: without bounds sigma would be -0.1.")
    too_good = curve("pool", {1: 1.0, 2: 2.3, 4: 5.2}, law=law)

    text = verdict(*diagnosed(SEQUENTIAL, too_good, cpus=4.0))

    assert "pool (python) gains more than its workers can give (superlinear)" in text


@pytest.mark.parametrize(("pool", "half_width"), [(1.93, 0.0), (1.99, 0.03)])  # a gain of 2 %; intervals that overlap
def test_no_winner_is_named_by_less_than_5_percent_or_with_overlapping_intervals(pool, half_width):
    threads, processes = (
        curve(model, {1: 1.0, 2: gain}, half_width=half_width) for model, gain in (("threads", 1.9), ("pool", pool))
    )

    assert "level with pool" in said(SEQUENTIAL, threads, processes)


def test_a_wide_interval_does_not_bring_the_single_worker_to_the_front():
    loose = curve("pool", {1: 1.0, 2: 1.5}, half_width=0.3)

    assert said(SEQUENTIAL, loose).startswith("pool scales to 2 workers (1.50x, 95 % interval 1.05 to 1.95)")


def test_a_speedup_that_was_not_taken_within_blocks_is_made_of_the_throughputs():
    text = said(SEQUENTIAL, without_speedup(curve("pool", {1: 1.0, 2: 1.9})))

    assert text.startswith(
        "pool scales to 2 workers (1.90x, 95 % interval 1.83 to 1.98)"
    )  # 1.9 x .98/1.02 and 1.02/.98


def test_values_far_apart_are_not_called_level_because_of_wide_intervals():
    python = CurvePoint(1, Estimate(3.8, 0.0, math.inf), None, "C", 0.0, None)
    numpy = CurvePoint(1, Estimate(118.0, 0.0, math.inf), None, "C", 0.0, None)
    facts = Facts("random-sum", 2.0, Observables(), (Curve("threads", "python", (python,)),
                                                     Curve("vectorised", "numpy", (numpy,))), 8, variant="python")

    text = " ".join(details(facts, diagnose_facts(facts)))

    assert "numpy on one core and threads with 1 can't be told apart, as their intervals are too wide." in text
