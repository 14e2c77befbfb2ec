"""The course of a sweep, on a bench whose truth is known."""

import itertools
from dataclasses import replace

import pytest

from dynometer.measure.calibration import Frame, window_items
from dynometer.measure.grades import accepted
from dynometer.measure.order import Proved
from dynometer.measure.sweep import ALL_VOID, sweep
from dynometer.measure.trial import Ended, Point, Probe, Setback, Standing, Trial
from tests.measure.known import BASELINE, BUSY, QUIET, KnownBench, plan_of, pool, threads

POINTS = (threads(1), threads(2), pool(1), pool(2))


def trials_of(events):
    return [event for event in events if isinstance(event, Trial)]


def setbacks_of(events):
    return [event for event in events if isinstance(event, Setback)]


def blocks_of(events):
    trials = [trial for trial in trials_of(events) if trial.attempt == 1]
    return [[trial.point for trial in block] for _, block in itertools.groupby(trials, lambda trial: trial.block)]


def test_a_block_holds_every_point_once():
    blocks = blocks_of(sweep(plan_of(*POINTS), KnownBench()))

    assert len(blocks) == 5
    assert all(sorted(block) == sorted((BASELINE, *POINTS)) for block in blocks)


def test_the_baseline_is_first_or_last_and_each_now_and_then():
    blocks = blocks_of(sweep(plan_of(*POINTS), KnownBench(noise=0.2)))

    places = {block.index(BASELINE) for block in blocks if len(block) == 5}
    assert places == {0, 4}


def test_the_same_seed_gives_the_same_order_and_another_one_another():
    one, again, other = (blocks_of(sweep(plan_of(*POINTS, seed=seed), KnownBench())) for seed in (3, 3, 4))

    assert one == again != other


def test_five_equal_windows_are_enough():
    events = list(sweep(plan_of(*POINTS), KnownBench()))

    assert len(trials_of(events)) == 5 * 5


def test_a_point_that_is_precise_is_left_out_while_the_baseline_goes_on():
    bench = KnownBench()
    wild = bench.draw
    noisy = threads(2)
    measure = bench.window
    bench.window = lambda order, end_s: replace(
        measure(order, end_s), wall_s=30 * wild.lognormvariate(0, 0.3 if order.point == noisy else 0))

    trials = trials_of(sweep(plan_of(*POINTS, blocks_most=12), bench))

    counts = {point: sum(trial.point == point for trial in trials) for point in (BASELINE, *POINTS)}
    assert counts == {BASELINE: 12, threads(1): 5, noisy: 12, pool(1): 5, pool(2): 5}


def test_a_rejected_window_is_tried_again_after_a_pause_and_kept():
    bench = KnownBench(signals={(2, 1): BUSY})

    trials = trials_of(sweep(plan_of(pool(2)), bench))

    again = [trial for trial in trials if trial.block == 2]
    assert [(trial.attempt, trial.is_accepted) for trial in again if trial.point == pool(2)] == [(1, False), (2, True)]
    assert len(bench.paused_s) == 2
    assert all(0.05 <= pause <= 0.5 for pause in bench.paused_s)


def test_three_attempts_are_all():
    bench = KnownBench(signals={(0, attempt): BUSY for attempt in (1, 2, 3)})

    trials = trials_of(sweep(plan_of(), bench))

    assert [(trial.block, trial.attempt) for trial in trials[:4]] == [(0, 1), (0, 2), (0, 3), (1, 1)]
    assert len(accepted(trials)) == 5


def test_a_machine_that_is_never_quiet_ends_at_the_budget_without_a_number():
    bench = KnownBench(signals={(block, attempt): BUSY for block in range(99) for attempt in (1, 2, 3)})

    trials = trials_of(sweep(plan_of(budget_s=60.0), bench))

    assert trials
    assert accepted(trials) == []
    assert bench.clock_s <= 100.0 + 60.0


@pytest.mark.parametrize("budget_s", [5.0, 20.0, 33.0, 100.0])
def test_no_window_is_begun_that_would_overrun_the_budget(budget_s):
    bench = KnownBench(noise=0.05)

    events = list(sweep(plan_of(*POINTS, budget_s=budget_s), bench))

    slack_s = 1.0  # of the last window, slower than the one before it
    assert bench.clock_s <= 100.0 + budget_s + slack_s
    assert {trial.point for trial in trials_of(events)} | {setback.point for setback in setbacks_of(events)} == {
        BASELINE, *POINTS}


def test_a_block_that_may_be_cut_short_begins_with_the_baseline():
    for seed in range(20):
        bench = KnownBench(item_s=0.5, rates_per_s=dict.fromkeys((BASELINE, *POINTS), 20.0))

        blocks = blocks_of(sweep(plan_of(*POINTS, budget_s=60.0, seed=seed), bench))

        assert blocks[-1][0] == BASELINE or len(blocks[-1]) == 5


