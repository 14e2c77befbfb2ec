"""The tables of people: accounts and roles, what lets them in, what they may have, what they did."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.database import now_s
from store.tables import Base, BigId


class Role(Base):
    """viewer, runner, operator or admin."""

    __tablename__ = "role"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    permissions: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))


class UserRole(Base):
    """Who has which role."""

    __tablename__ = "user_role"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)


class User(Base):
    """A person, or the service account behind tokens made on the command line."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None]  # argon2id; None: can't sign in
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)  # changing it voids half-done sign-ins and reset links
    oidc_subject: Mapped[str | None]  # issuer and subject, for whom a provider vouches
    created_at: Mapped[float] = mapped_column(default=now_s())
    roles: Mapped[list[Role]] = relationship(secondary="user_role")
    __table_args__ = (Index("user_oidc_subject", "oidc_subject", unique=True),)


class SetupCode(Base):
    """The one-time code that makes the first admin: valid while there is none, for half an hour, once."""

    __tablename__ = "setup_code"
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[float]


class Token(Base):
    """An API token: only its SHA-256 is kept."""

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]  # first characters, to recognise it in a list
    token_hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]  # read, run or admin
    created_at: Mapped[float] = mapped_column(default=now_s())
    expires_at: Mapped[float | None]
    last_used_at: Mapped[float | None]
    revoked_at: Mapped[float | None]
    __table_args__ = (Index("token_owner", "owner_id"),)


class SignIn(Base):
    """A browser that is signed in: its cookie holds the session's id, this row its SHA-256."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    session_hash: Mapped[str] = mapped_column(unique=True)
    began_at: Mapped[float] = mapped_column(default=now_s())
    seen_at: Mapped[float] = mapped_column(default=now_s())
    ended_at: Mapped[float | None]
    address: Mapped[str]  # as the proxy in front told it
    browser: Mapped[str]  # in words, such as "Firefox on Linux"
    __table_args__ = (Index("sign_in_user", "user_id", "began_at"), Index("sign_in_began", "began_at"))


class Guess(Base):
    """Wrong passwords of late, for one account or one network: the next try waits longer, never for good."""

    __tablename__ = "guess"
    subject: Mapped[str] = mapped_column(primary_key=True)  # account:<hash of the address typed> or network:<prefix>
    failures: Mapped[int]
    last_at: Mapped[float]
    wait_until: Mapped[float]


class SecondFactor(Base):
    """What a person proves beside the password: one secret for codes that change, and codes for the day it is lost."""

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]  # encrypted with a key derived from the installation's own
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # a code works once
    begun_at: Mapped[float] = mapped_column(default=now_s())
    confirmed_at: Mapped[float | None]  # None: being set up, asks for nothing yet
    recovery_hashes: Mapped[Any] = mapped_column(JSON)  # of the codes not used yet


class Passkey(Base):
    """A key in a device or password safe that signs its owner in."""

    __tablename__ = "passkey"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now_s())
    last_used_at: Mapped[float | None]
    __table_args__ = (Index("passkey_user", "user_id"),)


class Invitation(Base):
    """A link that makes one account with one role, once."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    note: Mapped[str]  # for whom, in the inviter's words
    inviter_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    created_at: Mapped[float] = mapped_column(default=now_s())
    expires_at: Mapped[float]
    used_at: Mapped[float | None]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    revoked_at: Mapped[float | None]


class Quota(Base):
    """What one person may have at once where it differs from the installation's default; None: the default."""

    __tablename__ = "quota"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    open_jobs_max: Mapped[int | None]
    open_items_max: Mapped[int | None] = mapped_column(BigInteger)
    stored_bytes_max: Mapped[int | None] = mapped_column(BigInteger)  # of uploads


class AuditEntry(Base):
    """What somebody did or was refused.  Rows are added and never changed: the database itself says no."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[float] = mapped_column(default=now_s())
    actor_id: Mapped[int | None]  # no foreign key: entries outlive accounts
    actor: Mapped[str]  # address, or "" for nobody signed in
    action: Mapped[str]  # a word from store/audit.py
    subject: Mapped[str]  # what it was done to, such as "job 12"
    outcome: Mapped[str]  # done or refused
    address: Mapped[str]
    request_id: Mapped[str]
    detail: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    __table_args__ = (Index("audit_at", "at"),)
