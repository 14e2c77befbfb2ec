"""Each row of the table of advice fires on its row and is silent on one close by (science E)."""

from dataclasses import replace

import pytest

from dynometer.advice.advise import advise
from dynometer.advice.cause import Kind
from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.facts import Observables
from dynometer.advice.finding import RULES, GainSource, Severity
from dynometer.analysis.choice import Choice, Coefficients
from dynometer.estimate import Estimate
from dynometer.measure.trial import Standing
from tests.advice.rows import SEQUENTIAL, curve, diagnosed, facts, probe, published, usl, void

POOL = curve("pool", {1: 0.99, 2: 1.95, 4: 1.93})
THREADS = curve("threads", {1: 0.99, 2: 1.01, 4: 1.02})
FREE_THREADS = curve("threads", {1: 1.0, 2: 1.93, 4: 1.92})
NUMPY = curve("vectorised", {1: 41.0}, variant="numpy")
SUM = probe("pysum", call_s=0.1, call_cpu_s=0.1, pickle_s=5e-6)
SLEEP = probe("sleep10", call_s=0.01, call_cpu_s=4e-5)
MIXED = Observables(activity=0.5, thread_speedup=2.05, switches_1=1.1, call_s=0.01, call_cpu_s=0.005)  # 5 + 5 ms
LIST_900_KB = {"pickle_s": 9.5e-3}  # science D.2: CPU of both ways


def advised(*curves, **more):
    return advise(*diagnosed(*curves, **more))


def keys(findings):
    return [one.key for one in findings]


def gil(compute_s, **more):
    return probe("pysum", call_s=compute_s, call_cpu_s=compute_s, **more)


ROOFLINE = Choice("roofline", "X rises to the cores.", Coefficients(Estimate(10, 9.8, 10.2), None, None, 4.0))
PY314 = published("py314_modes")["derived"]

CASES = {  # key -> (what makes it the main advice, what is close by and does not make it fire at all)
    "measure-again": (
        lambda: advised(SEQUENTIAL, POOL, seen=replace(SUM, pressure_share=0.6)),
        lambda: advised(SEQUENTIAL, POOL, seen=SUM),
    ),
    "too-small": (
        lambda: advised(seen=gil(0.02), items=10),  # a job of 0.2 s
        lambda: advised(seen=gil(0.02), items=1000),
    ),
    "faster-variant": (
        lambda: advised(SEQUENTIAL, POOL, NUMPY, seen=SUM),
        lambda: advised(SEQUENTIAL, POOL, curve("vectorised", {1: 1.5}, variant="numpy"), seen=SUM),
    ),
    "event-loop": (
        lambda: advised(seen=SLEEP, items=100, available_models=frozenset({"threads", "event-loop"})),
        lambda: advised(seen=SLEEP, items=50, available_models=frozenset({"threads", "event-loop"})),
    ),
    "waiting-threads": (
        lambda: advised(seen=SLEEP, available_models=frozenset({"threads"})),
        lambda: advised(seen=SUM),
    ),
    "serial-limit": (lambda: advised(seen=probe("lockio_3ms_of_10")), lambda: advised(seen=SLEEP)),
    "processes-of-threads": (
        lambda: advised(seen=MIXED, cpus=4.0),
        lambda: advised(seen=MIXED, cpus=4.0, wanted_rate_per_s=100.0),
    ),  # 5 ms x 100/s: half a core
    "worker-processes": (
        lambda: advised(SEQUENTIAL, THREADS, POOL, seen=SUM),
        lambda: advised(SEQUENTIAL, FREE_THREADS, POOL, seen=probe("zlib")),
    ),
    "fewer-bytes": (
        lambda: advised(seen=gil(0.05, **LIST_900_KB)),  # 19 %
        lambda: advised(seen=gil(0.2, **LIST_900_KB)),
    ),  # 5 %
    "another-cut": (
        lambda: advised(seen=gil(0.001, process_speedup=0.19, **LIST_900_KB)),  # 950 %
        lambda: advised(seen=gil(0.05, **LIST_900_KB)),
    ),
    "computing-threads": (
        lambda: advised(SEQUENTIAL, FREE_THREADS, seen=probe("zlib")),
        lambda: advised(SEQUENTIAL, THREADS, seen=SUM),
    ),
    "memory-bound": (
        lambda: advised(SEQUENTIAL, curve("threads", {1: 1.0, 2: 1.01, 4: 1.01}), seen=probe("memadd_32MB")),
        lambda: advised(SEQUENTIAL, FREE_THREADS, seen=probe("matmul_1_blas_thread")),
    ),
    "too-many-threads": (
        lambda: advised(seen=probe("matmul_1_blas_thread", hidden_threads=2.0, library_threads=2, library_workers=4)),
        lambda: advised(seen=probe("matmul_1_blas_thread")),
    ),
    "past-the-peak": (
        lambda: advised(sdm91(), cpus=16.0),
        lambda: advised(sdm91(), cpus=16.0, workers_in_use=72),
    ),  # 0.8 x 96.5 is 77
    "more-nodes": (
        lambda: advised(SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.98, 4: 3.9, 8: 3.9}, law=ROOFLINE), cpus=4.0, nodes=3),
        lambda: advised(SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.6, 4: 2.2}), cpus=4.0, nodes=3),
    ),
    "long-lived-daemons": (
        lambda: advised(seen=Observables(activity=0.99), is_service=True),
        lambda: advised(seen=Observables(activity=0.99)),
    ),
    "manager-round-trips": (
        lambda: advised(seen=Observables(activity=0.99), shared_operations_per_s=50_000.0),
        lambda: advised(seen=Observables(activity=0.99)),
    ),
    "sub-interpreters": (
        lambda: py314("standard"),
        lambda: advised(seen=gil(0.9), python="3.13.1", cpus=32.0, available_models=frozenset({"interpreters"})),
    ),
    "free-threads": (
        lambda: py314("free_threaded"),
        lambda: advised(seen=probe("zlib"), is_free_threaded=True, unsafe_extensions=("somepackage",)),
    ),
    "as-measured": (lambda: advised(SEQUENTIAL, POOL), lambda: advised(SEQUENTIAL, THREADS, POOL, seen=SUM)),
}


