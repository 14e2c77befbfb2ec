"""Asking for a job: what does not fit is named field by field; one key, one job."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from dynometer.errors import InvalidInput, NotFound
from settings import Settings
from store import jobs, uploads
from store.database import Database
from store.models import IdempotencyKey, Job, Upload
from tasks.jobs import JobRequest, KeyReused, admit
from tests.engine.hand import Hand

FORK = multiprocessing.get_context("fork")


def ask(hand: Hand, owner: int, request: JobRequest, key: str | None = None) -> Any:
    with hand.database.writing() as session:
        return admit(session, owner, request, hand.settings, idempotency_key=key)


def count(hand: Hand, table: type[Any]) -> int:
    with hand.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_admitted_job_has_its_defaults_filled_in(hand: Hand, owner: int) -> None:
    job = ask(hand, owner, JobRequest("random-sum", parameters={"numbers": 10})).job

    kept = hand.get(job.id)
    assert (kept.items_total, kept.variant, kept.next_item) == (8, "python", 0)
    assert kept.parameters == {"numbers": 10, "low": 1, "high": 100, "seed": 1}


BAD: list[tuple[JobRequest, str]] = [
    (JobRequest("random-sum", items=0), "items"),
    (JobRequest("random-sum", items=-5), "items"),
    (JobRequest("random-sum", items=10**13), "items"),
    (JobRequest("random-sum", parameters={"numbers": 0}), "parameters.numbers"),
    (JobRequest("random-sum", parameters={"numbers": float("nan")}), "parameters.numbers"),
    (JobRequest("random-sum", parameters={"numbers": "many"}), "parameters.numbers"),
    (JobRequest("random-sum", parameters={"numbers": [1]}), "parameters.numbers"),
    (JobRequest("random-sum", parameters={"number": 1}), "parameters.number"),
    (JobRequest("random-sum", parameters={"low": 5, "high": 1}), "parameters.low"),
    (JobRequest("random-sum", variant="fortran"), "variant"),
    (JobRequest("random-sum", max_workers=0), "max_workers"),
    (JobRequest("random-sum", max_workers=10**9), "max_workers"),
    (JobRequest("random-sum", chunk_items=0), "chunk_items"),
    (JobRequest("random-sum", inputs=[1]), "inputs"),
    (JobRequest("factorise", inputs=[]), "inputs"),
    (JobRequest("factorise", inputs=[6, "six"]), "inputs"),
    (JobRequest("factorise", inputs=[6, float("inf")]), "inputs"),
    (JobRequest("factorise", items=3, inputs=[6]), "items"),
    (JobRequest("mandelbrot", items=10**7), "items"),
]


@pytest.mark.parametrize(("request_", "field"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_does_not_fit_is_named_and_nothing_is_started(
    hand: Hand, owner: int, request_: JobRequest, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(hand, owner, request_)

    assert field in refused.value.fields
    assert (count(hand, Job), count(hand, Upload)) == (0, 0)


def test_all_that_is_wrong_is_said_at_once(hand: Hand, owner: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(hand, owner, JobRequest("random-sum", items=0, variant="x", parameters={"numbers": 0, "high": "?"}))

    assert set(refused.value.fields) == {"items", "variant", "parameters.numbers", "parameters.high"}


def test_an_unknown_workload_is_not_found(hand: Hand, owner: int) -> None:
    with pytest.raises(NotFound, match="There is no workload 'mandelbrod'"):
        ask(hand, owner, JobRequest("mandelbrod"))


def test_own_items_are_kept_in_order(hand: Hand, owner: int) -> None:
    job = ask(hand, owner, JobRequest("factorise", inputs=[6, "35", 10**30])).job

    assert job.items_total == 3
    assert job.upload_id is not None
    assert list(uploads.items_from(hand.database, job.upload_id, 0)) == [6, 35, 10**30]


def test_an_upload_serves_its_owner_and_its_workload_only(hand: Hand, owner: int) -> None:
    job = ask(hand, owner, JobRequest("factorise", inputs=[6])).job

    with pytest.raises(NotFound, match="There is no such upload"):
        ask(hand, hand.owner("stranger"), JobRequest("factorise", upload_id=job.upload_id))
    with pytest.raises(InvalidInput, match="was checked for factorise, not for wait"):
        ask(hand, owner, JobRequest("wait", upload_id=job.upload_id))
    assert ask(hand, owner, JobRequest("factorise", upload_id=job.upload_id)).job.items_total == 1


def test_an_unfinished_upload_cannot_be_used(hand: Hand, owner: int) -> None:
    with hand.database.writing() as session:
        upload = uploads.begin_upload(session, owner, "factorise", "half a file")

    with pytest.raises(NotFound):
        ask(hand, owner, JobRequest("factorise", upload_id=upload.id))


def test_one_key_leads_to_one_job(hand: Hand, owner: int) -> None:
    request = JobRequest("wait", items=3, parameters={"seconds": 0})

    first, again = ask(hand, owner, request, "a key"), ask(hand, owner, request, "a key")

    assert (first.is_new, again.is_new) == (True, False)
    assert first.job.id == again.job.id
    assert count(hand, Job) == 1


def test_a_key_with_another_request_is_refused_and_starts_nothing(hand: Hand, owner: int) -> None:
    ask(hand, owner, JobRequest("wait", items=3), "a key")

    with pytest.raises(KeyReused, match="This Idempotency-Key was used for another request"):
        ask(hand, owner, JobRequest("wait", items=4), "a key")
    assert count(hand, Job) == 1


def test_a_key_is_its_owners_own(hand: Hand, owner: int) -> None:
    request = JobRequest("wait", items=3)

    mine, theirs = ask(hand, owner, request, "a key"), ask(hand, hand.owner("stranger"), request, "a key")

    assert mine.job.id != theirs.job.id


def test_a_refused_request_uses_no_key_up(hand: Hand, owner: int) -> None:
    with pytest.raises(InvalidInput):
        ask(hand, owner, JobRequest("wait", items=0), "a key")

    assert ask(hand, owner, JobRequest("wait", items=1), "a key").is_new


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "a\0b"])
def test_a_key_that_is_none_is_refused(hand: Hand, owner: int, key: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 200 printable characters"):
        ask(hand, owner, JobRequest("wait"), key)


def test_old_keys_are_forgotten_and_their_jobs_are_not(hand: Hand, owner: int) -> None:
    ask(hand, owner, JobRequest("wait"), "old")
    hand.change(IdempotencyKey, created_at=0.0)
    ask(hand, owner, JobRequest("wait"), "new")

    with hand.database.writing() as session:
        assert jobs.prune_idempotency_keys(session, 3600) == 1
    assert (count(hand, IdempotencyKey), count(hand, Job)) == (1, 2)


def ask_at_once(settings: Settings, owner: int, start: Barrier) -> None:
    hand = Hand(Database(settings.database_url), settings)
    start.wait()
    ask(hand, owner, JobRequest("factorise", inputs=[6, 35]), "a key")


def test_one_key_sent_four_times_at_once_leads_to_one_job(hand: Hand, owner: int, settings: Settings) -> None:
    start = FORK.Barrier(4)
    clients = [FORK.Process(target=ask_at_once, args=(settings, owner, start)) for _ in range(4)]

    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert [client.exitcode for client in clients] == [0] * 4
    assert (count(hand, Job), count(hand, Upload)) == (1, 1)
