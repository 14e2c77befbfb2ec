"""Public links to sweeps that have ended: made, shown, revoked, found by their slug."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.database import now_s
from store.sweep_models import Sweep, SweepShare

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that one takes for another: no 0, 1, i, l, o
SLUG_CHARS = 10  # some 8 x 10^14 of them: nobody finds one by trying
MOST_OPEN = 20  # of one sweep


def make_share(session: Session, sweep_id: int, maker_id: int) -> SweepShare:
    """A new link; the caller has made sure that the sweep is over."""
    slug = "".join(secrets.choice(LETTERS) for _ in range(SLUG_CHARS))
    made = SweepShare(slug=slug, sweep_id=sweep_id, maker_id=maker_id)
    session.add(made)
    session.flush()
    return made


def shares_of(session: Session, sweep_id: int) -> Sequence[SweepShare]:
    """Those that still open it, the newest first."""
    found = select(SweepShare).where(SweepShare.sweep_id == sweep_id, SweepShare.revoked_at.is_(None))
    return session.scalars(found.order_by(SweepShare.created_at.desc(), SweepShare.slug)).all()


def revoke_share(session: Session, sweep_id: int, slug: str) -> bool:
    """End a link; False when it is none of this sweep's, or ended before."""
    ended = (
        update(SweepShare)
        .where(SweepShare.slug == slug, SweepShare.sweep_id == sweep_id, SweepShare.revoked_at.is_(None))
        .values(revoked_at=now_s())
        .execution_options(synchronize_session=False)
    )
    return session.connection().execute(ended).rowcount == 1


def shared_sweep(session: Session, slug: str) -> Sweep | None:
    """The sweep that the link opens; None for a revoked one as for none."""
    opened = select(Sweep).join(SweepShare, SweepShare.sweep_id == Sweep.id)
    return session.scalar(opened.where(SweepShare.slug == slug, SweepShare.revoked_at.is_(None)))
