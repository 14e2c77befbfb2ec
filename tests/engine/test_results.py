"""Reading results: in item order, while it runs and after, across any batch."""

from store import results
from store.models import JobState
from tests.engine.hand import Hand


def test_results_come_in_item_order_whatever_ended_first(hand: Hand, owner: int) -> None:
    first, second = hand.node("w")
    job_id = hand.job(owner, items=4, chunk_items=2)
    early, late = hand.claimed(first), hand.claimed(second)
    hand.record(late, second)
    assert [result.item for result in results.item_results(hand.database, job_id)] == [2, 3]

    hand.record(early, first, failed=[1])

    found = list(results.item_results(hand.database, job_id))
    assert [(result.item, result.ok, result.value) for result in found] == [
        (0, True, 0), (1, False, None), (2, True, 2), (3, True, 3)]  # fmt: skip
    assert found[1].error == "It broke."


def test_more_chunks_than_a_batch_holds_are_all_read(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    items = results.BATCH_CHUNKS * 2
    job_id = hand.job(owner, items=items, chunk_items=1)
    while claimed := hand.claim(slot):
        hand.record(claimed, slot)

    assert [result.value for result in results.item_results(hand.database, job_id)] == list(range(items))


def test_a_reader_holds_nothing_open(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=3, chunk_items=1)
    hand.record(hand.claimed(slot), slot)
    reader = results.item_results(hand.database, job_id)
    next(reader)

    hand.record(hand.claimed(slot), slot)  # on SQLite a held write lock would refuse this
    hand.change(type(hand.get(job_id)), state=JobState.CANCELLED)

    assert len(list(results.item_results(hand.database, job_id))) == 2


def test_a_picture_gets_each_chunk_once_in_the_order_they_ended(hand: Hand, owner: int) -> None:
    first, second = hand.node("w")
    job_id = hand.job(owner, items=3, chunk_items=1)
    early, late = hand.claimed(first), hand.claimed(second)
    hand.record(late, second)
    hand.record(early, first)

    with hand.database.reading() as session:
        painted = results.painted(session, job_id, since=0.0)
        assert [chunk.first_item for chunk in painted] == [1, 0]
        assert results.painted(session, job_id, since=painted[-1].done_at or 0.0) == []


def test_nothing_is_there_of_an_unknown_job(hand: Hand) -> None:
    assert list(results.item_results(hand.database, 10**9)) == []
