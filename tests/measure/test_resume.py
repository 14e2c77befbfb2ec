"""A sweep that was killed and goes on, and one that shares its machine: known truth on a bench without processes."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from dynometer.measure.order import Proved
from dynometer.measure.recorder import Recorder
from dynometer.measure.sweep import sweep
from dynometer.measure.trial import Ended, Point, Probe, Setback, Standing
from tests.measure.known import BASELINE, BUSY, QUIET, KnownBench, plan_of, pool, threads
from tests.measure.test_result import FACTS
from tests.measure.test_sweep import setbacks_of, trials_of

POINTS = (threads(1), threads(2), pool(1), pool(2))
VECTORISED = Point("vectorised", "numpy", 1)


def windows_of(events):
    return sorted((trial.point, trial.block, trial.attempt) for trial in trials_of(events))


@pytest.mark.parametrize("item_s", [0.01, 0.5])
def test_wherever_it_was_killed_it_ends_with_the_windows_of_a_whole_sweep(item_s):
    plan = plan_of(*POINTS, VECTORISED, diagnoses=True)
    whole = list(sweep(plan, KnownBench(item_s=item_s)))

    for count in range(len(whole) + 1):
        events = whole[:count] + list(sweep(plan, KnownBench(item_s=item_s), earlier=whole[:count]))

        assert windows_of(events) == windows_of(whole)
        assert sorted(event.variant for event in events if isinstance(event, Probe)) == ["numpy", "python"]
        assert all(sorted(trial.place for trial in trials_of(events) if trial.block == block) == list(range(6))
                   for block in range(5))


def test_a_window_that_was_rejected_last_is_tried_again_and_no_attempt_comes_twice():
    plan = plan_of(pool(2))
    bench = KnownBench(signals={(0, 1): BUSY, (0, 2): BUSY})
    first = next(event for event in sweep(plan, bench))

    events = [first, *sweep(plan, bench, earlier=[first])]

    own = [(trial.attempt, trial.is_accepted) for trial in trials_of(events)
           if trial.point == first.point and trial.block == 0]
    assert own == [(1, False), (2, False), (3, True)]


def test_setbacks_are_told_once_and_their_pairs_not_proven_again():
    gone = Setback(Point("interpreters", "python", 2), Standing.UNAVAILABLE, "Not on this Python.")
    wrong = Proved(threads(2), False, "python under threads: item 0 gives 1 instead of 2.", 0.1)
    plan, asked = plan_of(*POINTS, setbacks=(gone,)), []
    whole = list(sweep(plan, KnownBench(proofs={("threads", "python"): wrong})))
    bench = KnownBench()
    prove = bench.prove
    bench.prove = lambda order, end_s: asked.extend(order.points) or prove(order, end_s)

    events = list(sweep(plan, bench, earlier=whole[:6]))

    assert len(setbacks_of(whole[:6])) == 3
    assert setbacks_of(events) == []
    assert asked == [pool(2)]
    assert threads(1) not in {trial.point for trial in trials_of(events)}


def test_all_windows_of_all_lives_hold_the_same_items_in_the_same_chunks():
    plan, orders = plan_of(*POINTS, items=10**6, window_s=0.1), []
    whole = list(sweep(plan, KnownBench(item_s=0.0001)))
    sample = [replace(trial, sample=2048, chunk=32) for trial in trials_of(whole[:7])]  # as the first life chose
    bench = KnownBench(item_s=0.01)  # and this one would not
    measure = bench.window
    bench.window = lambda order, end_s: orders.append(order) or measure(order, end_s)

    list(sweep(plan, bench, earlier=sample))

    assert {(order.sample, order.chunk) for order in orders} == {(2048, 32)}
    items = {trial.point: trial.items for trial in sample}
    assert all(order.items == items[order.point] for order in orders)


def test_the_budget_counts_what_was_spent_before():
    bench = KnownBench()

    events = list(sweep(plan_of(*POINTS, budget_s=60.0), bench, spent_s=50.0))

    assert 100.0 < bench.clock_s <= 100.0 + 10.0
    assert all(50.0 <= trial.begun_s < 60.0 for trial in trials_of(events))
    assert any(isinstance(event, Ended) for event in events)


def test_what_has_ended_is_not_gone_on_with():
    bench = KnownBench()

    assert list(sweep(plan_of(*POINTS), bench, earlier=[Ended("The budget ended it.")])) == []
    assert list(sweep(plan_of(*POINTS), bench, earlier=list(sweep(plan_of(*POINTS), KnownBench())))) == []
    assert bench.clock_s == 100.0


@pytest.mark.parametrize("item_s", [0.01, 0.5])
def test_waiting_for_the_machine_costs_no_budget(item_s):
    def measured(wait_s):
        bench = KnownBench(item_s=item_s)

        @contextmanager
        def alone():
            bench.clock_s += wait_s
            yield

        return list(sweep(plan_of(*POINTS, budget_s=18.0), bench, alone=alone))

    at_once, late = measured(0.0), measured(1000.0)

    assert [event for event in late if not isinstance(event, Ended)] == [
        replace(trial, begun_s=pytest.approx(trial.begun_s)) for trial in trials_of(at_once)]
    assert isinstance(late[-1], Ended)


def test_everything_is_measured_alone_and_others_get_their_turn_between_windows():
    bench, inside, turns = KnownBench(), [], []

    @contextmanager
    def alone():
        turns.append([])
        inside.append(True)
        yield
        inside.pop()

    def watched(kind, real):
        def call(order, end_s):
            assert inside == [True]
            turns[-1].append((kind, getattr(order, "block", None)))
            return real(order, end_s)
        return call

    for kind in ("prove", "probe", "window"):
        setattr(bench, kind, watched(kind, getattr(bench, kind)))

    list(sweep(plan_of(*POINTS, diagnoses=True), bench, alone=alone))

    windows = [[("window", block)] * len(turn) for block in range(5) for turn in turns if turn[0] == ("window", block)]
    assert {len(turn) for turn in windows} == {1}
    assert [turn for turn in turns if turn[0][0] == "window"] == windows
    assert [turn[0][0] for turn in turns if turn[0][0] != "window"] == ["prove", "probe"]


def test_long_items_show_the_baselines_first_window_before_the_other_proofs():
    bench, steps = KnownBench(item_s=0.5, rates_per_s={BASELINE: 2.0}), []
    prove, measure = bench.prove, bench.window

    def proved(order, end_s):
        for proof in prove(order, end_s):
            steps.append(proof.point)
            yield proof

    bench.prove = proved
    bench.window = lambda order, end_s: steps.append("window") or measure(order, end_s)

    events = list(sweep(plan_of(*POINTS, budget_s=55.0), bench))

    assert steps[:3] == [BASELINE, "window", BASELINE]
    assert steps[3:5] == [threads(2), pool(2)]
    assert (events[0].point, events[0].block, events[0].place) == (BASELINE, 0, 0)
    assert len({trial.sample for trial in trials_of(events)}) == 1


def test_short_items_are_proven_first_for_any_of_them_may_decide_what_a_window_holds():
    bench = KnownBench(item_s=0.01, signals={(0, 1): QUIET})
    steps = []
    prove, measure = bench.prove, bench.window
    bench.prove = lambda order, end_s: steps.append("proof") or prove(order, end_s)
    bench.window = lambda order, end_s: steps.append("window") or measure(order, end_s)

    list(sweep(plan_of(*POINTS), bench))

    assert steps[:2] == ["proof", "window"]
    assert steps.count("proof") == 1


def test_the_recorder_makes_one_result_of_all_lives():
    plan = plan_of(threads(2))
    whole = list(sweep(plan, KnownBench()))
    recorder = Recorder(plan, FACTS, earlier=whole[:4], started_at="2026-11-20T10:00:00.000Z", earlier_s=40.0)

    list(recorder.follow(sweep(plan, KnownBench(), earlier=whole[:4])))

    result = recorder.result()
    assert windows_of(result.trials) == windows_of(whole)
    assert (result.state, result.started_at) == ("finished", "2026-11-20T10:00:00.000Z")
    assert result.elapsed_s >= 40.0
