"""Limits of one person, checked where jobs and items come in: in that very transaction, with the owner's row held.

A bound on all open jobs of the installation has its place at the top of `admit_job`, before the owner's own: what it
refuses is nobody's fault (503).
"""

from dataclasses import asdict

from sqlalchemy.orm import Session

from dynometer.errors import DynometerError
from settings import Settings
from store import quotas, sweeps
from store.quotas import Limits, Override

ASK = "or ask an administrator for a higher limit."


class OverQuota(DynometerError):
    """This is more than your account may have at once."""

    retry_after_s = 30  # jobs end all the time; nobody knows when these will


def limits_of(session: Session, user_id: int, settings: Settings) -> Limits:
    """What holds for this person."""
    return effective(quotas.override_of(session, user_id), settings)


def effective(override: Override, settings: Settings) -> Limits:
    """`override` with the installation's defaults where it says nothing."""
    given = {name: value for name, value in asdict(override).items() if value is not None}
    defaults = {name: getattr(settings, name) for name in asdict(override)}
    return Limits(**defaults | given)


def admit_job(session: Session, owner_id: int, items: int, settings: Settings) -> None:
    """Whether one more job of `items` fits; only with the owner's row held.  Raises OverQuota."""
    limits = limits_of(session, owner_id, settings)
    open_jobs, open_items = quotas.open_of(session, [owner_id]).get(owner_id, (0, 0))
    if open_jobs >= limits.open_jobs_max:
        raise OverQuota(
            f"The job was not started: {open_jobs:,} of your jobs are queued or running, and your account may have "
            f"{limits.open_jobs_max:,} at once.",
            hint=f"Wait until one ends, cancel one, {ASK}",
        )
    if open_items + items > limits.open_items_max:
        raise OverQuota(
            f"The job was not started: with its {items:,} items your open jobs would have {open_items + items:,}, "
            f"and your account may have {limits.open_items_max:,} at once.",
            hint=f"Ask for fewer items, wait until a job ends, {ASK}",
        )


def admit_sweep(session: Session, owner_id: int, settings: Settings) -> None:
    """Whether one more sweep fits; only with the owner's row held.  Raises OverQuota."""
    open_sweeps = sweeps.count_open(session, owner_id)
    if open_sweeps >= settings.open_sweeps_max:
        raise OverQuota(
            f"The sweep was not started: {open_sweeps:,} of your sweeps are queued or running, and one person may have "
            f"{settings.open_sweeps_max:,} at once.",
            hint="Wait until one ends, or cancel one.",
        )


def admit_stored(session: Session, owner_id: int, settings: Settings) -> None:
    """Whether what was written so far fits; hold the owner's row before writing.  Raises OverQuota."""
    most = limits_of(session, owner_id, settings).stored_bytes_max
    stored = quotas.stored_of(session, [owner_id]).get(owner_id, 0)
    if stored > most:
        raise OverQuota(
            f"The items were not kept: with them your uploads would take {stored:,} bytes or more, and your account "
            f"may store {most:,}.",
            hint=f"Send fewer items, wait a day until unused uploads are dropped, {ASK}",
        )
