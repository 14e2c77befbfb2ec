"""Starting a sweep."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import Role, caller, needs
from app.current import database, settings
from app.once import press_of
from app.start_sweep import start_sweep
from app.sweep_choices import choices_for
from app.sweep_estimate import estimate_of, usual_workers
from app.sweep_form import CHOSEN, LABELS, SweepForm, form_from, form_of, sweep_request
from app.sweep_repeat import values_like
from dynometer.errors import InvalidInput
from dynometer.workloads import all_workloads, find
from tasks.quotas import OverQuota

bp = Blueprint("new_sweep", __name__)


@bp.get("/sweeps/new")
@needs(Role.RUNNER)
def show() -> ResponseReturnValue:
    if "like" in request.args or "shared" in request.args:
        return page_of(values_like(request.args))
    if "workload" not in request.args:
        return render_template("choose_workload.html", workloads=all_workloads().values())
    return page_of(asked_form())


@bp.post("/sweeps/new")
def begin() -> ResponseReturnValue:
    form = form_from(request, find(request.args.get("workload", "")))
    try:
        with database().reading() as session:
            wanted = sweep_request(form, session, settings())
        if "check" in request.form:
            return page_of(form, is_checked=True)
        started = start_sweep(caller().id, wanted, press_of(request))
    except InvalidInput as error:
        form.refuse(error)
        return page_of(form), 422
    except OverQuota as error:
        form.sentence = f"{error} {error.hint} What you typed is kept."
        return page_of(form), 429, {"Retry-After": str(error.retry_after_s)}
    return redirect(url_for("sweep.show", sweep_id=started.sweep.id), code=303)


@bp.get("/sweeps/estimate")
@needs(Role.RUNNER)
def estimate() -> ResponseReturnValue:
    """The part of the form that says what it would measure, as it is typed by now."""
    form = asked_form()
    with database().reading() as session:
        found = estimate_of(session, form, settings())
    return render_template("_sweep_estimate.html", estimate=found)


def asked_form() -> SweepForm:
    """As the URL fills it in."""
    given = {name: text for name, text in request.args.items() if name != "workload"}
    lists = {name: request.args.getlist(name) for name in CHOSEN}
    return form_of(find(request.args.get("workload", "")), given, lists)


def page_of(form: SweepForm, *, is_checked: bool = False) -> str:
    with database().reading() as session:
        given: dict[str, Any] = {
            "choices": choices_for(session, form.workload), "estimate": estimate_of(session, form, settings()),
            "usual_workers": usual_workers(session),
        }  # fmt: skip
    budget_max_s = settings().sweep_budget_max_s
    return render_template(
        "new_sweep.html", form=form, labels=LABELS, is_checked=is_checked, budget_max_s=budget_max_s, **given
    )
