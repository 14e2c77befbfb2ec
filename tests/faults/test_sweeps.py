"""A sweep that loses its process, its node or its owner's patience keeps every window, and no window is there twice."""

import os
import signal
from collections import Counter
from dataclasses import replace

import psutil
import pytest

from dynometer.measure.events import Event
from dynometer.measure.trial import Setback, Trial
from dynometer.report.report import make_report
from store import jobs, sweep_jobs, sweeps
from store.sweep_models import Phase, Sweep, SweepState
from store.values import Slot
from tasks.instrument import MODULE
from tasks.sweep_result import as_text, event_of, plan_of, result_of
from tasks.sweeps import SweepRequest, admit, cancel
from tests.engine.fleet import WITHIN_S, Fleet, WorkerNode
from tests.report.made import ENVIRONMENT, trial
from tests.services import until

pytestmark = [pytest.mark.services, pytest.mark.faults]
QUICK = SweepRequest("random-sum", parameters={"numbers": 200}, models=["sequential", "threads"], workers=[1],
                     budget_s=6.0)  # fmt: skip
BASELINES = 3
LONG = replace(QUICK, budget_s=120.0)


def started(fleet: Fleet, request: SweepRequest = QUICK, *, blocks: int = 2) -> int:
    """A sweep of windows so short that their number, not their length, takes the time."""
    with fleet.database.writing() as session:
        sweep = admit(session, fleet.owners[0], request, fleet.settings).sweep
        plan = plan_of(sweep)
        short = replace(plan, window_s=0.05, blocks_least=blocks, blocks_most=blocks, diagnostic=(), diagnoses=False,
                        points=tuple(point for point in plan.points if point not in plan.diagnostic))  # fmt: skip
        sweep.plan = as_text(short)
        sweep_id = sweep.id
    fleet.doorbell.ring_for_sweep(sweep_id)
    return sweep_id


def now(fleet: Fleet, sweep_id: int) -> tuple[Sweep, list[Event]]:
    with fleet.database.reading() as session:
        sweep = sweeps.sweep_of(session, sweep_id)
        assert sweep is not None
        return sweep, [event_of(row) for row in sweeps.events_of(session, sweep_id, sweep.epoch)]


def ended(fleet: Fleet, sweep_id: int) -> tuple[Sweep, list[Event]]:
    until(lambda: now(fleet, sweep_id)[0].state.is_final, f"sweep {sweep_id} ends", within_s=WITHIN_S)
    return now(fleet, sweep_id)


def await_windows(fleet: Fleet, sweep_id: int, least: int = 2) -> Sweep:
    """Whether they count or not: other tests may disturb them."""

    def are_there() -> bool:
        sweep, events = now(fleet, sweep_id)
        assert not sweep.state.is_final, f"{sweep.state}: {sweep.ending} {sweep.remarks}"
        return len(windows(events)) >= least

    until(are_there, f"{least} windows", within_s=WITHIN_S)
    return now(fleet, sweep_id)[0]


def windows(events: list[Event]) -> list[Trial]:
    return [event for event in events if isinstance(event, Trial)]


