"""How a chunk that lost its process is split, so that a deadly item stands alone at the third attempt."""

from hypothesis import given
from hypothesis import strategies as st

from store.chunks import MAX_ATTEMPTS, split
from tasks.sizing import MAX_ITEMS


@given(first=st.integers(0, 10**12), items=st.integers(1, MAX_ITEMS), attempt=st.integers(1, 2))
def test_the_parts_follow_each_other(first: int, items: int, attempt: int) -> None:
    parts = split(first, items, attempt)

    ends = [first, *(start + count for start, count in parts)]
    assert [start for start, _ in parts] == ends[:-1]
    assert ends[-1] == first + items
    assert all(count > 0 for _, count in parts)


@given(items=st.integers(1, 1_000_000))
def test_the_last_attempt_is_of_single_items_and_no_attempt_makes_a_flood(items: int) -> None:
    parts = [(0, items)]
    for attempt in range(1, MAX_ATTEMPTS):
        parts = split(*max(parts, key=lambda part: part[1]), attempt)
        assert len(parts) <= 1001

    assert {count for _, count in parts} == {1}
