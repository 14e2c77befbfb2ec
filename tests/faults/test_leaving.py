"""Nodes that join, leave in order, or stand still: work moves, and no attempt is spent on it."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from store.models import Node, NodeState
from tests.engine.fleet import Fleet
from tests.services import until

pytestmark = [pytest.mark.services, pytest.mark.faults]


def test_a_rolling_restart_loses_nothing_and_burns_no_attempt(fleet: Fleet) -> None:
    job_id = fleet.start_job(160, seconds=0.05)
    first, second = fleet.nodes
    fleet.await_running(job_id, first)

    first.send(signal.SIGTERM)  # to the main process, as a supervisor does
    third = fleet.launch()
    assert first.ended() == 0
    fleet.await_ready([third])
    fleet.await_running(job_id, second)
    second.send_all(signal.SIGTERM)  # to every process, as platforms do
    assert second.ended() == 0

    fleet.assert_succeeded(job_id, 160)
    assert {chunk.attempt for chunk in fleet.chunks(job_id)} == {1}
    assert {fleet.state_of(node) for node in (first, second)} == {NodeState.LEFT}


def test_an_item_that_outlasts_the_grace_goes_back_unspent(fleets: Callable[[str], Fleet], folder: Path) -> None:
    both = [fleets("embedded"), fleets("full")]  # at once: the grace is the same for both
    for fleet in both:
        fleet.heal()
    job_ids = [fleet.start_job(4, deed="gate", folder=str(folder)) for fleet in both]
    for fleet, job_id in zip(both, job_ids, strict=True):
        fleet.await_running(job_id, at_least=4)

    for fleet in both:
        fleet.nodes[0].send(signal.SIGTERM)
    for fleet in both:
        fleet.nodes[0].ended()
    (folder / "open").touch()

    for fleet, job_id in zip(both, job_ids, strict=True):
        fleet.assert_succeeded(job_id, 4)
        assert {chunk.attempt for chunk in fleet.chunks(job_id)} == {1}
        assert fleet.state_of(fleet.nodes[0]) is NodeState.LEFT


def test_a_node_leaves_in_time_without_a_broker(fleet: Fleet) -> None:
    leaver = fleet.nodes[0]
    job_id = fleet.start_job(40, seconds=0.05)
    fleet.await_running(job_id, leaver)

    fleet.broker.kill()
    leaver.send(signal.SIGTERM)

    assert leaver.ended(within_s=30) in (0, -signal.SIGKILL)
    fleet.broker.start()
    fleet.assert_succeeded(job_id, 40)
    assert {chunk.attempt for chunk in fleet.chunks(job_id)} == {1}


def test_processes_that_are_renewed_after_every_shift_lose_nothing(embedded: Fleet) -> None:
    renewing = embedded.add(DYNOMETER_SHIFT_S="0.1", options=["--max-tasks-per-child", "1"])
    for node in embedded.nodes[:2]:
        node.kill()
    job_id = embedded.start_job(12, seconds=0.05)

    embedded.assert_succeeded(job_id, 12)

    assert {chunk.attempt for chunk in embedded.chunks(job_id)} == {1}
    assert len({chunk.slot_pid for chunk in embedded.chunks(job_id)}) > 2
    assert renewing.is_running()


def test_the_late_result_of_a_node_that_stood_still_is_dropped(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(24, deed="gate", folder=str(folder))
    sleeper, other = fleet.nodes
    held = {chunk.first_item for chunk in fleet.await_running(job_id, sleeper, at_least=2)}

    sleeper.send_all(signal.SIGSTOP)
    until(lambda: not fleet.running(job_id, sleeper), "its leases end", within_s=60)
    (folder / "open").touch()
    fleet.assert_succeeded(job_id, 24)
    sleeper.send_all(signal.SIGCONT)

    until(lambda: sleeper.has_said("went to another process"), "the late results are refused", within_s=60)
    fleet.assert_exact(job_id, 24)
    assert {chunk.first_item for chunk in fleet.chunks(job_id) if chunk.attempt == 2} == held
    until(lambda: fleet.is_ready(sleeper), "the sleeper is a member again", within_s=60)
    assert other.is_running()


def test_a_second_node_of_the_same_name_is_refused(embedded: Fleet) -> None:
    first = embedded.nodes[0]

    twin = embedded.launch(first.name)

    assert twin.ended() == 1
    assert twin.has_said(f"A worker node {first.name} runs here already (process {first.process.pid})")
    embedded.nodes.remove(twin)
    embedded.assert_succeeded(embedded.start_job(8), 8)


def test_a_node_that_returns_under_its_name_holds_nothing_of_its_earlier_life(full: Fleet, folder: Path) -> None:
    job_id = full.start_job(4, deed="gate", folder=str(folder))
    victim = full.nodes[0]
    full.await_running(job_id, at_least=4)

    victim.kill()
    full.nodes.remove(victim)
    returned = full.launch(victim.name, DYNOMETER_LEASE_S="3600")
    (folder / "open").touch()

    full.assert_succeeded(job_id, 4)
    full.await_ready([returned])
    returned.kill()  # no other test may meet a node with such a lease


def test_a_node_that_moves_to_another_host_leaves_its_earlier_life_its_chunks(full: Fleet, folder: Path) -> None:
    job_id = full.start_job(4, deed="gate", folder=str(folder))
    older = full.nodes[0]
    full.await_running(job_id, at_least=4)
    row = full.row(older)
    assert row is not None
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sitecustomize.py").write_text('import socket\nsocket.gethostname = lambda: "elsewhere"\n')

    newer = full.launch(older.name, PYTHONPATH=f"{elsewhere}:{full.environment['PYTHONPATH']}")
    full.await_ready([newer])
    older.send(signal.SIGTERM)
    (folder / "open").touch()

    assert older.ended() == 0
    full.assert_succeeded(job_id, 4)
    assert {chunk.attempt for chunk in full.chunks(job_id)} == {1}
    with full.database.reading() as session:
        left = session.get_one(Node, row.id)
    assert (left.name, left.state) == (f"{older.name}~{row.id}", NodeState.LEFT)
