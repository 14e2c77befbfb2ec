"""How fast a job went: bins of time, and what a chunk's items count for in them."""

import math
from collections.abc import Sequence

import pytest
from sqlalchemy import func, insert, select, update

from store.database import Database, now_s
from store.models import Chunk, ChunkState, Job, JobState
from store.series import Ended
from tasks.throughput import (
    MOST_BINS,
    Memory,
    Throughput,
    columns,
    cursor_of,
    natural,
    spread,
    throughput_of,
    told_apart,
    width,
)
from tests.engine.hand import Hand


@pytest.mark.parametrize(
    ("elapsed_s", "expected_s"),
    [(0.0, 0.5), (60.0, 0.5), (61.0, 1.0), (120.0, 1.0), (121.0, 2.0), (86_400.0, 1024.0)],  # 120 bins hold it
)
def test_bins_widen_so_that_there_are_never_too_many(elapsed_s: float, expected_s: float):
    assert width(elapsed_s) == expected_s
    assert elapsed_s / width(elapsed_s) <= MOST_BINS


@pytest.mark.parametrize(
    ("ended_s", "took_s", "expected"),
    [
        (2.0, 2.0, [6.0, 6.0, 0.0]),  # from 0 to 2 s: half in each of the first two seconds
        (2.5, 1.0, [0.0, 6.0, 6.0]),  # from 1.5 to 2.5 s
        (1.25, 0.5, [6.0, 6.0, 0.0]),  # from 0.75 to 1.25 s
        (1.5, 0.0, [0.0, 12.0, 0.0]),  # took no time that could be measured
        (2.0, 90.0, [6.0, 6.0, 0.0]),  # no chunk took longer than the job
    ],
)
def test_a_chunks_items_count_for_the_time_it_took(ended_s: float, took_s: float, expected: list[float]):
    ended = [Ended(int(ended_s), "w", 12, ended_s, took_s)]

    assert [row[0] for row in spread(ended, 1.0, 3.0, {"w": 0})] == pytest.approx(expected)


def test_names_are_ordered_as_people_count_and_the_rest_is_one():
    names = {f"worker.{number}" for number in range(1, 41)}

    shown, place_of = told_apart(names)

    assert shown == ("worker.1", "worker.2", "worker.3", "worker.4", "worker.5", "35 other nodes")
    assert place_of["worker.2"] == 1
    assert place_of["worker.40"] == 5
    assert natural("w") < natural("w2") < natural("w10")


def test_of_many_nodes_the_chart_has_the_sum():
    assert columns([f"w{number}" for number in range(7)])[0] == ("7 nodes",)
    assert columns(["w2", "w10"])[0] == ("w2", "w10")


def began(hand: Hand, owner: int, ago_s: float, chunks: list[tuple[int, int, float, float]]) -> int:
    """A running job with chunks of (node, items, ended after, took)."""
    job_id = hand.job(owner, items=1000)
    with hand.database.writing() as session:
        started = float(session.scalar(select(now_s())) or 0.0) - ago_s
        rows = [
            {"job_id": job_id, "first_item": place, "item_count": items, "state": ChunkState.DONE, "node_id": node,
             "budget_s": 1.0, "done_at": started + ended_s, "busy_s": took_s, "fence": 1, "attempt": 1,
             "items_failed": 0}
            for place, (node, items, ended_s, took_s) in enumerate(chunks)
        ]  # fmt: skip
        session.execute(insert(Chunk), rows)
    hand.change(Job, started_at=started, state=JobState.RUNNING)
    return job_id


def flat(rates: Sequence[Sequence[float]]) -> list[float]:
    return [rate for row in rates for rate in row]


def found(hand: Hand, job_id: int, since: str = "") -> Throughput:
    with hand.database.reading() as session:
        return throughput_of(session, hand.get(job_id), since)


def test_rates_are_by_bin_and_node(hand: Hand, owner: int):
    one, other = hand.node("w1")[0].node_id, hand.node("w2")[0].node_id
    job_id = began(hand, owner, 20.0, [(one, 10, 1.0, 1.0), (other, 30, 2.0, 1.0), (one, 20, 2.0, 1.0)])

    throughput = found(hand, job_id)

    assert (throughput.bin_s, throughput.nodes) == (0.5, ("w1", "w2"))
    assert flat(throughput.rates[:6]) == pytest.approx([10, 0, 10, 0, 20, 30, 20, 30, 0, 0, 0, 0])
    assert throughput.totals[2] == pytest.approx(50)
    assert throughput.span(2) == (1.0, 1.5)