def sdm91():
    """The measured table with the published coefficients; without sequential baseline, as a CSV brings it."""
    table = published("usl_specsdm91")
    fit, verified = table["expected_nls3"], table["verified"]["ci95_wald_t4"]
    coefficients = Coefficients(
        Estimate(fit["gamma"], *verified["gamma"]),
        Estimate(fit["sigma"], *verified["sigma"]),
        Estimate(fit["kappa"], *verified["kappa"]),
    )
    law = Choice("usl", "kappa is above zero.", coefficients, Estimate(fit["peak_N"], 75.0, 140.0), 0.0746)
    return curve("measured", {each["N"]: each["X"] / 10 for each in table["points"]}, law=law, half_width=0.0)


def py314(build):
    """The published row: 4 workers on 32 cores."""
    ms = published("py314_modes")["ms"][build]
    is_free = build == "free_threaded"
    curves = [curve(model, {4: ms["sequential"] / ms[model]}) for model in ("threads", "interpreters")]
    seen = probe("pbkdf2", call_s=0.9, call_cpu_s=0.9) if is_free else gil(0.9)
    return advised(
        SEQUENTIAL,
        *curves,
        seen=seen,
        cpus=4.0,
        is_free_threaded=is_free,
        python="3.14.0",
        available_models=frozenset({"sequential", "threads", "interpreters"}),
    )


@pytest.mark.parametrize("key", CASES)
def test_each_rule_is_the_main_advice_on_its_row(key):
    fires, _ = CASES[key]

    main = fires()[0]

    assert main.key == key
    assert main.evidence.endswith(".")
    assert main.remedy.endswith(".")
    assert main.would_change


@pytest.mark.parametrize("key", CASES)
def test_each_rule_is_silent_on_a_row_close_by(key):
    _, silent = CASES[key]

    assert key not in keys(silent())


def test_every_rule_has_its_case_and_its_number():
    assert [rule.key for rule in RULES.in_order()] == list(CASES)
    assert [rule.number for rule in RULES.in_order()] == list(range(20))


def test_a_starved_row_gets_no_advice_but_to_measure_again():
    findings = advised(SEQUENTIAL, THREADS, POOL, NUMPY, seen=replace(SUM, run_delay_share=0.5))

    assert keys(findings) == ["measure-again"]
    assert "run delay: 50 %" in findings[0].evidence


@pytest.mark.parametrize("weak", ["sequential", "pool"])
def test_grade_c_on_a_deciding_point_means_measuring_again(weak):
    curves = [
        curve(model, gains, grade="C" if model == weak else "A")
        for model, gains in (("sequential", {1: 1.0}), ("pool", {2: 1.95}))
    ]

    assert keys(advised(*curves, THREADS, seen=SUM)) == ["measure-again"]


