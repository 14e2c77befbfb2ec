"""Invitations: links that make an account, each once."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import once
from app.access import Role, caller, needs
from app.current import database
from app.inviting import invite, revoke_invitation
from app.pages.settings.shell import section_blueprint
from dynometer.errors import InvalidInput
from store import invitations
from store.accounts import ROLES

bp = section_blueprint("invitations", Role.ADMIN)
PAGE = 50
START = {"role": "runner", "note": ""}


@bp.get("/invitations")
def show() -> ResponseReturnValue:
    return page({**START, "form": once.new_form()})


@bp.post("/invitations")
@needs(Role.ADMIN)
def make() -> ResponseReturnValue:
    """The link is in this answer and nowhere else."""
    form = request.form.to_dict()
    code = once.secret_of(form.get("form", ""), "invitation", caller().id)
    try:
        link = invite(form.get("role", ""), form.get("note", ""), code)
    except InvalidInput as error:
        return page(form | {"form": once.new_form()}, problem=error), 422
    return page({**START, "form": once.new_form()}, link=link), 201


@bp.post("/invitations/<id:invitation_id>/revoke")
@needs(Role.ADMIN)
def revoke(invitation_id: int) -> ResponseReturnValue:
    revoke_invitation(invitation_id)
    return redirect(url_for("invitations.show"), code=303)


def page(form: dict[str, str], **more: Any) -> str:
    before = request.args.get("before", type=int)
    with database().reading() as session:
        listed = invitations.newest_invitations(session, PAGE + 1, before if before and 0 < before < 2**63 else None)
    problem = more.get("problem")
    return render_template(
        "settings/invitations.html", form=form, listed=listed[:PAGE], roles=ROLES, is_first=before is None,
        following=listed[PAGE - 1].invitation.id if len(listed) > PAGE else None,
        errors=problem.fields if problem else {}, **more,
    )  # fmt: skip
