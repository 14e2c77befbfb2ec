"""What administrators change about people: in one transaction each, so that an administrator is always left."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import abort
from sqlalchemy.orm import Session

from app.access import caller
from app.audit import note
from app.current import database, settings
from app.reset import reset_link
from dynometer.errors import DynometerError, InvalidInput, NotFound
from store import account_changes, invitations, members, second_factors
from store.accounts import ROLES
from store.members import Member

ONE_LEFT = "Somebody must be able to let others in: make another person an administrator first."


class NotPossible(DynometerError):
    """This can't be done as things stand."""


def change_role(user_id: int, role: str) -> None:
    """Give this role.  Raises NotFound, InvalidInput, NotPossible for the last administrator's."""
    if role not in ROLES:  # spelt just so: another spelling would find no role, and leave the account with none
        raise InvalidInput("The role was not changed.", fields={"role": "must be one of those listed"})
    with changing(user_id) as (session, member):
        if member.role == role:  # pressed twice
            return
        if member.role == "admin":
            keep_an_admin(session, member)
            invitations.revoke_invitations_by(session, user_id)
        members.set_role(session, member.user, role)
        note(session, "role-changed", member.user.email, detail={"from": member.role, "to": role})


def disable(user_id: int) -> None:
    """Shut somebody out, now.  Raises NotFound, NotPossible for oneself and for the last administrator."""
    with changing(user_id) as (session, member):
        if not member.user.active:
            return
        if user_id == caller().id:
            raise NotPossible("You can't disable your own account.", hint="Another administrator can.")
        if member.role == "admin":
            keep_an_admin(session, member)
        invitations.revoke_invitations_by(session, user_id)
        members.disable(session, member.user)
        note(session, "account-disabled", member.user.email)


def make_reset_link(user_id: int) -> str:
    """A link to a new password, to hand over in person.  Raises NotFound, NotPossible for who is shut out."""
    with changing(user_id) as (session, member):
        link = None if member.is_console else reset_link(session, user_id, caller())
        if link is None:
            raise NotPossible("Nobody can sign in as this account.", hint="Enable it first; programs use tokens.")
        note(session, "reset-link-made", member.user.email)
    return link


def remove_second_factor(user_id: int) -> None:
    """Of who has lost it: the password alone signs in, once more everywhere.  Raises NotFound, NotPossible."""
    with changing(user_id) as (session, member):
        if user_id == caller().id:
            raise NotPossible("This is your own.", hint="Remove it under Security, which asks for your password.")
        account_changes.end_sessions(session, user_id)
        if not second_factors.remove(session, user_id):
            raise NotPossible("There is no second factor.", hint="The password alone signs in already.")
        note(session, "second-factor-removed", member.user.email)


def enable(user_id: int) -> None:
    """Let somebody in again.  Raises NotFound."""
    with changing(user_id) as (session, member):
        if not member.user.active:
            members.enable(session, member.user)
            note(session, "account-enabled", member.user.email)


@contextmanager
def changing(user_id: int) -> Iterator[tuple[Session, Member]]:
    """A transaction about this person, in which nobody else changes who is an administrator."""
    with database().writing() as session:
        still_admin(session)
        yield session, found(members.member(session, user_id))


def still_admin(session: Session) -> None:
    """Until the transaction ends the caller stays an administrator; answers 403 when somebody was quicker."""
    members.hold_admins(session)
    me = found(members.member(session, caller().id))
    if me.role != "admin" or not me.user.active:
        abort(403)


def found(member: Member | None) -> Member:
    if member is None:
        raise NotFound("There is no such account.")
    return member


def keep_an_admin(session: Session, member: Member) -> None:
    if member.user.active and members.other_admins(session, member.user.id, bool(settings().oidc_issuer)) == 0:
        raise NotPossible(f"{member.user.email} is the last administrator.", hint=ONE_LEFT)
