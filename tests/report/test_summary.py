"""Windows become points, curves and observables; the truth behind the windows is known."""

from dataclasses import replace

import pytest

from dynometer.measure.trial import Point, Probe, Setback, Signals, Standing
from dynometer.summary.facts import most_useful_workers, summarise
from dynometer.summary.observables import observables
from tests.report.made import BASELINE, ENVIRONMENT, GIL, QUIET, made, trial

POOL_2 = Point("pool", "python", 2)
THREADS_1, THREADS_2, THREADS_4 = (Point("threads", "python", workers) for workers in (1, 2, 4))


def test_speed_ups_are_ratios_to_the_baseline():
    summary = summarise(made())

    speedups = {(point.point.model, point.point.workers): point.speedup.value for point in summary.points}

    assert speedups["pool", 2] == pytest.approx(1.93)  # 19.3 / 10
    assert speedups["threads", 2] == pytest.approx(1.01)
    assert speedups["vectorised", 1] == pytest.approx(40.0)
    assert speedups["sequential", 1] == 1.0


def test_pairs_within_blocks_cancel_a_drift_of_the_machine():
    result = made(drift=0.1)  # the last block is e^0.4 = 1.5 times as fast as the first

    pool = summarise(result).at(POOL_2)

    assert pool.throughput_per_s.high / pool.throughput_per_s.value > 1.1
    assert pool.speedup.value == pytest.approx(1.93)
    assert pool.speedup.high / pool.speedup.value < 1 + 1e-9


def test_a_block_without_its_baseline_gives_no_ratio():
    trials = [replace(each, rejected=("Clock: no.",)) if each.point == BASELINE and each.block == 0 else each
              for each in made(drift=0.1).trials]

    pool = summarise(replace(made(), trials=tuple(trials))).at(POOL_2)

    assert pool.accepted == 5
    assert pool.speedup.value == pytest.approx(1.93)


def test_without_any_baseline_there_is_throughput_and_no_speed_up():
    trials = tuple(each for each in made().trials if each.point != BASELINE)

    pool = summarise(replace(made(), trials=trials)).at(POOL_2)

    assert pool.throughput_per_s.value == pytest.approx(19.3)
    assert pool.speedup is None
    assert pool.efficiency is None


def test_rejected_windows_are_counted_and_not_used():
    bad = trial(POOL_2, 0, 1000.0, rejected=("CPU pressure: much.",))

    pool = summarise(replace(made(), trials=(bad, *made().trials))).at(POOL_2)

    assert (pool.accepted, pool.rejected, pool.rejections) == (5, 1, ("CPU pressure: much.",))
    assert pool.throughput_per_s.value == pytest.approx(19.3)


def test_a_point_of_rejected_windows_alone_is_invalid_and_on_no_curve():
    trials = tuple(replace(each, rejected=("Steal: all.",)) if each.point == POOL_2 else each for each in made().trials)

    summary = summarise(replace(made(), trials=trials))

    assert summary.at(POOL_2).grade == "invalid"
    assert summary.facts.curve("pool").at(2) is None


def test_a_quiet_point_has_grade_a_and_a_noisy_one_less():
    assert {point.grade for point in summarise(made(noise=0.001)).points} == {"A"}
    assert "C" in {point.grade for point in summarise(made(noise=0.2)).points}


def test_the_observables_of_the_tutorial_case_are_those_of_a_gil():
    seen = observables(made())

    assert seen.activity == pytest.approx(1.0, abs=0.01)
    assert seen.thread_use_ratio == pytest.approx(1.0)  # two threads keep one core busy
    assert seen.thread_speedup == pytest.approx(1.01)
    assert seen.thread_speedup_4 == pytest.approx(1.02)
    assert seen.process_speedup == pytest.approx(19.3 / 9.9)
    assert seen.process_cpu_ratio == pytest.approx(2 * 9.9 / 19.3)  # two cores over twice the throughput
    assert seen.call_s == pytest.approx(0.1)
    assert seen.tick_overshoot_s == 0.0052


def test_run_delay_is_taken_out_of_the_activity():
    waiting = replace(QUIET, run_delay_share=0.5)
    result = replace(made(), trials=(trial(BASELINE, cores=0.5, signals=waiting),))

    assert observables(result).activity == pytest.approx(1.0)  # it computed whenever it was let


def test_switches_per_item_are_of_one_and_of_the_most_threads():
    trials = (trial(THREADS_1, switches=100), trial(THREADS_2, switches=120), trial(THREADS_4, switches=320))

    seen = observables(replace(made(), trials=trials))

    assert (seen.switches_1, seen.switches_4) == (1.0, 3.2)  # over 100 items


def test_a_disturbed_window_that_was_measured_again_says_nothing_against_its_point():
    bad = trial(THREADS_1, rejected=("Run-queue delay: much.",), signals=Signals(run_delay_share=0.6))

    seen = observables(replace(made(), trials=(bad, *made().trials)))

    assert seen.run_delay_share == pytest.approx(0.001)