def test_a_void_point_is_shown_and_never_timed():
    wrong = Proved(threads(2), False, "python under threads: item 0 gives 1 instead of 2.", 0.1)
    bench = KnownBench(proofs={("threads", "python"): wrong})

    events = list(sweep(plan_of(*POINTS), bench))

    assert setbacks_of(events) == [Setback(point, Standing.VOID, wrong.reason) for point in (threads(1), threads(2))]
    assert {trial.point for trial in trials_of(events)} == {BASELINE, pool(1), pool(2)}


def test_when_all_others_answer_otherwise_the_reference_is_not_timed_for_nothing():
    wrong = Proved(threads(2), False, "python under threads: item 0 gives 1 instead of 2.", 0.1)

    events = list(sweep(plan_of(threads(1), threads(2)), KnownBench(proofs={("threads", "python"): wrong})))

    assert trials_of(events) == []
    assert setbacks_of(events)[-1] == Setback(BASELINE, Standing.FAILED, ALL_VOID)


def test_without_a_reference_nothing_is_measured():
    failed = Proved(BASELINE, False, "Item 0 raised ValueError: no.", None, has_failed=True)
    bench = KnownBench(proofs={("sequential", "python"): failed})

    events = list(sweep(plan_of(threads(1)), bench))

    assert events == [Setback(point, Standing.FAILED, failed.reason) for point in (BASELINE, threads(1))]


def test_a_point_that_fails_later_keeps_what_it_has_and_the_others_go_on():
    bench = KnownBench(failing={pool(1): "Worker process 7 was killed by SIGKILL."})

    events = list(sweep(plan_of(*POINTS), bench))

    assert setbacks_of(events) == [Setback(pool(1), Standing.FAILED, "Worker process 7 was killed by SIGKILL.")]
    assert [trial.block for trial in trials_of(events) if trial.point == pool(1)] == [0]
    assert sum(trial.point == pool(2) for trial in trials_of(events)) == 5


def test_what_planning_set_back_comes_first():
    gone = Setback(Point("interpreters", "python", 2), Standing.UNAVAILABLE, "Not on this Python.")

    events = list(sweep(plan_of(threads(1), setbacks=(gone,)), KnownBench()))

    assert events[0] == gone


def test_points_for_the_diagnosis_alone_get_three_windows():
    plan = plan_of(threads(2), pool(2), diagnostic=(pool(2),))

    trials = trials_of(sweep(plan, KnownBench()))

    assert sum(trial.point == pool(2) for trial in trials) == 3
    assert sum(trial.point == threads(2) for trial in trials) == 5


def test_each_variant_is_probed_once_after_the_first_block():
    vectorised = Point("vectorised", "numpy", 1)

    events = list(sweep(plan_of(threads(1), vectorised, diagnoses=True), KnownBench()))

    assert [event.variant for event in events[3:5] if isinstance(event, Probe)] == ["python", "numpy"]
    assert len(trials_of(events[:3])) == 3
    assert sum(isinstance(event, Probe) for event in events) == 2


def test_windows_of_a_point_hold_the_same_number_of_items():
    trials = trials_of(sweep(plan_of(*POINTS), KnownBench(noise=0.1)))

    assert all(len({trial.items for trial in trials if trial.point == point}) == 1 for point in POINTS)


def test_items_under_a_millisecond_travel_in_chunks_alike_for_all_models():
    bench = KnownBench(item_s=0.0001, proofs={
        ("pool", "python"): Proved(pool(1), True, "", 0.0008)})  # its round trips are not the item's cost
    chunks = set()
    measure = bench.window

    def window(order, end_s):
        chunks.add(order.chunk)
        return measure(order, end_s)

    bench.window = window
    list(sweep(plan_of(*POINTS), bench))

    assert chunks == {64}  # about 5 ms of 0.1 ms


def test_long_items_shrink_windows_so_that_five_blocks_fit():
    longest = set()
    bench = KnownBench(item_s=0.2)
    measure = bench.window

    def window(order, end_s):
        longest.add(order.longest_s)
        return measure(order, end_s)

    bench.window = window
    list(sweep(plan_of(threads(1), threads(2), budget_s=60.0), bench))
    [generous] = longest
    longest.clear()
    list(sweep(plan_of(threads(1), threads(2), budget_s=20.0), bench))
    [tight] = longest

    assert generous == 2.5
    assert tight < generous


def test_time_for_less_than_a_block_goes_to_the_points_that_have_least():
    bench = KnownBench(item_s=0.5, rates_per_s=dict.fromkeys((BASELINE, *POINTS), 20.0), noise=0.2)
    measure = bench.window
    poor = threads(2)
    bench.window = lambda order, end_s: replace(  # its first two windows are spoilt
        measure(order, end_s), signals=BUSY if order.point == poor and order.block < 2 else QUIET)

    blocks = blocks_of(sweep(plan_of(*POINTS, budget_s=67.0), bench))

    assert len(blocks[-1]) < 5
    assert blocks[-1][:2] == [BASELINE, poor]


