"""Admitting and cancelling jobs: one transaction each, the doorbell after it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NoReturn

from sqlalchemy.orm import Session

from dynometer.errors import InvalidInput, NotFound
from dynometer.workloads import find
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Workload
from settings import Settings
from store import cancellation, jobs, quotas, uploads
from store.database import Database
from store.models import IdempotencyKey, Job, JobState
from tasks.quotas import admit_job
from tasks.uploads import keep_items

MAX_WORKERS = 10_000
MAX_CHUNK_ITEMS = 1_000_000
MAX_KEY = 200


class KeyReused(InvalidInput):
    """This Idempotency-Key was used for another request."""


@dataclass(frozen=True)
class JobRequest:
    """What somebody asks for, still unchecked; `admit` checks it."""

    workload: str
    variant: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    items: int | None = None  # how many the generator makes; None: the workload's default
    inputs: Sequence[object] | None = None  # the user's own items, short lists
    upload_id: int | None = None  # the user's own items, uploaded before
    max_workers: int | None = None
    chunk_items: int | None = None  # a fixed chunk size, for measurements; None: found by measuring

    def hash(self) -> str:
        """The same for equal requests, whatever the order of their fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Admitted:
    """The job a request led to; `is_new` is False when its Idempotency-Key had led there before."""

    job: Job
    is_new: bool


def admit(
    session: Session, owner_id: int, request: JobRequest, settings: Settings, *, idempotency_key: str | None = None
) -> Admitted:
    """Insert the job that `request` asks for.  After the commit, call `tasks.advance.advance`.

    The owner's row is held from here on: of two requests at once the second sees the first one's key, and its use.
    Raises NotFound (no such workload), InvalidInput with the fields that do not fit, KeyReused, OverQuota.
    """
    quotas.hold_owner(session, owner_id)
    if idempotency_key is None:
        return Admitted(_insert(session, owner_id, request, settings), is_new=True)
    if not 1 <= len(idempotency_key) <= MAX_KEY or not idempotency_key.isprintable():
        raise InvalidInput(f"An Idempotency-Key has 1 to {MAX_KEY} printable characters.")
    if known := _answered(session, owner_id, idempotency_key, request):
        return known
    job = _insert(session, owner_id, request, settings)
    key = {"owner_id": owner_id, "key": idempotency_key, "request_hash": request.hash()}
    session.add(IdempotencyKey(**key, job_id=job.id))
    session.flush()
    return Admitted(job, is_new=True)


def cancel(database: Database, job_id: int, told: Callable[[Session], None] | None = None) -> bool:
    """End a job now: what is done stays, what runs is not kept.  False when it had ended already.

    Else `told` writes down who did it, in the transaction of the verdict.

    The verdict is committed before the chunks are touched: a recorder that holds a chunk and waits for the job's row
    would otherwise wait for us while we wait for its chunk.
    """
    with database.writing() as session:
        was_open = jobs.end(session, job_id, JobState.CANCELLED, "It was cancelled; what was done by then is kept.")
        if was_open and told:
            told(session)
    with database.writing() as session:
        cancellation.cancel_open(session, job_id)
    return was_open


def _answered(session: Session, owner_id: int, key: str, request: JobRequest) -> Admitted | None:
    known = jobs.idempotency_key(session, owner_id, key)
    if known is None:
        return None
    if known.request_hash != request.hash():
        raise KeyReused(hint="Send a new key with a new request; nothing was started.")
    job = jobs.job_of(session, known.job_id)
    assert job is not None, "a key's job can't be deleted without the key"
    return Admitted(job, is_new=False)


def _insert(session: Session, owner_id: int, request: JobRequest, settings: Settings) -> Job:
    workload = find(request.workload)
    errors = _misfits(workload, request)
    if errors:  # before the items, as they may be many
        _refuse(errors)
    upload_id, items = _items(session, owner_id, workload, request, settings)
    try:
        parameters = workload.accept(request.parameters, items)
    except InvalidInput as error:
        _refuse({name if name == "items" else f"parameters.{name}": why for name, why in error.fields.items()})
    job = Job(
        owner_id=owner_id, workload=workload.key, variant=request.variant or workload.default_variant,
        parameters=asdict(parameters), items_total=items, upload_id=upload_id, max_workers=request.max_workers,
        chunk_items=request.chunk_items,
    )  # fmt: skip
    admit_job(session, owner_id, items, settings)
    session.add(job)
    session.flush()
    return job


def _misfits(workload: Workload, request: JobRequest) -> dict[str, str]:
    """Field -> what is wrong with it, of all that can be judged without the items."""
    errors: dict[str, str] = {}
    try:
        read_parameters(workload.parameters, request.parameters)
    except InvalidInput as error:
        errors |= {f"parameters.{name}": sentence for name, sentence in error.fields.items()}
    if request.variant is not None and request.variant not in workload.variants:
        errors["variant"] = f"must be one of {', '.join(workload.variants)}"
    for name, most in (("max_workers", MAX_WORKERS), ("chunk_items", MAX_CHUNK_ITEMS)):
        value = getattr(request, name)
        if value is not None and not 1 <= value <= most:
            errors[name] = f"must be from 1 to {most:,}"
    if request.items is not None and not 1 <= request.items <= workload.max_items:
        errors["items"] = f"must be from 1 to {workload.max_items:,}"
    if sum(source is not None for source in (request.items, request.inputs, request.upload_id)) > 1:
        errors["items"] = "can't be given together with items of your own"
    return errors


def _items(
    session: Session, owner_id: int, workload: Workload, request: JobRequest, settings: Settings
) -> tuple[int | None, int]:
    """(upload, number of items)."""
    if request.inputs is not None:
        upload = keep_items(session, owner_id, workload, request.inputs, settings)
        return upload.id, upload.items
    if request.upload_id is None:
        return None, workload.default_items if request.items is None else request.items
    found = uploads.upload_of(session, request.upload_id, owner_id)
    if found is None:
        raise NotFound("There is no such upload.", hint="Send the file again; unused ones are dropped after a day.")
    if found.workload != workload.key:
        _refuse({"upload_id": f"was checked for {found.workload}, not for {workload.key}"})
    return found.id, found.items


def _refuse(errors: Mapping[str, str]) -> NoReturn:
    sentences = "; ".join(f"{name.removeprefix('parameters.')} {sentence}" for name, sentence in sorted(errors.items()))
    raise InvalidInput(f"The job was not started: {sentences}.", fields=errors)
