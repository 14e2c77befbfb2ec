"""Admitting, importing and cancelling sweeps: one transaction each, the doorbell after it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from dynometer import execution
from dynometer.errors import DynometerError, InvalidInput
from dynometer.measure.plan import Plan
from dynometer.measure.planning import MOST_WORKERS, default_workers, make_plan
from dynometer.measure.result import SweepResult
from dynometer.workloads import find
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Workload
from settings import Settings
from store import nodes, quotas, sweeps
from store.database import Database
from store.sweep_models import Sweep, SweepKey, SweepState
from tasks.jobs import MAX_KEY, KeyReused
from tasks.quotas import admit_sweep
from tasks.sweep_end import conclude, imported
from tasks.sweep_fleet import cancel_window
from tasks.sweep_result import as_text

CLUSTER = "cluster"
MAX_NAME = 120
MAX_INPUTS = 10_000
MAX_POINTS = 200
LEAST_BUDGET_S = 5.0
CANCELLED = "It was cancelled; what was measured by then is kept."


@dataclass(frozen=True)
class SweepRequest:
    """What somebody asks for, still unchecked; `admit` checks it.  None: a default that suits the fleet."""

    workload: str
    name: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    items: int | None = None
    inputs: Sequence[Any] | None = None  # the user's own items, short lists
    variants: Sequence[str] | None = None
    models: Sequence[str] | None = None  # "cluster" measures jobs on the whole fleet
    workers: Sequence[int] | None = None
    budget_s: float = 55.0
    item_limit_s: float | None = None
    precision: float = 0.03
    seed: int | None = None
    library_threads: int = 1

    def hash(self) -> str:
        """The same for equal requests, whatever the order of their fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Planned:
    """A request that was checked: what one node measures, and the worker counts of the points of the whole fleet."""

    workload: Workload
    plan: Plan
    cluster_workers: tuple[int, ...]


@dataclass(frozen=True)
class AdmittedSweep:
    """The sweep a request led to; `is_new` is False when its Idempotency-Key had led there before."""

    sweep: Sweep
    is_new: bool


def admit(
    session: Session, owner_id: int, request: SweepRequest, settings: Settings, *, idempotency_key: str | None = None,
    **columns: Any,
) -> AdmittedSweep:  # fmt: skip
    """Insert the sweep that `request` asks for; `columns` are set on its row.  After the commit, ring for it.

    Raises NotFound (no such workload), InvalidInput with the fields that do not fit, KeyReused, OverQuota.
    """
    quotas.hold_owner(session, owner_id)
    if idempotency_key is not None:
        if not 1 <= len(idempotency_key) <= MAX_KEY or not idempotency_key.isprintable():
            raise InvalidInput(f"An Idempotency-Key has 1 to {MAX_KEY} printable characters.")
        if known := sweeps.key_of(session, owner_id, idempotency_key):
            return _answered(session, known, request)
    planned = plan_for(session, request, settings)
    admit_sweep(session, owner_id, settings)
    sweep = Sweep(
        owner_id=owner_id, workload=planned.workload.key, name=request.name.strip() or planned.workload.title,
        plan=as_text(planned.plan), cluster_workers=list(planned.cluster_workers), remarks=[],
        models=models_of(planned.plan, planned.cluster_workers), **columns,
    )  # fmt: skip
    session.add(sweep)
    session.flush()
    if idempotency_key is not None:
        key = {"owner_id": owner_id, "key": idempotency_key, "request_hash": request.hash()}
        session.add(SweepKey(**key, sweep_id=sweep.id))
        session.flush()
    return AdmittedSweep(sweep, is_new=True)


def plan_for(session: Session, request: SweepRequest, settings: Settings) -> Planned:
    """The checked plan, with defaults from the nodes that are there.  Raises NotFound, InvalidInput.

    The workload must be an installed one: a path to a file would be imported here.
    """
    workload = find(request.workload)
    errors = _misfits(workload, request, settings)
    if errors:
        _refuse(errors)
    cpus, slots = nodes.most_cpus(session), nodes.slots_alive(session)
    workers = request.workers or default_workers(cpus)
    models = None if request.models is None else [key for key in request.models if key != CLUSTER]
    is_on_fleet = request.models is not None and CLUSTER in request.models
    cluster = tuple(count for count in sorted(set(workers)) if is_on_fleet and count <= max(1, slots))
    try:
        plan = make_plan(
            workload.key, parameters=request.parameters, models=models or (["sequential"] if is_on_fleet else models),
            variants=request.variants, workers=workers, items=request.items, inputs=request.inputs,
            budget_s=request.budget_s, seed=request.seed, library_threads=request.library_threads,
            item_limit_s=request.item_limit_s, precision=request.precision,
        )  # fmt: skip
    except InvalidInput as error:
        _refuse(error.fields or {"models": str(error)})
    if len(plan.points) + len(cluster) > MAX_POINTS:
        _refuse({"workers": f"make {len(plan.points) + len(cluster):,} points with these models; at most {MAX_POINTS}"})
    return Planned(workload, plan, cluster)


