"""People: who has an account, what they may do, and who is shut out."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import members as changes
from app.access import Role, needs
from app.current import database
from app.members import NotPossible, found
from app.pages.settings.shell import section_blueprint
from dynometer.errors import DynometerError, InvalidInput
from store import members, second_factors
from store.accounts import ROLES

bp = section_blueprint("people", Role.ADMIN)
PAGE = 50


@bp.get("/people")
def show() -> ResponseReturnValue:
    part, after = (request.args.get(name, "").replace("\0", "") for name in ("part", "after"))
    with database().reading() as session:
        listed = members.members(session, PAGE + 1, after, part.strip())
    return render_template(
        "settings/people.html", listed=listed[:PAGE], part=part, is_first=not after,
        following=listed[PAGE - 1].user.email if len(listed) > PAGE else None,
    )  # fmt: skip


@bp.get("/people/<id:user_id>")
def one(user_id: int) -> ResponseReturnValue:
    return page(user_id)


@bp.post("/people/<id:user_id>/role")
@needs(Role.ADMIN)
def change_role(user_id: int) -> ResponseReturnValue:
    role = request.form.get("role", "")
    return changed(user_id, lambda: changes.change_role(user_id, role), role=role)


@bp.post("/people/<id:user_id>/disable")
@needs(Role.ADMIN)
def disable(user_id: int) -> ResponseReturnValue:
    return changed(user_id, lambda: changes.disable(user_id))


@bp.post("/people/<id:user_id>/enable")
@needs(Role.ADMIN)
def enable(user_id: int) -> ResponseReturnValue:
    return changed(user_id, lambda: changes.enable(user_id))


@bp.post("/people/<id:user_id>/remove-second-factor")
@needs(Role.ADMIN)
def remove_second_factor(user_id: int) -> ResponseReturnValue:
    return changed(user_id, lambda: changes.remove_second_factor(user_id))


@bp.post("/people/<id:user_id>/reset-link")
@needs(Role.ADMIN)
def make_reset_link(user_id: int) -> ResponseReturnValue:
    """The link is in this answer and nowhere else; the one before still works, until one of them was used."""
    try:
        return page(user_id, link=changes.make_reset_link(user_id)), 201
    except NotPossible as error:
        return page(user_id, problem=error), 409


def changed(user_id: int, change: Callable[[], None], **typed: str) -> ResponseReturnValue:
    """Back to the page, or the page with what was refused and why."""
    try:
        change()
    except InvalidInput as error:
        return page(user_id, problem=error, **typed), 422
    except NotPossible as error:
        return page(user_id, problem=error, **typed), 409
    return redirect(url_for("people.one", user_id=user_id), code=303)


def page(user_id: int, problem: DynometerError | None = None, **typed: Any) -> str:
    with database().reading() as session:
        member = found(members.member(session, user_id))
        has_second_factor = second_factors.confirmed(session, user_id) is not None
    errors = problem.fields if isinstance(problem, InvalidInput) else {}
    return render_template(
        "settings/person.html", member=member, roles=ROLES, problem=problem, errors=errors,
        role=typed.get("role", member.role), link=typed.get("link"), has_second_factor=has_second_factor,
    )  # fmt: skip