def test_a_point_that_was_always_disturbed_tells_of_it():
    bad = tuple(trial(THREADS_1, rejected=("Run-queue delay: much.",), signals=Signals(run_delay_share=0.6))
                for _ in range(3))

    seen = observables(replace(made(), trials=bad))

    assert seen.run_delay_share == 0.6
    assert seen.thread_speedup is None


def test_delays_of_more_workers_than_cpus_are_no_neighbours():
    crowded = replace(ENVIRONMENT, cpus_usable=1.0)
    bad = trial(THREADS_2, signals=Signals(run_delay_share=0.5))

    assert observables(replace(made(environment=crowded), trials=(bad,))).run_delay_share is None


def test_a_queue_of_our_own_is_not_blamed_on_others_at_another_point():
    own = trial(THREADS_2, signals=replace(QUIET, cpu_pressure_share=0.8, others_cores=0.02))
    beside = trial(BASELINE, signals=replace(QUIET, cpu_pressure_share=0.01, others_cores=0.3))

    seen = observables(replace(made(), trials=(own, beside)))

    assert (seen.pressure_share, seen.others_cores) == (0.01, 0.3)


def test_what_computes_beside_two_processes_is_their_parent():
    pool = Point("pool", "python", 2)
    trials = (trial(Point("pool", "python", 1)), trial(pool, cores=2.0, worker_cpu_s=11.0))  # 100 items at 10/s

    assert observables(replace(made(), trials=trials)).parent_cores == pytest.approx(0.9)


def test_hidden_threads_are_process_time_over_the_workers_own():
    trials = (trial(BASELINE, cores=2.0, worker_cpu_s=10.0),)  # 100 items at 10/s: 20 CPU seconds

    assert observables(replace(made(), trials=trials)).hidden_threads == pytest.approx(2.0)


def test_windows_that_only_wait_have_no_hidden_threads():
    trials = (trial(BASELINE, cores=0.01, worker_cpu_s=0.001),)

    assert observables(replace(made(), trials=trials)).hidden_threads is None


def test_an_empty_result_has_no_observables_and_no_points():
    empty = replace(made(), trials=(), probes=())

    summary = summarise(empty)

    assert summary.points == ()
    assert summary.facts.observables.activity is None


@pytest.mark.parametrize(("activity", "expected"), [(1.0, 2.0), (0.9, 2.0), (0.5, 4.0), (0.004, 500.0)])
def test_workers_that_wait_need_a_share_of_a_cpu_only(activity, expected):
    seen = replace(observables(made()), activity=activity)

    assert most_useful_workers(2.0, seen) == pytest.approx(expected)


def test_the_law_of_a_flat_curve_is_the_roofline_of_one_core():
    threads = {BASELINE: 10.0} | {Point("threads", "python", n): 10.0 for n in (1, 2, 3, 4)}
    eight = replace(ENVIRONMENT, cpus_usable=8.0)

    law = summarise(made(threads, noise=0.01, environment=eight)).facts.curve("threads").law

    assert law.law == "roofline"
    assert law.coefficients.cores == 1


def test_the_usl_behind_a_curve_comes_back():
    def usl(n):
        return 100 * n / (1 + 0.05 * (n - 1) + 0.01 * n * (n - 1))

    curve = {Point("pool", "python", n): usl(n) for n in (1, 2, 3, 4, 6, 8, 12, 16)}
    wide = replace(ENVIRONMENT, cpus_usable=16.0)

    law = summarise(made({BASELINE: 100.0} | curve, noise=0.01, environment=wide)).facts.curve("pool").law

    assert law.law == "usl"
    assert law.coefficients.sigma.low < 0.05 < law.coefficients.sigma.high
    assert law.coefficients.kappa.low < 0.01 < law.coefficients.kappa.high


def test_fewer_than_three_worker_counts_have_no_law():
    two = {point: rate for point, rate in GIL.items() if point.workers < 4}

    assert summarise(made(two)).facts.curve("pool").law is None


def test_what_is_unavailable_is_told_with_its_reason():
    setback = Setback(Point("interpreters", "python", 1), Standing.UNAVAILABLE, "Not on this Python.")

    facts = summarise(made(setbacks=(setback,))).facts

    assert facts.unavailable == {"interpreters": "Not on this Python."}
    assert facts.setbacks == (setback,)


def test_the_probe_of_another_variant_is_left_alone():
    assert observables(made(probes=(Probe("numpy", 1.0, 1.0, 1.0, 1.0),))).tick_overshoot_s is None


def test_handing_out_items_to_many_waiting_threads_is_no_hidden_thread():
    crowd = Point("threads", "python", 64)
    trials = (trial(BASELINE, cores=0.01), trial(crowd, cores=0.4, worker_cpu_s=1.0))  # of 4 CPU seconds

    assert observables(replace(made(), trials=trials)).hidden_threads is None