def cancel(database: Database, sweep_id: int, told: Callable[[Session], None] | None = None) -> bool:
    """End a sweep now: what was measured stays.  False when it had ended already.

    The process that measures sees it within a second and ends its whole process group.
    """
    was_open = conclude(database, sweep_id, SweepState.CANCELLED, CANCELLED, told)
    with database.writing() as session:
        cancel_window(session, sweep_id)
    return was_open


def import_result(session: Session, owner_id: int, result: SweepResult, name: str, settings: Settings) -> Sweep:
    """Keep a result that the command line measured, as a sweep that has ended.  Raises InvalidInput, OverQuota."""
    quotas.hold_owner(session, owner_id)
    return imported(session, owner_id, result, name.strip()[:MAX_NAME], settings)


def models_of(plan: Plan, cluster_workers: Sequence[int]) -> list[str]:
    """Of its points, in order, each once."""
    points = [*plan.points, *(setback.point for setback in plan.setbacks)]
    return list(dict.fromkeys([point.model for point in points] + [CLUSTER] * bool(cluster_workers)))


def _answered(session: Session, known: SweepKey, request: SweepRequest) -> AdmittedSweep:
    if known.request_hash != request.hash():
        raise KeyReused(hint="Send a new key with a new request; nothing was started.")
    sweep = sweeps.sweep_of(session, known.sweep_id)
    assert sweep is not None, "a key's sweep can't be deleted without the key"
    return AdmittedSweep(sweep, is_new=False)


def _misfits(workload: Workload, request: SweepRequest, settings: Settings) -> dict[str, str]:
    """Field -> what is wrong with it, all at once."""
    errors: dict[str, str] = {}
    try:
        read_parameters(workload.parameters, request.parameters)
    except InvalidInput as error:
        errors |= {f"parameters.{name}": sentence for name, sentence in error.fields.items()}
    if len(request.name) > MAX_NAME or not (request.name or " ").isprintable():
        errors["name"] = f"must be at most {MAX_NAME} printable characters"
    if not LEAST_BUDGET_S <= request.budget_s <= settings.sweep_budget_max_s:  # NaN is not between any bounds
        errors["budget_s"] = f"must be from {LEAST_BUDGET_S:g} to {settings.sweep_budget_max_s:,g} seconds"
    if request.items is not None and not 1 <= request.items <= workload.max_items:
        errors["items"] = f"must be from 1 to {workload.max_items:,}"
    if request.inputs is not None and len(request.inputs) > MAX_INPUTS:
        errors["inputs"] = f"must be at most {MAX_INPUTS:,} items"
    return errors | _strangers(workload, request)


def _strangers(workload: Workload, request: SweepRequest) -> dict[str, str]:
    errors: dict[str, str] = {}
    for model in request.models or ():
        try:
            execution.find(model)
        except DynometerError as error:
            errors["models"] = f"can't have {model[:40]!a}. {error.hint}".rstrip()
    if request.models is not None and not request.models:
        errors["models"] = "must be at least one"
    known = [*workload.variants, *workload.coroutines]
    if strange := [name for name in request.variants or () if name not in known]:
        errors["variants"] = f"can't have {strange[0][:40]!a}; there are {', '.join(known)}"
    wrong = [count for count in request.workers or () if not 1 <= count <= MOST_WORKERS]
    if wrong or (request.workers is not None and not request.workers):
        errors["workers"] = f"must be whole numbers from 1 to {MOST_WORKERS:,}, with commas between"
    return errors


def _refuse(errors: Mapping[str, str]) -> NoReturn:
    sentences = "; ".join(f"{name.removeprefix('parameters.')} {sentence}" for name, sentence in sorted(errors.items()))
    raise InvalidInput(f"The sweep was not started: {sentences}.".replace("..", "."), fields=errors)
