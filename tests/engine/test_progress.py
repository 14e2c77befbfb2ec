"""What pages and the API say of a job: counters, rates, an honest range for the end."""

import pytest

from store.database import now_s
from store.models import Chunk, ChunkPartial, Job
from tasks.progress import Interval, JobProgress, eta, progress_of
from tests.engine.hand import Hand


def progress(hand: Hand, job_id: int) -> JobProgress:
    with hand.database.reading() as session:
        return progress_of(session, hand.get(job_id))


@pytest.mark.parametrize(
    ("left", "recent", "mean", "expected"),
    [
        (100, 10.0, 5.0, Interval(9.0, 22.0)),  # 0.9 * 100 / 10 to 1.1 * 100 / 5
        (100, 5.0, 10.0, Interval(9.0, 22.0)),
        (100, None, 10.0, Interval(9.0, 11.0)),
        (100, 0.0, 10.0, Interval(9.0, 11.0)),  # nothing ended lately: the rate says nothing
        (100, None, None, None),
        (0, 10.0, 10.0, None),
    ],
)
def test_the_end_is_a_range(left: int, recent: float | None, mean: float | None, expected: Interval | None) -> None:
    found = eta(left, recent, mean)

    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.low_s, found.high_s) == pytest.approx((expected.low_s, expected.high_s))


@pytest.mark.parametrize(
    ("chunk_rates", "expected"),
    [
        ([], Interval(9.0, 11.0)),
        ([7.0], Interval(9.0, 11.0)),  # one chunk differs from nothing
        ([7.0] * 9, Interval(9.0, 11.0)),  # even items: as sure as before
        ([1.0, 2.0, 4.0], Interval(4.5, 22.0)),  # of three the extremes: twice and half the middle one
        ([8.0, 1.0, 2.0, 4.0, 16.0, 2.0, 8.0], Interval(4.5, 22.0)),  # quartiles 2, 4, 8; the extremes do not count
    ],
)
def test_the_more_uneven_the_chunks_the_wider_the_range(chunk_rates: list[float], expected: Interval) -> None:
    found = eta(100, 10.0, 10.0, chunk_rates)

    assert found is not None
    assert (found.low_s, found.high_s) == pytest.approx((expected.low_s, expected.high_s))


def test_a_running_jobs_range_knows_how_uneven_its_chunks_were(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=100, chunk_items=1)
    for _ in range(3):
        hand.record(hand.claimed(slot), slot)
    hand.change(Job, started_at=now_s() - 5.0)
    even = progress(hand, job_id).eta_s
    hand.change(Chunk, busy_s=Chunk.first_item + 1.0)  # rates of 1, 1/2 and 1/3: twice the middle one, and 2/3 of it

    uneven = progress(hand, job_id).eta_s

    assert even is not None
    assert uneven is not None
    assert uneven.high_s / uneven.low_s == pytest.approx(3 * even.high_s / even.low_s)


def test_a_job_nobody_took_yet_promises_nothing(hand: Hand, owner: int) -> None:
    found = progress(hand, hand.job(owner, items=7))

    assert (found.items_total, found.items_done, found.eta_s, found.throughput_per_s) == (7, 0, None, None)
    assert found.elapsed_s == 0
    assert found.shares == ()


def test_counters_add_up_over_nodes(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner, items=6, chunk_items=2)
    for name, failed in (("a", [1]), ("b", [])):
        slot = hand.node(name)[0]
        hand.record(hand.claimed(slot), slot, failed)
    hand.claimed(slot)

    found = progress(hand, job_id)

    assert (found.items_done, found.items_failed) == (4, 1)
    assert found.chunks == {"ready": 0, "running": 1, "done": 2, "dead": 0}
    assert [(share.node, share.items_done, share.chunks_done) for share in found.shares] == [("a", 2, 1), ("b", 2, 1)]


def test_the_version_changes_with_what_is_seen_and_only_then(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=4, chunk_items=1)
    first, same = progress(hand, job_id).version, progress(hand, job_id).version
    claimed = hand.claimed(slot)
    running = progress(hand, job_id).version
    hand.record(claimed, slot)

    assert first == same
    assert len({first, running, progress(hand, job_id).version}) == 3


def test_a_value_that_cannot_be_shown_does_not_break_the_page(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    hand.change(Job, workload="random-sum", value={"not": "a sum"})

    found = progress(hand, job_id)

    assert (found.value, found.sentence) == ({"not": "a sum"}, None)


def test_a_job_of_a_removed_package_stays_readable(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    hand.change(Job, workload="gone", value=42)
    with hand.database.writing() as session:
        session.add(ChunkPartial(job_id=job_id, first_item=0, partial=1))

    found = progress(hand, job_id)

    assert (found.value, found.sentence) == (42, None)
