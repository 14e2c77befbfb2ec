"""Codes that change: one secret a person, what was used of it, and the codes for the day it is lost."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from store.account_models import SecondFactor
from store.database import now_s

SET_UP_S = 600.0  # what was begun and left is nobody's to finish, who may find the browser open


def waiting(session: Session, user_id: int) -> SecondFactor | None:
    """One that is being set up, and was begun a moment ago."""
    return session.scalar(select(SecondFactor).where(SecondFactor.user_id == user_id, *_waits()))


def _waits() -> tuple[ColumnElement[bool], ...]:
    return SecondFactor.confirmed_at.is_(None), SecondFactor.begun_at > now_s() - SET_UP_S


def confirmed(session: Session, user_id: int) -> SecondFactor | None:
    """What this person is asked for at the sign-in; None: nothing."""
    factor = session.get(SecondFactor, user_id)
    return factor if factor is not None and factor.confirmed_at is not None else None


def begin(session: Session, user_id: int, secret: str) -> bool:
    """A new secret that asks for nothing yet, in place of one never confirmed; False beside a confirmed one."""
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_(None)))
    if session.get(SecondFactor, user_id) is not None:
        return False
    session.add(SecondFactor(user_id=user_id, secret=secret, recovery_hashes=[]))
    session.flush()
    return True


def confirm(session: Session, user_id: int, secret: str, step: int, recovery_hashes: Sequence[str]) -> bool:
    """From now on the sign-in asks for it, when `secret` still is the one that waits; True for one caller."""
    mine = SecondFactor.user_id == user_id, SecondFactor.secret == secret, *_waits()
    given = {"confirmed_at": now_s(), "last_step": step, "recovery_hashes": list(recovery_hashes)}
    return session.connection().execute(update(SecondFactor).where(*mine).values(given)).rowcount == 1


def use_step(session: Session, user_id: int, step: int) -> bool:
    """Use up the code of this half minute and of all before: True for one caller."""
    unused = SecondFactor.user_id == user_id, SecondFactor.last_step < step
    return session.connection().execute(update(SecondFactor).where(*unused).values(last_step=step)).rowcount == 1


def use_recovery_code(session: Session, user_id: int, code_hash: str) -> bool:
    """Use up one of the codes for the day the device is lost: True for one caller."""
    mine = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    # populated anew: whoever was waited for may have used this code up since the row was read first
    factor = session.scalar(mine.execution_options(populate_existing=True))
    if factor is None or code_hash not in factor.recovery_hashes:
        return False
    factor.recovery_hashes = [kept for kept in factor.recovery_hashes if kept != code_hash]
    session.flush()
    return True


def renew_recovery_codes(session: Session, user_id: int, recovery_hashes: Sequence[str]) -> bool:
    """New ones in place of all before; False when there is no second factor."""
    mine = SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
    renewing = update(SecondFactor).where(*mine).values(recovery_hashes=list(recovery_hashes))
    return session.connection().execute(renewing).rowcount == 1


def remove(session: Session, user_id: int) -> bool:
    """The sign-in asks for nothing more; False when it did not before."""
    mine = delete(SecondFactor).where(SecondFactor.user_id == user_id)
    return session.connection().execute(mine).rowcount == 1
