"""What dies by force costs time, never a result."""

import os
import signal
from pathlib import Path

import pytest

from store.models import JobState, NodeState
from tests.engine.fleet import Fleet
from tests.services import until

pytestmark = [pytest.mark.services, pytest.mark.faults]


def test_a_killed_worker_process_loses_nothing(fleet: Fleet) -> None:
    job_id = fleet.start_job(60, seconds=0.03)
    victim = fleet.await_running(job_id)[0]

    os.kill(victim.slot_pid or 0, signal.SIGKILL)

    fleet.assert_succeeded(job_id, 60)


def test_a_killed_main_process_takes_its_chunks_to_others_at_once(fleet: Fleet) -> None:
    job_id = fleet.start_job(60, seconds=0.03)
    victim = fleet.nodes[0]
    fleet.await_running(job_id, victim)

    victim.send(signal.SIGKILL)

    fleet.assert_succeeded(job_id, 60)
    until(lambda: fleet.state_of(victim) is NodeState.LOST, "the node is lost")


def test_a_node_that_vanishes_is_declared_lost_and_its_chunks_move(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(24, deed="gate", folder=str(folder))
    victim = fleet.nodes[0]
    held = fleet.await_running(job_id, victim, at_least=2)

    victim.kill()
    (folder / "open").touch()

    fleet.assert_succeeded(job_id, 24)
    moved = {chunk.first_item for chunk in fleet.chunks(job_id) if chunk.attempt == 2}
    assert moved == {chunk.first_item for chunk in held}
    until(lambda: fleet.state_of(victim) is NodeState.LOST, "the node is lost", within_s=60)


def test_a_node_that_joins_in_the_middle_gets_work(fleet: Fleet) -> None:
    long_job = fleet.start_job(3000, seconds=0.05)
    victim = fleet.nodes[0]
    fleet.await_running(long_job, victim)
    victim.kill()

    newcomer = fleet.add()

    fleet.await_running(long_job, newcomer)


def test_an_item_that_kills_its_process_is_named_alone_after_three_tries(fleet: Fleet) -> None:
    job_id = fleet.start_job(30, chunk_items=30, deed="die", odd_item=17)

    job = fleet.ended(job_id)

    assert job.state is JobState.PARTIAL
    assert job.failure == "1 item of 30 failed. Ended their worker process 3 times and were given up: item 17."
    fleet.assert_exact(job_id, 30, failed={17})
    assert [chunk.attempt for chunk in fleet.chunks(job_id) if chunk.items_failed] == [3]


def test_a_node_that_lost_its_steward_leaves_in_order(embedded: Fleet, folder: Path) -> None:
    job_id = embedded.start_job(60, deed="gate", folder=str(folder))
    bereft = embedded.nodes[0]
    workers = {chunk.slot_pid for chunk in embedded.await_running(job_id, bereft, at_least=2)}
    [steward] = set(bereft.pids()[1:]) - workers

    os.kill(steward, signal.SIGKILL)
    (folder / "open").touch()

    assert bereft.ended() == 1
    embedded.assert_succeeded(job_id, 60)
    assert {chunk.attempt for chunk in embedded.chunks(job_id)} == {1}
