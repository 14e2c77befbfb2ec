"""How a job ends: in which state, with which sentence, and only once."""

import pytest

from store import chunks, jobs
from store.models import JobState
from tasks.finish import finish_if_done
from tests.engine.hand import Hand


def run_out(hand: Hand, job_id: int, failed: dict[int, list[int]] | None = None) -> None:
    """Compute every chunk; `failed`: first item of a chunk -> places of it that fail."""
    slot = hand.node("w")[0]
    while claimed := hand.claim(slot):
        hand.record(claimed, slot, (failed or {}).get(claimed.first_item, []))


@pytest.mark.parametrize(
    ("failed", "state", "sentence"),
    [
        ({}, JobState.SUCCEEDED, None),
        ({0: [3]}, JobState.PARTIAL, "1 item of 2,000 failed. The first error is at item 3: It broke."),
        ({1000: [0, 2]}, JobState.PARTIAL, "2 items of 2,000 failed. The first error is at item 1,000: It broke."),
        (
            {0: list(range(1000)), 1000: list(range(1000))}, JobState.FAILED,
            "2,000 items of 2,000 failed. The first error is at item 0: It broke.",
        ),
    ],
)  # fmt: skip
def test_the_verdict_counts_and_names(
    hand: Hand, owner: int, failed: dict[int, list[int]], state: JobState, sentence: str | None
) -> None:
    job_id = hand.job(owner, items=2000, chunk_items=1000)
    run_out(hand, job_id, failed)

    assert finish_if_done(hand.database, job_id)

    job = hand.get(job_id)
    assert (job.state, job.failure) == (state, sentence)
    assert job.ended_at is not None


def test_a_verdict_is_given_once(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner, items=4)
    run_out(hand, job_id)

    assert finish_if_done(hand.database, job_id)
    ended_at = hand.get(job_id).ended_at

    assert not finish_if_done(hand.database, job_id)
    with hand.database.writing() as session:
        assert not jobs.end(session, job_id, JobState.CANCELLED, "Too late.")
    assert (hand.get(job_id).state, hand.get(job_id).ended_at) == (JobState.SUCCEEDED, ended_at)


def test_no_verdict_while_something_is_open(hand: Hand, owner: int) -> None:
    first, second = hand.node("w")
    job_id = hand.job(owner, items=2, chunk_items=1)
    assert not finish_if_done(hand.database, job_id)
    held = hand.claimed(first)
    last = hand.claimed(second)
    hand.record(held, first)

    assert not finish_if_done(hand.database, job_id)
    hand.record(last, second)
    assert finish_if_done(hand.database, job_id)


def test_a_job_that_is_gone_has_no_verdict(hand: Hand) -> None:
    assert not finish_if_done(hand.database, 10**9)


def test_ten_dead_chunks_are_named_and_the_rest_counted(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=12, chunk_items=1)
    while hand.claim(slot):
        with hand.database.writing() as session:
            for chunk in chunks.running_on(session, slot.node_id):
                chunks.bury(session, chunk)

    assert finish_if_done(hand.database, job_id)

    job = hand.get(job_id)
    assert job.state is JobState.FAILED
    assert job.failure == (
        "12 items of 12 failed. Ended their worker process 3 times and were given up: "
        "item 0, item 1, item 2, item 3, item 4, item 5, item 6, item 7, item 8, item 9."
    )
