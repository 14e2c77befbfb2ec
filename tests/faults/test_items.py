"""What an item may do, on real worker nodes: it costs that item, and the job ends in a stated verdict."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import results
from store.models import JobState
from tasks.housekeeping import UNKNOWN
from tests.databases import Databases
from tests.engine.fleet import Fleet
from tests.services import Valkey

pytestmark = [pytest.mark.services, pytest.mark.faults]


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        ("raise", "ZeroDivisionError: integer division or modulo by zero"),
        ("sys-exit", "SystemExit: enough"),
        ("nan", "It returned what JSON cannot say (nan)."),
        ("object", "It returned what JSON cannot say (object)."),
        ("huge", "Its value takes over 1,000,000 bytes, the most that is kept of an item."),
    ],
)
def test_an_item_that_misbehaves_is_one_failed_item(fleet: Fleet, deed: str, sentence: str) -> None:
    job_id = fleet.start_job(9, chunk_items=4, deed=deed, odd_item=5)

    job = fleet.ended(job_id)

    assert job.state is JobState.PARTIAL
    assert job.failure == f"1 item of 9 failed. The first error is at item 5: {sentence}"
    fleet.assert_exact(job_id, 9, failed={5})


def test_text_with_a_zero_byte_comes_back_as_it_was(fleet: Fleet) -> None:
    job_id = fleet.start_job(2, deed="nul")

    assert fleet.ended(job_id).state is JobState.SUCCEEDED
    assert [found.value for found in results.item_results(fleet.database, job_id)] == ["a\0b", "a\0b"]


def test_a_job_of_failures_alone_has_failed(fleet: Fleet) -> None:
    job_id = fleet.start_job(6, deed="raise")

    job = fleet.ended(job_id)

    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.startswith("6 items of 6 failed. The first error is at item 0: ZeroDivisionError")


def test_a_job_that_cannot_be_combined_says_so_and_keeps_its_values(fleet: Fleet) -> None:
    job_id = fleet.start_job(6, workload="hostile-broken-sum")

    job = fleet.ended(job_id)

    assert (job.state, job.value) == (JobState.PARTIAL, None)
    assert job.failure == "The values are there, but could not be combined: ArithmeticError: no such number"
    fleet.assert_exact(job_id, 6)


def test_a_workload_that_no_node_knows_ends_in_a_sentence(embedded: Fleet) -> None:
    job_id = embedded.start_job(3, workload="not-there")

    job = embedded.ended(job_id)

    assert job.state is JobState.FAILED
    assert job.failure == UNKNOWN.format("not-there")


def test_never_more_processes_than_a_job_asks_for(fleet: Fleet, folder: Path) -> None:
    job_id = fleet.start_job(40, max_workers=2, chunk_items=2, deed="count", seconds=0.02, folder=str(folder))

    fleet.assert_succeeded(job_id, 40)

    company = [int(line) for line in (folder / "company").read_text().splitlines()]
    assert len(company) == 40
    assert set(company) <= {1, 2}


@pytest.fixture(scope="module")
def impatient(_valkey: Valkey, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One node whose items may take a second."""
    _valkey.start()
    fleet = Fleet(
        databases.sqlite(), _valkey, tmp_path_factory.mktemp("impatient"), times={"ITEM_TIME_LIMIT_S": "1"},
        broker_url=_valkey.url.removesuffix("0") + "1",
    )  # fmt: skip
    fleet.heal(wanted=1)
    yield fleet
    fleet.stop()


def test_items_that_never_end_are_ended(impatient: Fleet) -> None:
    loop, swallow, stick = (  # all at once: they only wait
        impatient.start_job(12, chunk_items=12, deed=deed, odd_item=7) for deed in ("loop", "swallow", "stick")
    )

    assert impatient.ended(loop).failure == (
        "1 item of 12 failed. The first error is at item 7: It took longer than 1 s, the time limit of an item."
    )
    for job_id in (swallow, stick):
        assert impatient.ended(job_id).failure == (
            "1 item of 12 failed. Ended their worker process 3 times and were given up: item 7."
        )
    for job_id in (loop, swallow, stick):
        assert impatient.job(job_id).state is JobState.PARTIAL
        impatient.assert_exact(job_id, 12, failed={7})
