"""One small sweep with real processes: everything that the stubs stand for, once."""

import pytest

from dynometer.measure.bench import ProcessBench
from dynometer.measure.order import Job, WindowOrder
from dynometer.measure.recorder import Recorder
from dynometer.measure.result import dumps, loads
from dynometer.measure.sweep import sweep
from dynometer.measure.trial import Point, Trial
from tests.measure.known import plan_of, pool
from tests.measure.test_result import FACTS

VECTORISED = Point("vectorised", "numpy", 1)


@pytest.mark.usefixtures("no_process_left")
def test_a_sweep_stopped_after_its_first_block_has_it_whole(monkeypatch):
    monkeypatch.setattr("dynometer.measure.sweep.MOST_ATTEMPTS", 1)  # a busy machine rejects windows: what of it
    plan = plan_of(pool(2), VECTORISED, window_s=0.05, diagnoses=True, budget_s=300.0)
    recorder = Recorder(plan, FACTS)
    events = recorder.follow(sweep(plan))

    while len(recorder.result().probes) < 2:
        next(events)
    events.close()
    result = recorder.result()

    assert loads(dumps(result)) == result
    assert result.state == "stopped"
    assert result.setbacks == ()
    assert {trial.point for trial in result.trials} == set(plan.points)
    assert {probe.variant for probe in result.probes} == {"python", "numpy"}
    for probe in result.probes:
        assert probe.pickle_bytes > 0
        assert probe.call_overhead_s < 1e-6  # the promise: the best of three short loops, so a busy machine passes too
    for trial in result.trials:
        assert trial.items / trial.wall_s == trial.throughput_per_s
        assert trial.chunk > 1 or trial.point == VECTORISED  # ten numbers take Python microseconds
        assert trial.startup_s > 0
        assert trial.warmup_s > 0
        assert trial.cpu_s > 0
        assert trial.start_method == ("fork" if trial.point.model == "pool" else "")


@pytest.mark.usefixtures("no_process_left")
def test_a_sweep_can_be_stopped_at_its_first_word():
    events = sweep(plan_of(pool(2), diagnoses=True, budget_s=300.0))

    assert isinstance(next(events), Trial)

    events.close()


def test_simulated_workers_obey_their_law():
    point = Point("simulated:gamma=200:sigma=0:kappa=0", "python", 4)
    job = Job("random-sum", plan_of().parameters, 8, None, "fork")
    order = WindowOrder(job=job, point=point, block=0, place=0, attempt=1, chunk=1, window_s=0.5, longest_s=2.5,
                        cpus_usable=2.0, sample=8)

    with ProcessBench(1, 30.0) as bench:
        trial = bench.window(order, bench.now_s() + 60)

    assert trial.throughput_per_s == pytest.approx(800.0)
    assert trial.items == 400  # half a second of them
