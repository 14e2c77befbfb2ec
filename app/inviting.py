"""Invitations made, revoked, and used to join."""

from flask import g, url_for
from sqlalchemy.exc import IntegrityError

from app import accounts, once, passwords, sessions, typed
from app.access import Role, caller
from app.accounts import Account
from app.audit import note
from app.current import database
from app.members import still_admin
from dynometer.errors import InvalidInput, NotFound
from dynometer.workloads.parameters import DoesNotFit
from store import invitations, people, quotas
from store.accounts import ROLES

LONGEST_NOTE = 200
USED_FORM = "This form was used already: its link was shown then, and is not shown again."
NO_ACCOUNT = "No account was made. What you typed is kept, but for the passwords."
TAKEN = {"email": "has an account here already; sign in with it, or give another address"}
UNKNOWN = "is not one that was given out here; copy the whole link"
CLOSED = {
    "used": "was used already: it makes one account. Sign in, or ask for a new one",
    "revoked": "was withdrawn; ask for a new one",
    "expired": "is over a week old and works no more; ask for a new one",
}


def invite(role: str, for_whom: str, code: str) -> str:
    """The link that makes one account with this role; a moment later the same `code` once more makes no second.

    Raises InvalidInput that names the fields.
    """
    wrong = {}
    if role not in ROLES:
        wrong["role"] = "must be one of those listed"
    elif Role[role.upper()] > g.role:
        wrong["role"] = "must not be above your own"
    try:
        for_whom = typed.line(for_whom, 0, LONGEST_NOTE)
    except DoesNotFit as error:
        wrong["note"] = str(error)
    if wrong:
        raise InvalidInput("No invitation was made; what you typed is kept.", fields=wrong)
    with database().writing() as session:
        still_admin(session)
        quotas.hold_owner(session, caller().id)  # of two presses the second finds what the first one made
        known = invitations.is_younger(session, code, once.SHOWN_FOR_S)
        if known is False:
            raise InvalidInput(USED_FORM, hint="Send it once more for another link, or revoke the one below.")
        if known is None:
            made = invitations.invite(session, caller().id, role, for_whom, code)
            note(session, "invitation-made", f"invitation {made.id}", detail={"role": role, "note": for_whom})
    return url_for("join.show", _external=True) + f"#{code}"  # behind the #, no server and no proxy sees it


def revoke_invitation(invitation_id: int) -> None:
    """Its link works no more; once more changes nothing.  Raises NotFound."""
    with database().writing() as session:
        if invitations.revoke_invitation(session, invitation_id):
            note(session, "invitation-revoked", f"invitation {invitation_id}")
        elif not invitations.is_known(session, invitation_id):
            raise NotFound("There is no such invitation.")


def join(code: str, email: str, password: str, again: str) -> None:
    """Make the account of an invitation and sign in.  Raises InvalidInput that names every wrong field."""
    code = code.strip().removeprefix("#")
    if wrong := wrong_code(code) or accounts.wrong_email(email) | passwords.wrong_password(password, again, email):
        raise InvalidInput(NO_ACCOUNT, fields=wrong)
    hashed = passwords.hashed_password(password)
    try:
        account = redeem(code, accounts.valid_email(email), hashed)
    except IntegrityError:  # somebody took the address at the same moment
        raise InvalidInput(NO_ACCOUNT, fields=TAKEN) from None
    sessions.begin(account, "invitation")


def redeem(code: str, email: str, password_hash: str) -> Account:
    """The account, in the one transaction that uses the invitation up.  Raises InvalidInput."""
    with database().writing() as session:
        if people.person_by_email(session, email):
            raise InvalidInput(NO_ACCOUNT, fields=TAKEN)
        invitation = invitations.redeem(session, code)
        if invitation is None:  # it was used or withdrawn while the password was hashed
            raise InvalidInput(NO_ACCOUNT, fields={"code": CLOSED["used"]})
        user = people.add_person(session, email, password_hash, [invitation.role])
        invitation.used_by_id = user.id
        g.account = account = accounts.account_of(user)
        note(session, "invitation-used", f"invitation {invitation.id}", detail={"role": invitation.role})
    assert account is not None, "it was made just now"
    return account


def wrong_code(code: str) -> dict[str, str]:
    with database().reading() as session:
        found = invitations.invitation_by_code(session, code)
    if found is None:
        return {"code": UNKNOWN}
    return {} if found.state == "open" else {"code": CLOSED[found.state]}
