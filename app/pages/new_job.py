"""Starting a job."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import Role, caller, needs
from app.current import database, settings
from app.job_form import JobForm, form_from, job_request
from app.once import press_of
from app.start import start_once
from dynometer.errors import InvalidInput
from dynometer.workloads import find
from store.earlier import last_success
from tasks.quotas import OverQuota

bp = Blueprint("new_job", __name__)


@bp.get("/jobs/new")
@needs(Role.RUNNER)
def show() -> ResponseReturnValue:
    if "workload" not in request.args:
        return redirect(url_for("workloads.show"))
    return page_of(JobForm(find(request.args["workload"]), request.args.to_dict()))


@bp.post("/jobs/new")
def begin() -> ResponseReturnValue:
    form, owner_id = form_from(request, find(request.args.get("workload", ""))), caller().id
    try:
        job_id = start_once(
            owner_id, press_of(request), lambda: job_request(form, request, database(), owner_id, settings())
        )
    except InvalidInput as error:
        form.refuse(error)
        return page_of(form), 422
    except OverQuota as error:
        form.sentence = f"{error} {error.hint} What you typed is kept."
        return page_of(form), 429, {"Retry-After": str(error.retry_after_s)}
    return redirect(url_for("job.show", job_id=job_id), code=303)


def page_of(form: JobForm) -> str:
    """The form, with what is known of how long it may take."""
    with database().reading() as session:
        before = last_success(session, caller().id, form.workload.key)
    return render_template("new_job.html", form=form, before=before)
