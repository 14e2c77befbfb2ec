"""The people of an installation, as its administrators see and change them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from store.account_changes import set_active
from store.account_models import Role, SignIn, Token, User
from store.accounts import ROLES
from store.people import CONSOLE_EMAIL, comes_in_as_admin
from store.sign_ins import holds


class Member(NamedTuple):
    """An account, with what its owner does with it."""

    user: User
    role: str  # the highest; empty without one
    open_sign_ins: int  # browsers that are signed in
    seen_at: float | None  # in a browser or by a token, whichever was later

    @property
    def is_console(self) -> bool:
        """Whether it is the account behind the tokens of the command line."""
        return self.user.email == CONSOLE_EMAIL


def members(session: Session, limit: int, after_email: str = "", part: str = "") -> Sequence[Member]:
    """By address, those with `part` in it; `after_email` is the page's cursor.  Roles come in the same query."""
    found = _members().order_by(User.email).limit(limit)
    if after_email:
        found = found.where(User.email > after_email)
    if part:
        found = found.where(func.lower(User.email).contains(part.lower(), autoescape=True))
    return [_member(*row) for row in session.execute(found).unique()]


def member(session: Session, user_id: int) -> Member | None:
    """By key."""
    row = session.execute(_members().where(User.id == user_id)).unique().one_or_none()
    return _member(*row) if row else None


def hold_admins(session: Session) -> None:
    """Until this transaction ends nobody else changes who is an administrator: of two who demote each other, one."""
    session.execute(select(Role.id).where(Role.name == "admin").with_for_update(key_share=True))


def other_admins(session: Session, user_id: int, has_provider: bool) -> int:
    """How many besides this one can sign in as administrators."""
    others = select(func.count()).select_from(User).where(comes_in_as_admin(has_provider), User.id != user_id)
    return int(session.scalar(others) or 0)


def set_role(session: Session, user: User, role: str) -> None:
    """This one, and no other."""
    user.roles = list(session.scalars(select(Role).where(Role.name == role)))
    session.flush()


def disable(session: Session, user: User) -> None:
    """Nobody comes in as this person any more: every sign-in ends, and tokens open nothing while it lasts."""
    set_active(session, user.id, active=False)


def enable(session: Session, user: User) -> None:
    """They may sign in again; what was ended stays ended."""
    set_active(session, user.id, active=True)


def _members() -> Select[Any]:
    open_sign_ins = select(func.count()).where(SignIn.user_id == User.id, *holds())
    signed_in = select(func.max(SignIn.seen_at)).where(SignIn.user_id == User.id)
    used_token = select(func.max(Token.last_used_at)).where(Token.owner_id == User.id)
    columns = [question.scalar_subquery() for question in (open_sign_ins, signed_in, used_token)]
    return select(User, *columns).options(joinedload(User.roles))


def _member(user: User, open_sign_ins: int, *seen: float | None) -> Member:
    ranks = list(ROLES)  # from the least to the most
    held = [role.name for role in user.roles if role.name in ranks]
    role = max(held, key=ranks.index, default="")
    return Member(user, role, open_sign_ins, max((moment for moment in seen if moment is not None), default=None))