def test_grade_c_on_a_point_that_decides_nothing_is_no_obstacle():
    weak = curve("processes-manager", {2: 1.2}, grade="C", half_width=0.12)

    assert advised(SEQUENTIAL, POOL, weak, seen=SUM)[0].key == "worker-processes"


@pytest.mark.parametrize("curves", [(), (curve("pool", {2: 1.9}, grade="invalid"),)])
def test_without_a_valid_number_the_advice_is_to_measure(curves):
    assert keys(advised(*curves)) == ["measure-again"]


def test_a_job_of_a_fifth_of_a_second_stays_sequential():
    main = advised(SEQUENTIAL, curve("pool", {2: 1.95}, startup_s=0.08), seen=gil(0.1), items=2)[0]

    assert (main.key, main.model, main.expects) == ("too-small", "sequential", "80 ms of start-up avoided")


def test_a_short_job_that_waits_is_spread_as_threads_start_at_once():
    main = advised(SEQUENTIAL, curve("threads", {1: 1.0, 20: 19.8}, startup_s=0.002), seen=SLEEP, items=20)[0]

    assert main.key == "waiting-threads"


def test_vectorising_beats_sixteen_processes():
    sixteen = curve("pool", {1: 1.0, 16: 15.6})
    vectorised = curve("vectorised", {1: 110.0}, variant="numpy")

    main = advised(SEQUENTIAL, sixteen, vectorised, seen=SUM, cpus=16.0)[0]

    assert (main.key, main.model, main.variant, main.workers) == ("faster-variant", "vectorised", "numpy", 1)
    assert main.gain.value == 110.0
    assert (main.runner_up.model, round(main.runner_up.distance, 2)) == ("pool", -0.86)


def test_a_faster_variant_is_then_combined_with_workers():
    spread = curve("pool", {2: 75.0}, variant="numpy")

    assert "pool with 2 reached 75x" in advised(SEQUENTIAL, POOL, NUMPY, spread, seen=SUM)[0].remedy


def test_those_who_cannot_use_the_faster_variant_are_told_what_is_best_without():
    second = advised(SEQUENTIAL, POOL, NUMPY, seen=SUM)[1]

    assert (second.key, second.model) == ("worker-processes", "pool")
    assert second.runner_up.variant == "python"


def test_a_hundred_sleeps_of_10_ms_are_awaited_about_a_hundredfold():
    main = CASES["event-loop"][0]()[0]

    assert (main.model, main.workers) == ("event-loop", 100)
    assert main.gain == Estimate(100, 80, 100)


@pytest.mark.parametrize(("activity", "more"), [(0.19, {}), (0.2, {"wanted_rate_per_s": 50.0})])
def test_two_ms_of_computing_and_eight_of_waiting_take_five_or_six_threads(activity, more):
    seen = Observables(activity=activity, thread_speedup=2.02, switches_1=1.1, call_s=0.01)

    main = advised(seen=seen, **more)[0]

    assert main.key == "waiting-threads"
    assert main.workers in (5, 6)
    assert main.gain.value <= 5.3


@pytest.mark.parametrize(("limits", "workers"), [({"concurrency_limit": 8}, 8), ({"items": 3}, 3)])
def test_threads_are_capped_by_the_limit_and_the_job(limits, workers):
    assert advised(seen=SLEEP, available_models=frozenset({"threads"}), **limits)[0].workers == workers


def test_threads_are_capped_by_memory():
    mb = 1_000_000
    one, many = (
        curve("threads", {n: gain}, memory_pss_bytes=size * mb) for n, gain, size in ((1, 1.0, 100), (11, 10.9, 1100))
    )
    grown = replace(one, points=one.points + many.points)

    main = advised(SEQUENTIAL, grown, seen=SLEEP, memory_bytes=5000 * mb)[0]

    assert main.workers == 50  # 100 MB for the first, and for each further one
    assert "as many as memory holds" in main.evidence


def test_a_lock_held_for_three_of_ten_ms_caps_at_a_third_more_than_three():
    main = advised(seen=probe("lockio_3ms_of_10"))[0]

    assert main.gain.value == pytest.approx(3.3, rel=0.02)
    assert main.workers == 4
    assert "at most 3.28x" in main.expects


