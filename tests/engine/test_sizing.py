"""Sizes of chunks: every item once, bounded, small at the end, whatever the costs."""

from hypothesis import given
from hypothesis import strategies as st

from store.values import Piece
from tasks.sizing import MAX_ITEMS, MOST_PIECES, SMALLEST_S, Cost, next_pieces, rest_in_pieces, size, window

COSTS = st.builds(Cost, st.floats(0, 1e4), st.floats(0, 1e9))
MAYBE_COSTS = st.none() | COSTS
COUNTS = st.integers(1, 10**12)
SLOTS = st.integers(1, 10_000)
TARGETS = st.floats(0.05, 60)


def follow_each_other(pieces: list[Piece], first: int) -> bool:
    ends = [first, *(piece.first_item + piece.item_count for piece in pieces)]
    return [piece.first_item for piece in pieces] == ends[:-1] and all(piece.item_count > 0 for piece in pieces)


@given(first=COUNTS, left=COUNTS, wanted=st.integers(1, 64), slots=SLOTS, cost=MAYBE_COSTS, target_s=TARGETS)
def test_pieces_follow_each_other_within_what_is_left(
    first: int, left: int, wanted: int, slots: int, cost: Cost | None, target_s: float
) -> None:
    pieces = next_pieces(first, left, wanted, slots, cost, target_s)

    assert 1 <= len(pieces) <= wanted
    assert follow_each_other(pieces, first)
    assert sum(piece.item_count for piece in pieces) <= left
    assert all(piece.budget_s > 0 for piece in pieces)


@given(left=COUNTS, slots=SLOTS, cost=COSTS, target_s=TARGETS)
def test_a_chunk_takes_the_target_time_at_most_and_20_ms_at_least(
    left: int, slots: int, cost: Cost, target_s: float
) -> None:
    items, budget_s = size(left, slots, cost, target_s)

    expected_s = items * cost.item_s
    assert 1 <= items <= MAX_ITEMS
    assert items == 1 or expected_s <= max(target_s, SMALLEST_S) * (1 + 1e-9)
    assert 2 * SMALLEST_S <= budget_s <= 2 * max(target_s, SMALLEST_S)


@given(left=st.integers(1, 2000), slots=st.integers(1, 64), item_s=st.floats(1e-4, 10), target_s=TARGETS)
def test_cut_to_the_end_every_item_is_there_once_and_the_tail_is_short(
    left: int, slots: int, item_s: float, target_s: float
) -> None:
    cost, total, first, pieces = Cost(item_s, 10), left, 0, []
    while left:
        [piece] = next_pieces(first, left, 1, slots, cost, target_s)
        pieces.append(piece)
        first, left = first + piece.item_count, left - piece.item_count

    assert follow_each_other(pieces, 0)
    assert sum(piece.item_count for piece in pieces) == total
    for piece in pieces:  # guided: half of one slot's fair share of what was left, or the smallest
        share_s = (total - piece.first_item) * item_s / slots
        assert piece.item_count == 1 or piece.item_count * item_s <= max(share_s / 2, SMALLEST_S) * (1 + 1e-9)


@given(first=COUNTS, rest=st.integers(1, MAX_ITEMS), more=st.integers(0, 10**9), slots=SLOTS, cost=COSTS,
       target_s=TARGETS)  # fmt: skip
def test_a_rest_goes_back_whole_in_few_pieces(
    first: int, rest: int, more: int, slots: int, cost: Cost, target_s: float
) -> None:
    pieces = rest_in_pieces(first, rest, rest + more, slots, cost, target_s)

    assert follow_each_other(pieces, first)
    assert sum(piece.item_count for piece in pieces) == rest
    assert len(pieces) <= MOST_PIECES


@given(slots=st.integers(0, 1000), chunk_s=st.floats(0, 100), limit=st.integers(1, 50))
def test_the_window_keeps_every_process_supplied_and_respects_a_limit(slots: int, chunk_s: float, limit: int) -> None:
    assert window(slots, None, chunk_s) >= 2 * max(1, slots)
    assert window(slots, limit, chunk_s) == limit


def test_dear_items_at_the_end_of_a_cheap_job_do_not_share_one_chunk() -> None:
    pieces = next_pieces(4_000, 8, 8, 2, Cost(0.001, 10), 1.0)

    assert [piece.item_count for piece in pieces] == [5, 3]
