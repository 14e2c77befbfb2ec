"""Sweeps in every state, without measuring: results made by hand, brought in or recorded as a node would."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Flask
from sqlalchemy import update

from dynometer.execution.offers import Offer
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Point, Setback, Standing, Trial
from store import sweeps
from store.people import person_by_email
from store.sweep_models import Origin, Phase, Sweep, SweepState
from store.sweep_shares import make_share
from store.sweeps import Held
from store.values import Slot
from tasks.sweep_end import conclude
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
    result = made(noise=0.01, blocks=blocks)
    held = begun(app, queued(app, email), result, phase)
    record(app, held, result.trials)
    return held.sweep_id


def begun(app: Flask, sweep_id: int, result: SweepResult, phase: Phase = Phase.MEASURING) -> Held:
    """A queued one that worker.1 measures from here on, by the plan of that result."""
    with app.extensions["database"].writing() as session:
        held = sweeps.claim(session, sweep_id, Slot(1, 0, 77), "worker.1", 3600.0)
        assert held is not None
        sweeps.begin_again(session, held, as_text(result.environment), fingerprint_of(result.environment))
        plan, offers = as_text(replace(result.plan, budget_s=40.0)), as_text([Offer("pool", True)])
        sweeps.change(session, held, plan=plan, phase=phase, offers=offers)
    return held


def record(app: Flask, held: Held, trials: Sequence[Trial], first: int = 1) -> None:
    """Windows `first` and following, 0.7 s of the budget each."""
    with app.extensions["database"].writing() as session:
        for number, trial in enumerate(trials, first):
            placed = as_text(replace(trial, begun_s=0.7 * number - 0.6))
            assert sweeps.record(session, held, number, "trial", placed, spent_s=0.7 * number, windows=1)


def end(app: Flask, sweep_id: int, state: SweepState = SweepState.FINISHED) -> None:
    assert conclude(app.extensions["database"], sweep_id, state, None)


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
