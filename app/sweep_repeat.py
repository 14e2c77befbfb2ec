"""The form of a new sweep, filled in as another one was: to run it again, or a copy of somebody's."""

from collections.abc import Mapping, Sequence

from app.current import database
from app.sweep_form import SweepForm
from app.sweep_view import shared_sweep_of, visible_sweep
from dynometer.errors import NotFound
from dynometer.execution import find as find_model
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point
from dynometer.workloads import find
from store.sweep_models import Sweep
from tasks.sweep_result import plan_of
from tasks.sweeps import CLUSTER


def values_like(asked: Mapping[str, str]) -> SweepForm:
    """`like` is the number of a sweep that the caller sees, `shared` the slug of a public link.  Raises NotFound."""
    with database().reading() as session:
        if "shared" in asked:
            return form_like(shared_sweep_of(session, asked["shared"]))
        if not (asked["like"].isascii() and asked["like"].isdecimal() and len(asked["like"]) < 19):
            raise NotFound("There is no such sweep among yours.")
        return form_like(visible_sweep(session, int(asked["like"])))


def form_like(sweep: Sweep) -> SweepForm:
    """Raises NotFound when the workload is not installed here."""
    plan, workload = plan_of(sweep), find(sweep.workload)
    asked = [point for point in plan.points if point not in plan.diagnostic and point != plan.baseline]
    asked += [setback.point for setback in plan.setbacks]
    points = asked or [plan.baseline]
    models = list(dict.fromkeys(point.model for point in [plan.baseline, *points]))
    scaled = [point.workers for point in points if find_model(point.model).most_workers != 1]
    values = {
        "name": sweep.name, "workers": ", ".join(map(str, sorted({*scaled, *sweep.cluster_workers} or {1}))),
        "items": str(plan.items), "budget_s": f"{plan.budget_s:g}", "seed": str(plan.seed),
        "precision": f"{100 * plan.precision:g}", "library_threads": str(plan.library_threads),
        **{f"parameters.{name}": str(value) for name, value in plan.parameters.items()},
        **own_items(plan), **item_limit(plan),
    }  # fmt: skip
    chosen = {"models": models + [CLUSTER] * bool(sweep.cluster_workers)}
    if variants := asked_variants(plan, points):
        chosen["variants"] = variants
    return SweepForm(workload, values, chosen)


def asked_variants(plan: Plan, points: Sequence[Point]) -> list[str]:
    """Those that were asked for; none when each model ran the first one that it could."""
    by_model: dict[str, set[str]] = {}
    for point in points:
        by_model.setdefault(point.model, set()).add(point.variant)
    found = list(dict.fromkeys(point.variant for point in [plan.baseline, *points]))
    return found if any(len(variants) > 1 for variants in by_model.values()) else []


def own_items(plan: Plan) -> dict[str, str]:
    return {} if plan.inputs is None else {"lines": "\n".join(map(str, plan.inputs))}


def item_limit(plan: Plan) -> dict[str, str]:
    """None where it is the usual one of its budget."""
    usual_s = min(300.0, max(10.0, 0.2 * plan.budget_s), 0.25 * plan.budget_s)
    return {} if abs(plan.item_limit_s - usual_s) < 1e-9 else {"item_limit_s": f"{plan.item_limit_s:g}"}
