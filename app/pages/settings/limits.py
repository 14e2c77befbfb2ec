"""Limits: what the caller has and may have; for administrators, everybody's."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import typed
from app.access import Role, caller, needs
from app.audit import note
from app.current import database, settings
from app.members import changing, found
from app.pages.settings.shell import section_blueprint
from app.words import count, size
from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import DoesNotFit
from store import members, quotas
from store.quotas import Limits, Override, Use
from tasks.quotas import effective

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
        people = members.members(session, PAGE + 1, after) if g.role >= Role.ADMIN else []
        shown = meters_of(session, {caller().id, *(member.user.id for member in people)})
    return render_template(
        "settings/limits.html", mine=shown[caller().id], people=people[:PAGE], meters=shown, is_first=not after,
        following=people[PAGE - 1].user.email if len(people) > PAGE else None,
    )  # fmt: skip


@bp.get("/limits/<id:user_id>")
@needs(Role.ADMIN)
def edit(user_id: int) -> ResponseReturnValue:
    return page(user_id)


@bp.post("/limits/<id:user_id>")
@needs(Role.ADMIN)
def change(user_id: int) -> ResponseReturnValue:
    form = request.form.to_dict()
    try:
        wanted = read(form)
    except InvalidInput as error:
        return page(user_id, form, error), 422
    with changing(user_id) as (session, member):
        quotas.hold_owner(session, user_id)
        if quotas.override_of(session, user_id) != wanted:
            quotas.set_override(session, user_id, wanted)
            note(session, "quota-changed", member.user.email, detail=as_typed(wanted))
    return redirect(url_for("limits.edit", user_id=user_id), code=303)


def meters_of(session: Session, user_ids: Collection[int]) -> dict[int, list[Meter]]:
    """Of all these, in three queries."""
    uses, overrides = quotas.uses_of(session, user_ids), quotas.overrides_of(session, user_ids)
    return {
        user_id: meters(effective(overrides.get(user_id, Override()), settings()), uses[user_id])
        for user_id in user_ids
    }


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


def page(user_id: int, typed_before: dict[str, str] | None = None, problem: InvalidInput | None = None) -> str:
    with database().reading() as session:
        member = found(members.member(session, user_id))
        override, use = quotas.override_of(session, user_id), quotas.use_of(session, user_id)
    return render_template(
        "settings/limit.html", member=member, meters=meters(effective(override, settings()), use),
        form=as_typed(override) if typed_before is None else typed_before,
        defaults=as_typed(effective(Override(), settings())), problem=problem, errors=problem.fields if problem else {},
    )  # fmt: skip
