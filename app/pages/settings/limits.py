"""Limits: what the caller has and may have; for administrators, everybody's."""

from dataclasses import dataclass
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import typed
from app.access import Role, caller, needs
from app.audit import note
from app.current import database, settings
from app.members import found
from app.pages.settings.shell import section_blueprint
from app.words import count, size
from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import DoesNotFit
from store import members, quotas
from store.quotas import Limits, Override, Use
from tasks.quotas import effective, limits_of

bp = section_blueprint("limits")
PAGE = 50
MEGABYTE = 1_000_000
MOST = {"open_jobs_max": 1_000_000, "open_items_max": 10**15, "stored_mb_max": 10**9}


@dataclass(frozen=True)
class Meter:
    """One limit and how much of it is used."""

    label: str
    used: int
    most: int
    words: str

    @property
    def per_mille(self) -> int:
        """How much of it is used; all of it when there is none."""
        return min(1000 * self.used // self.most, 1000) if self.most else 1000


@bp.get("/limits")
def show() -> ResponseReturnValue:
    after = request.args.get("after", "").replace("\0", "")
    with database().reading() as session:
        mine = meters(limits_of(session, caller().id, settings()), quotas.use_of(session, caller().id))
        listed = everybody(session, after) if g.role >= Role.ADMIN else []
    return render_template(
        "settings/limits.html", mine=mine, listed=listed[:PAGE], is_first=not after,
        following=listed[PAGE - 1][0].user.email if len(listed) > PAGE else None,
    )  # fmt: skip


@bp.get("/limits/<id:user_id>")
@needs(Role.ADMIN)
def edit(user_id: int) -> ResponseReturnValue:
    with database().reading() as session:
        override = quotas.override_of(session, user_id)
    return page(user_id, as_typed(override))


@bp.post("/limits/<id:user_id>")
@needs(Role.ADMIN)
def change(user_id: int) -> ResponseReturnValue:
    form = request.form.to_dict()
    try:
        wanted = read(form)
    except InvalidInput as error:
        return page(user_id, form, error), 422
    with database().writing() as session:
        member = found(members.member(session, user_id))
        quotas.hold_owner(session, user_id)
        if quotas.override_of(session, user_id) != wanted:
            quotas.set_override(session, user_id, wanted)
            note(session, "quota-changed", member.user.email, detail=as_typed(wanted))
    return redirect(url_for("limits.edit", user_id=user_id), code=303)


def everybody(session: Session, after: str) -> list[tuple[members.Member, list[Meter], bool]]:
    """(person, meters, whether their limits are their own): three queries for a page."""
    people = members.members(session, PAGE + 1, after)
    ids = [member.user.id for member in people]
    uses, overrides = quotas.uses_of(session, ids), quotas.overrides_of(session, ids)
    none = Override()
    return [
        (member, meters(effective(override, settings()), uses[member.user.id]), override != none)
        for member in people
        for override in [overrides.get(member.user.id, none)]
    ]


def meters(limits: Limits, use: Use) -> list[Meter]:
    jobs, items, stored = limits.open_jobs_max, limits.open_items_max, limits.stored_bytes_max
    return [
        Meter("Open jobs", use.open_jobs, jobs, f"{count(use.open_jobs)} of {count(jobs)}"),
        Meter("Items in open jobs", use.open_items, items, f"{count(use.open_items)} of {count(items)}"),
        Meter("Stored uploads", use.stored_bytes, stored, f"{size(use.stored_bytes)} of {size(stored)}"),
    ]


def read(form: dict[str, str]) -> Override:
    """Raises InvalidInput that names every wrong field."""
    numbers: dict[str, int | None] = {}
    wrong = {}
    for name, most in MOST.items():
        try:
            numbers[name] = typed.whole(form.get(name, ""), most)
        except DoesNotFit as error:
            wrong[name] = str(error)
    if wrong:
        raise InvalidInput("The limits were not changed; what you typed is kept.", fields=wrong)
    stored_mb = numbers["stored_mb_max"]
    stored = None if stored_mb is None else stored_mb * MEGABYTE
    return Override(numbers["open_jobs_max"], numbers["open_items_max"], stored)


def as_typed(limits: Limits | Override) -> dict[str, str]:
    """What the form shows for them; empty for the default."""
    stored = None if limits.stored_bytes_max is None else limits.stored_bytes_max // MEGABYTE
    numbers = (limits.open_jobs_max, limits.open_items_max, stored)
    return {name: "" if number is None else str(number) for name, number in zip(MOST, numbers, strict=True)}


def page(user_id: int, form: dict[str, Any], problem: InvalidInput | None = None) -> str:
    with database().reading() as session:
        member = found(members.member(session, user_id))
        shown = meters(limits_of(session, user_id, settings()), quotas.use_of(session, user_id))
    defaults = as_typed(effective(Override(), settings()))
    return render_template(
        "settings/limit.html", member=member, meters=shown, form=form, defaults=defaults, problem=problem,
        errors=problem.fields if problem else {},
    )  # fmt: skip
