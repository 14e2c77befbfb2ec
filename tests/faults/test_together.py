"""Several faults in one run: the promise as it is made."""

import random
import signal
from functools import partial
from pathlib import Path

import pytest

from store import jobs, results
from store.models import JobState
from tasks.jobs import cancel
from tests.engine.fleet import Fleet
from tests.services import Postgres, until

pytestmark = [pytest.mark.services, pytest.mark.faults]


def test_24_of_24_after_a_node_and_the_broker_died_and_a_third_node_came(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(24, deed="gate", folder=str(folder))
    victim = fleet.nodes[0]
    fleet.await_running(job_id, at_least=4)

    victim.kill()
    fleet.broker.kill()
    third = fleet.launch()
    (folder / "open").touch()
    fleet.broker.start()

    fleet.assert_succeeded(job_id, 24)
    fleet.await_ready([third])
    assert {chunk.attempt for chunk in fleet.chunks(job_id)} <= {1, 2}


@pytest.mark.parametrize("mode", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_database_that_restarts_in_the_middle_costs_no_result(
    full: Fleet, postgres: Postgres, mode: signal.Signals
) -> None:
    job_id = full.start_job(80, seconds=0.05)
    full.await_running(job_id)

    assert postgres.process is not None
    postgres.process.send_signal(mode)
    postgres.process.wait()
    postgres.start()

    full.assert_succeeded(job_id, 80)


def test_connections_cut_at_any_moment_count_nothing_twice(full: Fleet, postgres: Postgres) -> None:
    job_id = full.start_job(300, seconds=0.005, workload="hostile-sum")
    full.await_running(job_id)

    rng = random.Random(7)
    for least in range(0, 300, 30):  # each cut waits for some progress: faster ones would let nothing through at all
        until(partial(has_done, full, job_id, least), f"{least} items are done", within_s=60)
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE application_name = 'dynometer' AND pid % 3 = {rng.randrange(3)}"
        )

    full.assert_succeeded(job_id, 300)
    assert full.job(job_id).value == sum(item * item + 7 for item in range(300))


def has_done(fleet: Fleet, job_id: int, least: int) -> bool:
    with fleet.database.reading() as session:
        return jobs.totals(session, job_id).items_done >= least


def test_a_process_inside_a_cancelled_chunk_stops_after_the_item_at_hand(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(4000, seconds=0.1, chunk_items=1000, folder=str(folder))
    fleet.await_running(job_id, at_least=4)

    cancel(fleet.database, job_id)
    fleet.assert_succeeded(fleet.start_job(8), 8)

    until(lambda: not fleet.computing(), "nobody computes what was cancelled", within_s=60)


def test_a_cancelled_job_ends_at_once_and_keeps_what_was_done(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(40, deed="gate", odd_item=20, folder=str(folder))
    until(lambda: len(list(results.item_results(fleet.database, job_id))) >= 20, "half is done", within_s=60)

    assert cancel(fleet.database, job_id)

    job = fleet.job(job_id)
    assert (job.state, job.failure) == (JobState.CANCELLED, "It was cancelled; what was done by then is kept.")
    assert not cancel(fleet.database, job_id)
    kept = list(results.item_results(fleet.database, job_id))
    (folder / "open").touch()
    fleet.assert_succeeded(fleet.start_job(8), 8)
    assert list(results.item_results(fleet.database, job_id)) == kept
