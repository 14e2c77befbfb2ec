"""Passkeys: kept, found by what the browser sends, used, removed."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from store.account_models import Passkey
from store.database import now_s

MOST = 20  # of one person


def passkeys_of(session: Session, user_id: int) -> Sequence[Passkey]:
    """The newest first."""
    return session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id.desc())).all()


def passkey_by_credential(session: Session, credential_id: str) -> Passkey | None:
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))


def add(session: Session, user_id: int, credential_id: str, public_key: bytes, sign_count: int, name: str) -> bool:
    """Keep a new one; False when it is known already, or its owner has as many as anybody needs."""
    held = session.scalar(select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)) or 0
    if held >= MOST or passkey_by_credential(session, credential_id) is not None:
        return False
    given = {"credential_id": credential_id, "public_key": public_key, "sign_count": sign_count, "name": name}
    session.add(Passkey(user_id=user_id, **given))
    session.flush()
    return True


def use(session: Session, passkey_id: int, sign_count: int, asked_at: float) -> bool:
    """It answered a question asked at that moment; False when it has answered one since: no answer counts twice."""
    is_newer = Passkey.last_used_at.is_(None) | (Passkey.last_used_at < asked_at)
    using = update(Passkey).where(Passkey.id == passkey_id, is_newer)
    return session.connection().execute(using.values(sign_count=sign_count, last_used_at=now_s())).rowcount == 1


def rename(session: Session, user_id: int, passkey_id: int, name: str) -> bool:
    """False when this person has no such one."""
    mine = Passkey.user_id == user_id, Passkey.id == passkey_id
    return session.connection().execute(update(Passkey).where(*mine).values(name=name)).rowcount == 1


def remove(session: Session, user_id: int, passkey_id: int) -> str | None:
    """Its name, once it signs nobody in any more; None when this person has no such one."""
    mine = Passkey.user_id == user_id, Passkey.id == passkey_id
    return session.scalar(delete(Passkey).where(*mine).returning(Passkey.name))


def remove_all(session: Session, user_id: int) -> int:
    """Of this person; how many there were."""
    return session.connection().execute(delete(Passkey).where(Passkey.user_id == user_id)).rowcount


def moment(session: Session) -> float:
    """Now, by the clock that `use` goes by."""
    return float(session.scalar(select(now_s())) or 0.0)
