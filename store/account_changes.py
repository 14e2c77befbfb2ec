"""Changes of an account that end its sign-ins: who was in with the old password, or before, is out."""

import uuid

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store import sign_ins
from store.account_models import User


def is_unchanged(session: Session, user_id: int, uniquifier: str) -> bool:
    """Whether a proof of identity that was judged by this state of the account still counts.

    Until the transaction ends nobody changes it: so no sign-in that began before a new password begins after it.
    """
    same = select(User.id).where(User.id == user_id, User.fs_uniquifier == uniquifier, User.active)
    return session.scalar(same.with_for_update(read=True)) is not None


def hold_unchanged(session: Session, user_id: int, uniquifier: str) -> bool:
    """The same for who is about to change the account: of two at once the second waits, and finds it changed.

    Not FOR UPDATE: inserting a row that belongs to the person shares a key lock.
    """
    same = select(User.id).where(User.id == user_id, User.fs_uniquifier == uniquifier, User.active)
    return session.scalar(same.with_for_update(key_share=True)) is not None


def change_password(session: Session, user_id: int, uniquifier: str, password_hash: str) -> bool:
    """A new password, for one of those who were let in by the account's state of before; all sign-ins end."""
    unchanged = User.id == user_id, User.fs_uniquifier == uniquifier, User.active
    changing = update(User).where(*unchanged).values(password=password_hash, fs_uniquifier=uuid.uuid4().hex)
    if session.connection().execute(changing).rowcount == 0:
        return False
    sign_ins.end_all(session, user_id)
    return True


def end_sessions(session: Session, user_id: int) -> int:
    """End all sign-ins, half-done ones and links to a new password too; how many browsers were in."""
    session.execute(update(User).where(User.id == user_id).values(fs_uniquifier=uuid.uuid4().hex))
    return sign_ins.end_all(session, user_id)


def set_active(session: Session, user_id: int, active: bool) -> bool:
    """Disable an account, which ends its sign-ins for good, or enable it again; False when that changed nothing."""
    changing = update(User).where(User.id == user_id, User.active != active).values(active=active)
    if session.connection().execute(changing).rowcount == 0:
        return False
    if not active:
        end_sessions(session, user_id)
    return True