def instruments(node: WorkerNode) -> list[psutil.Process]:
    """Processes of the instrument under a node, its measuring children with it."""
    below = psutil.Process(node.process.pid).children(recursive=True) if node.is_running() else []
    found = []
    for process in below:
        try:
            if MODULE in process.cmdline():
                found += [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
    return found


def assert_whole(sweep: Sweep, events: list[Event]) -> None:
    """It has a verdict, the report's own; every point has windows or a reason why not, and none is there twice."""
    assert sweep.state in (SweepState.FINISHED, SweepState.FAILED)  # failed: none of its windows was undisturbed
    tries = Counter((trial.point, trial.block, trial.attempt) for trial in windows(events))
    assert set(tries.values()) == {1}
    set_back = {event.point for event in events if isinstance(event, Setback)}
    assert {trial.point for trial in windows(events)} | set_back >= set(plan_of(sweep).points)
    assert sweep.windows == sum(trial.is_accepted for trial in windows(events))
    result = result_of(sweep, events)
    assert result
    assert sweep.verdict == make_report(result).verdict


def test_a_sweep_is_measured_to_its_verdict(embedded: Fleet) -> None:
    assert_whole(*ended(embedded, started(embedded)))


def test_a_killed_worker_process_costs_no_window_and_doubles_none(embedded: Fleet) -> None:
    sweep_id = started(embedded)
    before = await_windows(embedded, sweep_id)

    os.kill(before.slot_pid or 0, signal.SIGKILL)

    sweep, events = ended(embedded, sweep_id)
    assert_whole(sweep, events)
    assert sweep.epoch == before.epoch
    assert "was killed" in sweep.remarks[0]
    assert "goes on" in sweep.remarks[1]


def test_a_node_that_vanishes_hands_its_sweep_to_another_of_its_kind(full: Fleet) -> None:
    sweep_id = started(full)
    before = await_windows(full, sweep_id)
    victim = next(node for node in full.nodes if node.name == before.node_name)

    victim.kill()

    sweep, events = ended(full, sweep_id)
    assert_whole(sweep, events)
    assert sweep.node_name != victim.name
    assert len(windows(events)) > 2


def test_another_kind_of_machine_begins_the_curves_again_and_says_why(embedded: Fleet) -> None:
    sweep_id = started(embedded)
    before = await_windows(embedded, sweep_id)
    with embedded.database.writing() as session:  # as if another kind of machine had measured these
        held = sweeps.Held(sweep_id, before.fence)
        other = before.environment.replace('"python": "', '"python": "2.') if before.environment else ""
        sweeps.change(session, held, environment=other, fingerprint="of another kind")

    os.kill(before.slot_pid or 0, signal.SIGKILL)

    sweep, events = ended(embedded, sweep_id)
    assert_whole(sweep, events)
    assert sweep.epoch == before.epoch + 1
    assert "another kind of machine (python)" in sweep.remarks[1]


def test_a_cancelled_sweep_ends_its_processes_and_keeps_its_windows(embedded: Fleet) -> None:
    sweep_id = started(embedded, LONG, blocks=200)
    before = await_windows(embedded, sweep_id)
    node = next(node for node in embedded.nodes if node.name == before.node_name)
    family = instruments(node)

    cancel(embedded.database, sweep_id)

    until(lambda: not any(each.is_running() for each in family), "its processes are gone", within_s=WITHIN_S)
    sweep, events = now(embedded, sweep_id)
    assert sweep.state is SweepState.CANCELLED
    assert len(windows(events)) >= 2
    assert node.is_running()


def test_a_leaving_node_burns_no_attempt(embedded: Fleet) -> None:
    sweep_id = started(embedded)
    before = await_windows(embedded, sweep_id)
    leaver = next(node for node in embedded.nodes if node.name == before.node_name)

    leaver.send(signal.SIGTERM)

    assert leaver.ended() == 0
    sweep, events = ended(embedded, sweep_id)
    assert_whole(sweep, events)
    assert sweep.attempt == 1


def test_jobs_and_a_sweep_take_turns_on_a_node(embedded: Fleet) -> None:
    sweep_id = started(embedded, LONG, blocks=200)
    await_windows(embedded, sweep_id)

    job_id = embedded.start_job(20, seconds=0.02)

    embedded.assert_succeeded(job_id, 20)
    at_its_end = now(embedded, sweep_id)[0]
    assert not at_its_end.state.is_final
    await_windows(embedded, sweep_id, len(windows(now(embedded, sweep_id)[1])) + 1)
    cancel(embedded.database, sweep_id)


def test_cluster_points_are_jobs_on_the_whole_fleet(full: Fleet) -> None:
    of_some_size = {"numbers": 10_000}
    request = replace(QUICK, models=["sequential", "cluster"], workers=[1, 2], parameters=of_some_size, items=40)
    sweep_id = in_fleet_phase(full, request, items_per_s=150.0)

    sweep, events = ended(full, sweep_id)

    trials = [trial for trial in windows(events) if trial.point.model == "cluster"]
    assert {trial.point.workers for trial in trials if trial.is_accepted} == {1, 2}
    assert set(Counter((trial.point, trial.block) for trial in trials if trial.is_accepted).values()) == {1}
    assert {trial.nodes for trial in trials} == {len(full.nodes)}
    assert sweep.verdict
    with full.database.reading() as session:
        assert sweep_jobs.window_of(session, sweep_id) is None
        assert not [job for job in jobs.newest_jobs(session, None, 50) if job.workload == "random-sum"]


def test_a_window_beside_another_job_does_not_count(embedded: Fleet) -> None:
    request = replace(QUICK, models=["sequential", "cluster"], workers=[2], parameters={"numbers": 10_000}, items=40)
    other = embedded.start_job(4000, seconds=0.02)
    embedded.await_running(other)

    sweep_id = in_fleet_phase(embedded, request, items_per_s=150.0)

    until(lambda: bool(windows(now(embedded, sweep_id)[1])[BASELINES:]), "a window of the fleet", within_s=WITHIN_S)
    window = windows(now(embedded, sweep_id)[1])[BASELINES]
    cancel(embedded.database, sweep_id)
    assert window.rejected == ("Another job computed on the fleet meanwhile.",)


def in_fleet_phase(fleet: Fleet, request: SweepRequest, *, items_per_s: float) -> int:
    """A sweep whose one-node windows were measured by hand."""
    with fleet.database.writing() as session:
        sweep = admit(session, fleet.owners[0], request, fleet.settings).sweep
        held = sweeps.claim(session, sweep.id, Slot(0, 0, 0), "by hand", 60.0)
        assert held
        sweeps.change(session, held, environment=as_text(ENVIRONMENT), fingerprint="f", offers="[]")
        for number in range(1, BASELINES + 1):
            body = as_text(trial(plan_of(sweep).baseline, number - 1, items_per_s))
            sweeps.record(session, held, number, "trial", body, spent_s=float(number), windows=1)
        sweeps.change(session, held, phase=Phase.FLEET, node_id=None, slot_pid=None, lease_until=None)
    return sweep.id
