"""Combining what chunks found: each part once, whoever folds and however often."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from operator import add
from typing import Any

import pytest

from settings import Settings
from store import partials
from store.database import Database, now_s
from store.models import ChunkPartial, JobPartial
from tests.engine.hand import Hand

FORK = multiprocessing.get_context("fork")
PARTS, FOLDERS = 40, 4


def leave_parts(hand: Hand, job_id: int, parts: range) -> None:
    with hand.database.writing() as session:
        session.add_all(ChunkPartial(job_id=job_id, first_item=part, partial=part) for part in parts)


def fold(hand: Hand, job_id: int, merge: Any = add, **more: Any) -> Any:
    """What the job's parts combine to after one fold."""
    partials.fold(hand.database, job_id, merge, **more)
    with hand.database.reading() as session:
        return partials.partial_of(session, job_id)


def test_each_part_is_merged_once(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(1, 11))

    assert fold(hand, job_id) == 55
    assert fold(hand, job_id) == 55
    leave_parts(hand, job_id, range(11, 13))
    assert fold(hand, job_id) == 55 + 11 + 12


def test_nothing_folded_is_nothing(hand: Hand, owner: int) -> None:
    assert fold(hand, hand.job(owner)) is None


def test_a_recent_fold_is_left_as_it_is(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(1, 3))
    assert fold(hand, job_id, min_age_s=3600) == 3
    leave_parts(hand, job_id, range(3, 4))

    assert fold(hand, job_id, min_age_s=3600) == 3
    assert fold(hand, job_id) == 6


def test_a_fold_of_the_future_stops_none_of_today(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(1, 3))
    assert fold(hand, job_id) == 3
    leave_parts(hand, job_id, range(3, 4))
    hand.change(JobPartial, folded_at=now_s() + 7200)  # the database's clock was set back since

    assert fold(hand, job_id, min_age_s=3600) == 6


def test_a_merge_that_fails_takes_nothing_away(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(1, 4))

    with pytest.raises(ZeroDivisionError):
        fold(hand, job_id, lambda left, right: left / 0)

    assert fold(hand, job_id) == 6


def fold_at_once(settings: Settings, job_id: int, start: Barrier) -> None:
    hand = Hand(Database(settings.database_url), settings)
    start.wait()
    fold(hand, job_id)


def test_first_folders_that_meet_lose_and_double_nothing(hand: Hand, owner: int, settings: Settings) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(PARTS))
    start = FORK.Barrier(FOLDERS)
    folders = [FORK.Process(target=fold_at_once, args=(settings, job_id, start)) for _ in range(FOLDERS)]

    for folder in folders:
        folder.start()
    for folder in folders:
        folder.join()

    assert [folder.exitcode for folder in folders] == [0] * FOLDERS
    assert fold(hand, job_id) == sum(range(PARTS))  # what lost the race is folded now


def test_a_merge_may_change_what_it_was_given(hand: Hand, owner: int) -> None:
    def update(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
        left.update(right)
        return left

    job_id = hand.job(owner)
    for number in range(3):
        with hand.database.writing() as session:
            session.add(ChunkPartial(job_id=job_id, first_item=number, partial={str(number): number}))
        found = fold(hand, job_id, update)

    assert found == {"0": 0, "1": 1, "2": 2}


def test_a_fold_that_another_overtook_keeps_nothing(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)
    leave_parts(hand, job_id, range(1, 4))

    def overtaken(left: int, right: int) -> int:
        fold(hand, job_id)  # somebody else is quicker, with the same parts
        return left + right

    assert not partials.fold(hand.database, job_id, overtaken)
    assert fold(hand, job_id) == 6


def test_one_at_a_time_combines_for_the_verdict(hand: Hand, owner: int) -> None:
    job_id = hand.job(owner)

    assert [partials.begin_try(hand.database, job_id) for _ in range(2)] == [1, None]
    hand.change(JobPartial, tried_at=1.0)  # it has not been heard of since
    assert [partials.begin_try(hand.database, job_id) for _ in range(2)] == [2, None]