def test_five_and_five_ms_on_four_cores_take_four_processes_of_two_threads():
    main = advised(seen=MIXED, cpus=4.0)[0]

    assert main.remedy == "Use 4 processes with 2 threads each."
    assert main.gain.value == 8


def test_processes_for_the_sum_row_reach_what_was_measured():
    main = advised(SEQUENTIAL, THREADS, POOL, seen=SUM)[0]

    assert (main.model, main.workers, main.gain.value, main.gain_source) == ("pool", 2, 1.95, GainSource.MEASURED)


def test_processes_that_were_not_measured_are_predicted_with_a_band():
    main = advised(seen=gil(0.1, pickle_s=0.005), cpus=8.0)[0]

    assert main.gain.value == pytest.approx(8 / 1.05, rel=0.01)  # min(N, cores) / (1 + IPC share)
    assert main.gain.low < main.gain.value <= main.gain.high <= 8
    assert main.gain_source is GainSource.PREDICTED


@pytest.mark.parametrize("compute_s", [0.001, 0.002])
def test_a_list_of_900_kb_for_a_millisecond_of_work_gets_no_processes(compute_s):
    findings = advised(seen=gil(compute_s, process_speedup=0.19, **LIST_900_KB))

    assert "worker-processes" not in keys(findings)
    assert findings[0].model == "sequential"


def test_threads_reach_the_cores_where_the_lock_is_released():
    main = advised(SEQUENTIAL, FREE_THREADS, POOL, seen=probe("zlib"))[0]

    assert (main.model, main.workers) == ("threads", 2)
    assert main.runner_up.is_tied


def test_memory_bandwidth_means_one_worker_and_no_gain_here():
    main = CASES["memory-bound"][0]()[0]

    assert main.workers == 1
    assert main.gain.value == 1.0
    assert main.expects == "1.00x on this node; more by other nodes only"


def test_a_second_process_that_adds_an_eighth_is_not_worth_its_core():
    main = advised(SEQUENTIAL, curve("pool", {1: 1.0, 2: 1.12}), seen=probe("memadd_32MB"))[0]

    assert (main.key, main.workers) == ("memory-bound", 1)


def test_oversubscription_promises_what_was_measured():
    main = CASES["too-many-threads"][0]()[0]

    assert (main.gain.low, main.gain.high) == (1.20, 1.34)
    assert main.gain_over == "the oversubscribed run"


def test_computing_workers_beyond_the_cpus_that_harm_are_told():
    harmed = curve("pool", {1: 1.0, 2: 1.95, 8: 1.6})

    findings = advised(SEQUENTIAL, THREADS, harmed, seen=SUM)

    assert keys(findings) == ["worker-processes", "too-many-threads"]


def test_sdm91_at_216_is_led_back_to_its_peak():
    main = advised(sdm91(), cpus=16.0)[0]

    assert main.workers in (96, 97)
    assert main.gain.value == pytest.approx(1884 / 1646, rel=0.002)
    assert main.gain.low < main.gain.value < main.gain.high
    assert main.gain_over == "216 workers"


def test_a_peak_that_may_not_exist_moves_nobody():
    law = usl(0.03, 0.002)
    doubtful = replace(law, coefficients=replace(law.coefficients, kappa=Estimate(0.002, 0.0, 0.004)))

    assert "past-the-peak" not in keys(advised(SEQUENTIAL, curve("pool", {1: 1.0, 64: 9.0}, law=doubtful), cpus=64.0))


def test_more_nodes_promise_at_least_four_fifths_each():
    main = CASES["more-nodes"][0]()[0]

    assert (main.model, main.severity) == ("cluster", Severity.NOTE)
    assert main.gain.low == pytest.approx(3 * 0.8 * 3.9)


def test_nodes_that_share_a_bottleneck_are_not_advised():
    cluster = curve("cluster", {8: 4.5})  # two nodes of 3.9 each

    findings = advised(SEQUENTIAL, curve("pool", {1: 1.0, 4: 3.9}, law=ROOFLINE), cluster, cpus=4.0, nodes=2)

    note = next(one for one in findings if one.key == "more-nodes")
    assert note.model is None
    assert "what the nodes share" in note.remedy


def test_a_manager_bears_few_operations():
    findings = advised(SEQUENTIAL, curve("processes-manager", {2: 1.8}), shared_operations_per_s=20.0)

    note = next(one for one in findings if one.key == "manager-round-trips")
    assert (note.severity, note.model) == (Severity.NOTE, "processes-manager")