def test_an_ended_job_has_all_its_items_in_the_chart(hand: Hand, owner: int):
    node = hand.node("w")[0].node_id
    job_id = began(hand, owner, 10.0, [(node, 7, 0.3, 0.3), (node, 11, 4.0, 3.0), (node, 5, 6.2, 2.2)])
    hand.change(Job, ended_at=Job.started_at + 6.2, state=JobState.SUCCEEDED)

    throughput = found(hand, job_id)

    items = sum(
        total * (end - start)
        for row, total in enumerate(throughput.totals)
        for start, end in [throughput.span(row)]
    )  # fmt: skip
    assert items == pytest.approx(23)
    assert throughput.is_final
    assert throughput.span(len(throughput.rates) - 1) == pytest.approx((5.5, 6.2))  # 0.2 s are no bin of their own


def test_a_cursor_gets_only_what_may_have_changed(hand: Hand, owner: int):
    node = hand.node("w")[0].node_id
    job_id = began(hand, owner, 50.0, [(node, 10, second + 1.0, 1.0) for second in range(49)])
    first = found(hand, job_id)

    later = found(hand, job_id, first.cursor)

    assert first.first == 0
    assert 0 < later.first == int(first.cursor.split(":")[1])
    assert 0 < len(later.rates) < len(first.rates)
    assert flat(later.rates[:5]) == pytest.approx(flat(first.rates[later.first : later.first + 5]))
    for unfit in ("x", "1:5", "0.5:-1", "0.5:999999999", "nan:0", ""):  # another width, no cursor, one from the future
        assert found(hand, job_id, unfit).first <= later.first


def test_a_cursor_of_other_columns_starts_anew(hand: Hand, owner: int):
    node = hand.node("w2")[0].node_id
    job_id = began(hand, owner, 50.0, [(node, 10, second + 1.0, 1.0) for second in range(49)])
    before = found(hand, job_id)
    joined = hand.node("w1")[0].node_id  # comes first by name
    with hand.database.writing() as session:
        newest = select(func.max(Chunk.first_item)).where(Chunk.job_id == job_id).scalar_subquery()
        session.execute(update(Chunk).where(Chunk.job_id == job_id, Chunk.first_item == newest).values(node_id=joined))

    after = found(hand, job_id, before.cursor)

    assert (before.nodes, after.nodes) == (("w2",), ("w1", "w2"))
    assert after.first == 0
    assert found(hand, job_id, after.cursor).first > 0


def test_cursors_change_once_a_second():
    nodes = ("w",)

    cursors = [cursor_of(settled, 0.5, nodes) for settled in range(8, 14)]

    assert [int(cursor.split(":")[1]) for cursor in cursors] == [8, 8, 10, 10, 12, 12]
    assert cursor_of(7, 4.0, nodes).startswith("4:7:")


def test_many_rows_are_not_remembered(hand: Hand, owner: int):
    few = Memory(most=64, most_rows=60)
    node = hand.node("w")[0].node_id
    for job_id in [began(hand, owner, 50.0, [(node, 1, at + 1.0, 1.0) for at in range(40)]) for _ in range(3)]:
        with hand.database.reading() as session:
            few.ended(session, hand.get(job_id), 0.5, math.inf)

        assert few.rows == 40


def test_a_job_that_never_began_has_no_throughput(hand: Hand, owner: int):
    assert found(hand, hand.job(owner, items=5)).rates == ()


def test_what_has_settled_is_read_once(hand: Hand, owner: int, database: Database):
    node = hand.node("w")[0].node_id
    job_id = began(hand, owner, 50.0, [(node, 10, second + 1.0, 1.0) for second in range(49)])
    whole = found(hand, job_id)
    with hand.database.writing() as session:  # what nobody does: so it shows whether old chunks are read again
        session.execute(Chunk.__table__.update().values(item_count=1000))  # type: ignore[attr-defined]

    again = found(hand, job_id)

    assert flat(again.rates[:40]) == pytest.approx(flat(whole.rates[:40]))
    assert flat(again.rates[-3:]) != pytest.approx(flat(whole.rates[-3:]))
