"""Sweeps in every state, without measuring: results made by hand, brought in or recorded as a node would."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import update

from dynometer.execution.offers import Offer
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Setback, Standing
from store import sweeps
from store.people import person_by_email
from store.sweep_models import Origin, Phase, Sweep, SweepState
from store.sweep_shares import make_share
from store.values import Slot
from tasks.sweep_result import as_text, fingerprint_of
from tasks.sweeps import SweepRequest, admit, cancel, import_result
from tests.report.made import GIL, made

TUTORIAL = SweepRequest(
    "random-sum", name="Tutorial case", parameters={"numbers": 1000}, items=8, budget_s=40.0, workers=[1, 2, 4],
    models=["sequential", "threads", "pool", "vectorised"], variants=None,
)  # fmt: skip
SHORT = {point: rate for point, rate in GIL.items() if point.workers < 4}
LOST = (
    Setback(Point("native", "numba", 1), Standing.UNAVAILABLE, "The package numba is not installed."),
    Setback(Point("threads", "numpy", 2), Standing.VOID, "Item 3 gave 7, the reference 8."),
    Setback(Point("pool", "python", 8), Standing.FAILED, "A worker was killed by signal 9."),
)


def owner_id(app: Flask, email: str) -> int:
    with app.extensions["database"].reading() as session:
        user = person_by_email(session, email)
        assert user is not None
        return user.id


def finished(
    app: Flask, email: str, result: SweepResult | None = None, name: str = "Tutorial case",
    origin: Origin = Origin.FLEET,
) -> int:  # fmt: skip
    """One that is over, with this result."""
    owner = owner_id(app, email)
    with app.extensions["database"].writing() as session:
        sweep = import_result(session, owner, result or made(noise=0.01), name, app.extensions["settings"])
        sweep.origin = origin
        return sweep.id


def queued(app: Flask, email: str, request: SweepRequest = TUTORIAL) -> int:
    owner = owner_id(app, email)
    with app.extensions["database"].writing() as session:
        return admit(session, owner, request, app.extensions["settings"]).sweep.id


def running(app: Flask, email: str, blocks: int = 2, phase: Phase = Phase.MEASURING) -> int:
    """As far as so many blocks, on worker.1."""
    sweep_id, result = queued(app, email), made(noise=0.01, blocks=blocks)
    with app.extensions["database"].writing() as session:
        held = sweeps.claim(session, sweep_id, Slot(1, 0, 77), "worker.1", 3600.0)
        assert held is not None
        plan = replace(result.plan, budget_s=40.0)
        offers = as_text([Offer("pool", True)])
        environment = as_text(result.environment)
        sweeps.begin_again(session, held, environment, fingerprint_of(result.environment))
        sweeps.change(session, held, plan=as_text(plan), phase=phase, offers=offers)
        for number, trial in enumerate(result.trials, 1):
            placed = replace(trial, begun_s=0.6 * number, wall_s=trial.wall_s)
            sweeps.record(session, held, number, "trial", as_text(placed), spent_s=0.7 * number, windows=1)
    return sweep_id


def cancelled(app: Flask, email: str) -> int:
    sweep_id = running(app, email)
    cancel(app.extensions["database"], sweep_id)
    return sweep_id


def failed(app: Flask, email: str) -> int:
    sweep_id = queued(app, email)
    change(app, sweep_id, state=SweepState.FAILED, ended_at=Sweep.created_at, ending="No worker node could measure it.")
    return sweep_id


def change(app: Flask, sweep_id: int, **values: object) -> None:
    """A sweep as it would be later."""
    with app.extensions["database"].writing() as session:
        session.execute(update(Sweep).where(Sweep.id == sweep_id).values(version=Sweep.version + 1, **values))


def shared(app: Flask, email: str, sweep_id: int) -> str:
    """The slug of a public link to it."""
    owner = owner_id(app, email)
    with app.extensions["database"].writing() as session:
        return make_share(session, sweep_id, owner).slug


def replaced(result: SweepResult, **changes: object) -> SweepResult:
    return replace(result, **changes)  # type: ignore[arg-type]