def test_calls_that_wait_are_expected_to_take_no_longer_with_many_workers():
    bench = KnownBench(item_s=0.5, activity=0.01, rates_per_s={BASELINE: 20.0, threads(100): 200.0})

    events = list(sweep(plan_of(threads(100), budget_s=50.0), bench))

    assert setbacks_of(events) == []
    assert {trial.point for trial in trials_of(events)} == {BASELINE, threads(100)}


def ended_of(events):
    return [event for event in events if isinstance(event, Ended)]


@pytest.mark.parametrize("budget_s", range(20, 80, 3))
def test_no_block_holds_the_baseline_alone(budget_s):
    bench = KnownBench(item_s=0.5, rates_per_s=dict.fromkeys((BASELINE, *POINTS), 20.0), noise=0.1)

    events = list(sweep(plan_of(*POINTS, budget_s=float(budget_s)), bench))

    blocks = blocks_of(events)
    assert all(len(block) > 1 for block in blocks)
    [ended] = ended_of(events)
    assert f"The budget of {budget_s} s ended it after {len(blocks)} blocks" in ended.reason


def test_a_retry_of_the_baseline_leaves_time_for_another_point():
    bench = KnownBench(item_s=0.5, rates_per_s=dict.fromkeys((BASELINE, *POINTS), 20.0))
    measure = bench.window
    bench.window = lambda order, end_s: replace(
        measure(order, end_s), signals=BUSY if order.point == BASELINE and order.block else QUIET)

    blocks = blocks_of(sweep(plan_of(*POINTS, budget_s=33.0), bench))

    assert all(len(block) > 1 for block in blocks)


def test_a_sweep_that_ends_by_itself_says_nothing_of_the_budget():
    assert ended_of(sweep(plan_of(*POINTS), KnownBench())) == []


def test_dear_items_behind_the_first_ones_make_samples_and_chunks_smaller():
    def seen(mean_item_s):
        orders = []
        bench = KnownBench(proofs={
            (point.model, "python"): Proved(point, True, "", 0.0001, activity=1.0, mean_item_s=mean_item_s)
            for point in (BASELINE, threads(1))})
        measure = bench.window
        bench.window = lambda order, end_s: orders.append(order) or measure(order, end_s)
        list(sweep(plan_of(threads(1), items=10**6, blocks_least=2, blocks_most=2), bench))
        [(sample, chunk)] = {(order.sample, order.chunk) for order in orders}
        return sample, chunk

    assert seen(0.0001) == (4096, 64)
    assert seen(0.01) == (32, 1)


def test_chunks_and_samples_stay_the_same_from_block_to_block():
    orders = []
    bench = KnownBench(item_s=0.00099, noise=0.3)  # next to where chunks begin
    measure = bench.window
    bench.window = lambda order, end_s: orders.append(order) or measure(order, end_s)

    list(sweep(plan_of(*POINTS), bench))

    assert len({(order.chunk, order.sample) for order in orders}) == 1


def test_a_users_items_are_ordered_once_and_cut_to_the_sample():
    orders = []
    bench = KnownBench(item_s=0.05)
    measure = bench.window
    bench.window = lambda order, end_s: orders.append(order) or measure(order, end_s)

    list(sweep(plan_of(threads(1), inputs=tuple(range(0, 1000, 10)), items=100), bench))

    assert {len(order.job.inputs) for order in orders} == {32}
    assert len({id(order.job.inputs) for order in orders}) == 1
    assert len(set(orders[0].job.inputs)) == 32


@pytest.mark.parametrize("item_s", [0.1, 0.2, 0.27, 0.3])
def test_the_tutorial_case_has_its_blocks_within_the_default_budget(item_s):
    """Its eleven points on two CPUs, with what starting and warming took there [s]."""
    points = [*map(threads, (1, 2, 4)), *(Point(model, "python", workers) for model in ("pool", "processes-manager")
                                          for workers in (1, 2, 4)), Point("vectorised", "numpy", 1)]
    rates = dict.fromkeys((BASELINE, *points), 1 / item_s) | {points[-1]: 40 / item_s}
    rates |= {point: 1.9 / item_s for point in points if point.model in ("pool", "processes-manager")
              and point.workers > 1}
    bench = KnownBench(item_s=item_s, start_s=0.35, clock_s=103.0, rates_per_s=rates, proofs={
        ("vectorised", "numpy"): Proved(points[-1], True, "", item_s / 40)})
    measure = bench.window

    def window(order, end_s):
        rate_per_s = rates[order.point]
        frame = Frame(order.point.workers, 2.0, order.chunk, order.window_s, order.longest_s, order.sample)
        is_warmed_by_one = order.items and order.point.model in ("sequential", "threads")
        bench.clock_s += (1 if is_warmed_by_one else order.point.workers) / rate_per_s
        return measure(replace(order, items=order.items or window_items(rate_per_s, frame)), end_s)

    bench.window = window
    blocks = blocks_of(sweep(plan_of(*points, budget_s=52.0), bench))

    whole = [block for block in blocks if len(block) == 11]
    assert len(whole) >= 3
