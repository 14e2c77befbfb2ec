"""What pages and the API say of a job: counters, rates, an honest range for the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier, Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from store import partials
from store.database import Database, now_s
from store.models import Chunk, ChunkPartial, Job
from tasks import shown
from tasks.progress import Interval, JobProgress, eta, progress_of
from tests.engine.hand import Hand

WITHIN_S = 20.0  # an end for what must happen, not a measure


@dataclass
class Counting:
    """Adds up, and notes which partials it was asked to show."""

    values: list[int] = field(default_factory=list)
    sentences: list[int] = field(default_factory=list)

    def value(self, partial: int) -> int:
        self.values.append(partial)
        if partial < 0:
            raise ValueError("a debt can't be shown")
        return partial

    def sentence(self, value: int) -> str:
        self.sentences.append(value)
        return f"The total is {value}."


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Every workload combines by it."""
    counting = Counting()
    monkeypatch.setattr(shown, "find", lambda key: SimpleNamespace(combine=counting))
    return counting


def fold(hand: Hand, job_id: int, *parts: int) -> None:
    """What worker processes do once a second with the partials that came."""
    with hand.database.writing() as session:
        session.add_all(ChunkPartial(job_id=job_id, first_item=part, partial=part) for part in parts)
    partials.fold(hand.database, job_id, lambda left, right: left + right)


@contextmanager
def partials_read(database: Database) -> Iterator[list[str]]:
    """The statements that fetch a combined partial meanwhile."""
    read: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        if "job_partial.partial" in statement:
            read.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield read
    event.remove(database.engine, "before_cursor_execute", note)


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


def test_a_combined_value_is_read_and_computed_once_a_fold(hand: Hand, owner: int, counting: Counting) -> None:
    job_id = hand.job(owner)
    fold(hand, job_id, 1, 2)

    with partials_read(hand.database) as read:
        found = [progress(hand, job_id) for _ in range(3)]
        fold_reads = len(read)
        fold(hand, job_id, 3)
        read.clear()
        found += [progress(hand, job_id) for _ in range(3)]

    before, after = (3, "The total is 3."), (6, "The total is 6.")
    assert [(each.value, each.sentence) for each in found] == [before] * 3 + [after] * 3
    assert (counting.values, counting.sentences) == ([3, 6], [3, 6])
    assert (fold_reads, len(read)) == (1, 1)


def test_before_the_first_fold_there_is_no_value_yet(hand: Hand, owner: int, counting: Counting) -> None:
    job_id = hand.job(owner)
    assert (progress(hand, job_id).value, progress(hand, job_id).sentence) == (None, None)

    fold(hand, job_id, 5)

    assert progress(hand, job_id).value == 5


def test_what_cannot_be_shown_is_tried_once_a_fold(hand: Hand, owner: int, counting: Counting) -> None:
    job_id = hand.job(owner)
    fold(hand, job_id, -5)

    assert [(progress(hand, job_id).value, progress(hand, job_id).sentence) for _ in range(2)] == [(None, None)] * 2
    assert counting.values == [-5]
    fold(hand, job_id, 7)
    assert progress(hand, job_id).value == 2


def test_jobs_do_not_share_what_is_shown(hand: Hand, owner: int, counting: Counting) -> None:
    jobs = [hand.job(owner) for _ in range(3)]
    for number, job_id in enumerate(jobs):
        fold(hand, job_id, number)

    assert [progress(hand, job_id).value for job_id in jobs * 2] == [0, 1, 2, 0, 1, 2]
    assert counting.values == [0, 1, 2]


def test_threads_that_ask_at_once_compute_it_once() -> None:
    once, start, may_end = shown.OncePerFold(most=2), Barrier(5), Event()
    computed: list[int] = []
    got: list[Any] = []

    def compute() -> tuple[Any, str | None]:
        computed.append(1)
        assert may_end.wait(WITHIN_S)
        return 42, "It is 42."

    def ask() -> None:
        start.wait(WITHIN_S)
        got.append(once.get(7, 1.0, compute))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait(WITHIN_S)
    may_end.set()
    for thread in threads:
        thread.join()

    assert got == [(42, "It is 42.")] * 4
    assert computed == [1]


def test_of_many_jobs_the_latest_asked_for_are_kept() -> None:
    once = shown.OncePerFold(most=2)
    computed: list[int] = []

    def ask(job_id: int) -> None:
        def compute() -> tuple[Any, str | None]:
            computed.append(job_id)
            return job_id, None

        assert once.get(job_id, 1.0, compute) == (job_id, None)

    for job_id in (1, 2, 1, 3, 1, 2):  # the third takes the place of the second
        ask(job_id)

    assert computed == [1, 2, 3, 2]


def test_a_failure_of_the_database_is_not_kept() -> None:
    once = shown.OncePerFold(most=2)

    def fail() -> tuple[Any, str | None]:
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        once.get(7, 1.0, fail)

    assert once.get(7, 1.0, lambda: (1, None)) == (1, None)
