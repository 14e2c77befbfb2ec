"""Who is served next: owners take turns, then their jobs, whatever their size."""

from itertools import pairwise

import pytest

from tests.engine.hand import Hand


def serve(hand: Hand, slots: int, rounds: int) -> list[int]:
    """The jobs of the chunks that `slots` processes take, each ending before its process asks again."""
    processes = hand.node("w", slots=slots)
    order = []
    held = [(hand.claimed(process), process) for process in processes]
    for _ in range(rounds):
        claimed, process = held.pop(0)
        order.append(claimed.job_id)
        assert hand.record(claimed, process)
        if following := hand.claim(process):
            held.append((following, process))
    return order


def test_two_owners_share_one_process_turn_by_turn(hand: Hand) -> None:
    first, second = (hand.job(hand.owner(name), items=1000, chunk_items=1) for name in ("a", "b"))

    order = serve(hand, slots=1, rounds=20)

    assert set(order) == {first, second}
    assert all(one != next_one for one, next_one in pairwise(order))


def test_an_owner_of_many_jobs_gets_no_more_than_one_of_one(hand: Hand) -> None:
    many = hand.owner("many")
    for _ in range(5):
        hand.job(many, items=1000, chunk_items=1)
    single = hand.job(hand.owner("single"), items=1000, chunk_items=1)

    order = serve(hand, slots=1, rounds=20)

    assert order.count(single) == 10


def test_jobs_of_one_owner_take_turns(hand: Hand, owner: int) -> None:
    both = {hand.job(owner, items=1000, chunk_items=1) for _ in range(2)}

    order = serve(hand, slots=1, rounds=20)

    assert {order.count(job_id) for job_id in both} == {10}


def test_two_processes_serve_two_owners_side_by_side(hand: Hand) -> None:
    first, second = (hand.job(hand.owner(name), items=1000, chunk_items=1) for name in ("a", "b"))

    order = serve(hand, slots=2, rounds=20)

    assert {order.count(first), order.count(second)} == {10}


@pytest.mark.parametrize("slots", [1, 2])
def test_a_job_that_comes_later_is_served_at_once(hand: Hand, slots: int) -> None:
    processes = hand.node("w", slots=slots)
    hand.job(hand.owner("early"), items=10**9, chunk_items=1)
    held = [(hand.claimed(process), process) for process in processes]
    late = hand.job(hand.owner("late"), items=1)

    claimed, process = held.pop(0)
    hand.record(claimed, process)

    assert hand.claimed(process).job_id == late


def test_a_waiting_job_takes_no_rows_until_it_is_served(hand: Hand, owner: int) -> None:
    waiting = [hand.job(owner, items=10**9) for _ in range(20)]

    assert all(hand.chunks(job_id) == [] for job_id in waiting)
