"""A sweep that loses its process, its node or its owner's patience keeps every window, and no window is there twice."""

import os
import signal
from collections import Counter
from dataclasses import replace

import psutil
import pytest

from dynometer.measure.events import Event
from dynometer.measure.trial import Trial
from dynometer.report.report import make_report
from store import jobs, sweep_jobs, sweeps
from store.sweep_models import Phase, Sweep, SweepState
from tasks.instrument import MODULE
from tasks.sweep_result import as_text, event_of, plan_of, result_of
from tasks.sweeps import SweepRequest, admit, cancel
from tests.engine.fleet import WITHIN_S, Fleet, WorkerNode
from tests.services import until

pytestmark = [pytest.mark.services, pytest.mark.faults]
QUICK = SweepRequest("random-sum", parameters={"numbers": 200}, models=["sequential", "pool"], workers=[1, 2],
                     budget_s=40.0)  # fmt: skip


def started(fleet: Fleet, request: SweepRequest = QUICK, *, blocks: int = 3, rings: bool = True) -> int:
    """A sweep of windows so short that their number, not their length, takes the time."""
    with fleet.database.writing() as session:
        sweep = admit(session, fleet.owners[0], request, fleet.settings).sweep
        plan = plan_of(sweep)
        short = replace(plan, window_s=0.05, blocks_least=blocks, blocks_most=blocks, diagnostic=(), diagnoses=False,
                        points=tuple(point for point in plan.points if point not in plan.diagnostic))  # fmt: skip
        sweep.plan = as_text(short)
        sweep_id = sweep.id
    if rings:
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
    def are_there() -> bool:
        sweep, _ = now(fleet, sweep_id)
        assert not sweep.state.is_final, f"{sweep.state}: {sweep.ending} {sweep.remarks}"
        return sweep.windows >= least

    until(are_there, f"{least} windows", within_s=WITHIN_S)
    return now(fleet, sweep_id)[0]


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


def assert_whole(sweep: Sweep, events: list[Event], *, blocks: int = 3) -> None:
    """It has a verdict, and every window of every point once."""
    assert (sweep.state, sweep.ending) == (SweepState.FINISHED, None)
    counted = Counter((event.point, event.block) for event in events if isinstance(event, Trial) and event.is_accepted)
    assert counted == Counter({(point, block): 1 for point in plan_of(sweep).points for block in range(blocks)})
    result = result_of(sweep, events)
    assert result
    assert sweep.verdict == make_report(result).verdict


def test_a_sweep_is_measured_to_its_verdict(fleet: Fleet) -> None:
    assert_whole(*ended(fleet, started(fleet)))


def test_a_killed_worker_process_costs_no_window_and_doubles_none(fleet: Fleet) -> None:
    sweep_id = started(fleet)
    before = await_windows(fleet, sweep_id)

    os.kill(before.slot_pid or 0, signal.SIGKILL)

    sweep, events = ended(fleet, sweep_id)
    assert_whole(sweep, events)
    assert sweep.epoch == before.epoch
    assert "was killed" in sweep.remarks[0]
    assert "goes on" in sweep.remarks[1]


def test_a_node_that_vanishes_hands_its_sweep_to_another_of_its_kind(fleet: Fleet) -> None:
    sweep_id = started(fleet)
    before = await_windows(fleet, sweep_id)
    victim = next(node for node in fleet.nodes if node.name == before.node_name)

    victim.kill()

    sweep, events = ended(fleet, sweep_id)
    assert_whole(sweep, events)
    assert sweep.node_name != victim.name
    assert sweep.windows == len([event for event in events if isinstance(event, Trial)])


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
    sweep_id = started(embedded, blocks=200)
    before = await_windows(embedded, sweep_id)
    node = next(node for node in embedded.nodes if node.name == before.node_name)
    family = instruments(node)

    cancel(embedded.database, sweep_id)

    until(lambda: not any(each.is_running() for each in family), "its processes are gone", within_s=WITHIN_S)
    sweep, events = now(embedded, sweep_id)
    assert sweep.state is SweepState.CANCELLED
    assert sweep.windows == len([event for event in events if isinstance(event, Trial) and event.is_accepted]) >= 2
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
    sweep_id = started(embedded, blocks=200)
    await_windows(embedded, sweep_id)

    job_id = embedded.start_job(20, seconds=0.02)

    embedded.assert_succeeded(job_id, 20)
    at_its_end = now(embedded, sweep_id)[0]
    assert not at_its_end.state.is_final
    await_windows(embedded, sweep_id, at_its_end.windows + 1)
    cancel(embedded.database, sweep_id)


def test_cluster_points_are_jobs_on_the_whole_fleet(fleet: Fleet) -> None:
    of_some_size = {"numbers": 100_000}
    sweep_id = started(fleet, replace(QUICK, models=["sequential", "cluster"], parameters=of_some_size, items=40))

    sweep, events = ended(fleet, sweep_id)

    trials = [event for event in events if isinstance(event, Trial) and event.point.model == "cluster"]
    assert {trial.point.workers for trial in trials if trial.is_accepted} == {1, 2}
    assert {trial.nodes for trial in trials} == {len(fleet.nodes)}
    assert sweep.phase is Phase.FLEET
    assert sweep.verdict
    with fleet.database.reading() as session:
        assert sweep_jobs.window_of(session, sweep_id) is None
        assert not [job for job in jobs.newest_jobs(session, None, 50) if job.workload == "random-sum"]
