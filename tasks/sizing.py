"""How large the next chunks are: guided self-scheduling on measured item cost.

Source of the rule "a fixed share of what is left": C. D. Polychronopoulos and D. J. Kuck, Guided Self-Scheduling,
IEEE Trans. Computers C-36(12), 1987.  Here the share is bounded by a target time, and a chunk that overruns its
budget gives its rest back, so a wrong guess costs one budget and not a tail.
"""

from dataclasses import dataclass

from store.values import Piece

MAX_ITEMS = 50_000  # of a chunk: bounds memory when items are nearly free
MAX_BYTES = 4_000_000  # of a chunk's values as JSON
SMALLEST_S = 0.005  # at the job's tail; a chunk's own cost is about 1 ms, and dear items there must not share one
TINY_S = 0.02  # of chunks of a fixed size: below it processes would do little but cut
FIRST_ITEMS = 8
FIRST_BUDGET_S = 0.1
MOST_PIECES = 32  # that one overrun chunk falls into


@dataclass(frozen=True)
class Cost:
    """What one item takes, measured so far: seconds of one worker process, bytes of its value as JSON."""

    item_s: float
    item_bytes: float


def next_pieces(first: int, left: int, wanted: int, slots: int, cost: Cost | None, target_s: float) -> list[Piece]:
    """The next at most `wanted` chunks of the `left` (>= 1) items from `first` on, for `slots` (>= 1) worker processes.

    Without a cost they are small.  With one, each takes min(target, half a slot's share of what is left), and at
    least 5 ms, so that all processes end together.
    """
    pieces: list[Piece] = []
    while left > 0 and len(pieces) < wanted:
        items, budget_s = size(left, slots, cost, target_s)
        pieces.append(Piece(first, min(items, left), budget_s))
        first, left = first + items, left - items
    return pieces


def rest_in_pieces(first: int, rest: int, left: int, slots: int, cost: Cost, target_s: float) -> list[Piece]:
    """The `rest` (>= 1) unfinished items of a chunk that overran its budget, as chunks that others can share.

    Sized by all that is `left` of the job, so that an early overrun does not leave crumbs.
    """
    items, budget_s = size(left, slots, cost, target_s)
    items = max(items, -(-rest // MOST_PIECES))
    return [Piece(at, min(items, first + rest - at), budget_s) for at in range(first, first + rest, items)]


def size(left: int, slots: int, cost: Cost | None, target_s: float) -> tuple[int, float]:
    """(items of the next chunk, its budget in seconds) when `left` items of the job are not done."""
    if cost is None:
        return max(1, min(FIRST_ITEMS, left // (4 * slots))), FIRST_BUDGET_S
    size_s = max(SMALLEST_S, min(target_s, left * cost.item_s / (2 * slots)))
    by_time = size_s / cost.item_s if cost.item_s > 0 else MAX_ITEMS
    by_bytes = MAX_BYTES / cost.item_bytes if cost.item_bytes > 0 else MAX_ITEMS
    return max(1, int(min(by_time, by_bytes, MAX_ITEMS))), 2 * size_s


def window(slots: int, max_workers: int | None, chunk_s: float) -> int:
    """How many chunks of a job may be open: two a worker process, so that none waits for the cutter.

    More when chunks are of a fixed size and tiny: else processes would do little but cut.
    """
    if max_workers is not None:
        return max_workers
    each = 2 if chunk_s >= TINY_S else MOST_PIECES
    return each * max(1, slots)