def test_python_3_14_with_the_lock_is_advised_interpreters():
    main = py314("standard")[0]

    assert main.model == "interpreters"
    assert main.gain.value == pytest.approx(PY314["standard_interpreters_speedup"], abs=0.001)


def test_python_3_14_without_the_lock_pays_the_penalty_of_one_thread():
    main = py314("free_threaded")[0]

    assert main.model == "threads"
    assert main.gain.value == pytest.approx(PY314["ft_threads_speedup_vs_own_sequential"], abs=0.001)
    assert f"{PY314['ft_threads_speedup_vs_standard_sequential']:.2f}x" in main.expects


def test_processes_that_are_as_good_as_threads_lose_to_them():
    seen = probe("zlib", call_s=0.1, call_cpu_s=0.1)

    assert advised(SEQUENTIAL, FREE_THREADS, curve("pool", {2: 1.99}), seen=seen)[0].model == "threads"


def test_a_gain_below_5_percent_keeps_the_sequential_run():
    main = advised(SEQUENTIAL, curve("pool", {2: 1.04}, half_width=0.001))[0]

    assert (main.key, main.model) == ("as-measured", "sequential")


def test_overlapping_intervals_keep_the_simpler_model():
    main = advised(SEQUENTIAL, curve("threads", {2: 1.8}, half_width=0.06), curve("pool", {2: 1.95}, half_width=0.06))[
        0
    ]

    assert main.model == "threads"


@pytest.mark.parametrize("hindrance", [{"unavailable": {"pool": "No semaphores here."}}, {"setbacks": (void("pool"),)}])
def test_a_model_that_is_unavailable_or_void_is_passed_over(hindrance):
    executor = curve("process-executor", {2: 1.7})

    main = advised(SEQUENTIAL, THREADS, POOL, executor, seen=SUM, **hindrance)[0]

    assert (main.key, main.model) == ("worker-processes", "process-executor")


def test_a_wide_interval_does_not_hide_a_gain_behind_a_single_worker():
    loose = curve("pool", {1: 1.0, 2: 1.6}, half_width=0.3)

    main = advised(SEQUENTIAL, THREADS, loose, seen=SUM)[0]

    assert (main.key, main.workers) == ("worker-processes", 2)


def test_the_law_of_a_void_model_is_not_listened_to():
    turning = curve("pool", {1: 1.0, 8: 6.0, 32: 6.5}, law=usl(0.02, 0.003))

    findings = advised(SEQUENTIAL, turning, cpus=64.0, setbacks=(void("pool"),))

    assert "past-the-peak" not in keys(findings)


def test_a_void_variant_is_not_the_faster_one():
    findings = advised(SEQUENTIAL, POOL, NUMPY, seen=SUM, setbacks=(void("vectorised", "numpy", 1),))

    assert "faster-variant" not in keys(findings)


def test_a_failure_at_eight_workers_does_not_forbid_two():
    made, diagnosis = diagnosed(SEQUENTIAL, THREADS, POOL, seen=SUM)
    broken = replace(void("pool", workers=8), standing=Standing.FAILED)

    assert advise(replace(made, setbacks=(broken,)), diagnosis)[0].model == "pool"


def test_a_finding_reads_as_sentences():
    text = str(advised(SEQUENTIAL, THREADS, POOL, seen=SUM)[0])

    assert text == (
        "Use 2 processes (pool): one per usable CPU is enough. Why: Cores used by 2 threads over those of 1: 1.01x"
        " (at most"
        " 1.25x); lateness of a 1 ms sleep beside the computing thread: 5.2 ms (at least 2 ms); share of the time"
        " that the GIL"
        " is held: 84 % (at least 50 %); speed-up of 2 processes over that of 2 threads: 1.93x (at least 1.50x);"
        " messages cost"
        " 0.1 % of the computing. Expected: measured: 1.95x (1.91 to 1.99) over sequential. Next best: sequential"
        " (python) with"
        " 1, 1.00x (no interval): 49 % behind. This would change it: Items or values so large that messages cost 10"
        " % and more;"
        " a variant that computes outside the interpreter."
    )


def test_undetermined_work_is_advised_by_its_numbers_alone():
    made = facts(SEQUENTIAL, POOL)
    diagnosis = diagnose_facts(made)

    main = advise(made, diagnosis)[0]

    assert diagnosis.kind is Kind.UNDETERMINED
    assert (main.key, main.model, main.workers) == ("as-measured", "pool", 2)
