"""The broker is a doorbell: when it breaks, or rings too often, only time is lost."""

from pathlib import Path

import pytest

from tests.engine.fleet import Fleet

pytestmark = [pytest.mark.services, pytest.mark.faults]


def test_a_broker_that_dies_and_loses_its_data_costs_no_result_and_no_node(fleet: Fleet) -> None:
    before = [node.process.pid for node in fleet.nodes]
    job_id = fleet.start_job(80, seconds=0.05)
    fleet.await_running(job_id)

    fleet.broker.wipe()
    fleet.broker.start()

    fleet.assert_succeeded(job_id, 80)
    fleet.assert_succeeded(fleet.start_job(4), 4)  # busy nodes have come back to the new broker
    assert [node.process.pid for node in fleet.nodes if node.is_running()] == before


def test_a_running_job_goes_on_to_its_end_while_the_broker_is_away(fleet: Fleet) -> None:
    job_id = fleet.start_job(240, seconds=0.05)  # twice as long as a shift
    fleet.await_running(job_id, at_least=4)

    fleet.broker.kill()

    fleet.assert_succeeded(job_id, 240)


def test_a_job_admitted_without_a_broker_runs_by_itself_once_there_is_one(fleet: Fleet) -> None:
    fleet.broker.kill()
    job_id = fleet.start_job(4)

    assert not fleet.doorbell.ring(job_id)
    fleet.broker.start()

    fleet.assert_succeeded(job_id, 4)


def test_a_message_delivered_three_times_is_one_call_to_work(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(40, seconds=0.01, folder=str(folder), rings=False)

    for _ in range(3):
        fleet.doorbell.ring(job_id, times=3)

    fleet.assert_succeeded(job_id, 40)
    computed = [line.split()[0] for line in (folder / "calls").read_text().splitlines()]
    assert sorted(map(int, computed)) == list(range(40))


def test_messages_of_ended_and_unknown_jobs_do_nothing(fleet: Fleet) -> None:
    job_id = fleet.start_job(2)
    fleet.assert_succeeded(job_id, 2)

    fleet.doorbell.ring(job_id, times=3)
    fleet.doorbell.ring(10**9)

    fleet.assert_succeeded(fleet.start_job(2), 2)
    fleet.assert_exact(job_id, 2)
