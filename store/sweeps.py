"""Sweeps: claimed by one worker process at a time, recorded behind its fence, ended once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from store.database import is_too_far_ahead, now_s
from store.sweep_models import Phase, Sweep, SweepEvent, SweepKey, SweepState
from store.values import Slot

OPEN = (SweepState.QUEUED, SweepState.RUNNING)


@dataclass(frozen=True)
class Held:
    """A sweep that this process holds: its number, and the fence that proves it."""

    sweep_id: int
    fence: int


def sweep_of(session: Session, sweep_id: int) -> Sweep | None:
    """By key."""
    return session.get(Sweep, sweep_id)


def events_of(session: Session, sweep_id: int, epoch: int, after: int = 0) -> Sequence[SweepEvent]:
    """What counts of it, in order; `after`: the number of the last event that the caller has."""
    found = select(SweepEvent).where(
        SweepEvent.sweep_id == sweep_id, SweepEvent.epoch == epoch, SweepEvent.number > after
    )
    return session.scalars(found.order_by(SweepEvent.number)).all()


def count_open(session: Session, owner_id: int | None = None) -> int:
    """How many sweeps have no end yet, of one owner or of all."""
    found = select(func.count()).select_from(Sweep).where(Sweep.state.in_(OPEN))
    if owner_id is not None:
        found = found.where(Sweep.owner_id == owner_id)
    return int(session.scalar(found) or 0)


def has_any(session: Session) -> bool:
    """Whether there was ever a sweep."""
    return session.scalar(select(Sweep.id).limit(1)) is not None


def free_sweeps(session: Session, workloads: Collection[str]) -> Sequence[Sweep]:
    """Open ones of these workloads that wait for a worker process, the oldest first."""
    waiting = select(Sweep).where(*_waits(), Sweep.workload.in_(workloads))
    return session.scalars(waiting.order_by(Sweep.id)).all()


def claim(session: Session, sweep_id: int, slot: Slot, node_name: str, lease_s: float) -> Held | None:
    """Hold the sweep by this process; None when another has it or it ended."""
    taken = (
        update(Sweep)
        .where(Sweep.id == sweep_id, *_waits())
        .values(
            state=SweepState.RUNNING, phase=Phase.WAITING, fence=Sweep.fence + 1, attempt=Sweep.attempt + 1,
            node_id=slot.node_id, slot_pid=slot.pid, node_name=node_name, lease_until=now_s() + lease_s,
            started_at=func.coalesce(Sweep.started_at, now_s()), version=Sweep.version + 1,
        )
        .returning(Sweep.fence)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    fence = session.connection().execute(taken).scalar()
    return None if fence is None else Held(sweep_id, fence)


def is_held(session: Session, held: Held) -> bool:
    """Whether the sweep is still this holder's: not cancelled, not given to another."""
    return session.scalar(select(Sweep.id).where(_held(held))) is not None


def change(session: Session, held: Held, **values: Any) -> bool:
    """Set columns of the sweep; False when it is no longer this holder's."""
    changed = update(Sweep).where(_held(held)).values(version=Sweep.version + 1, **values)
    return session.connection().execute(changed.execution_options(synchronize_session=False)).rowcount == 1


def record(
    session: Session, held: Held, number: int, kind: str, body: str, *, spent_s: float, windows: int = 0
) -> bool:
    """Keep event `number`, one more than the last; False when the sweep is another's by now.

    Safe to do twice: after a commit whose answer was lost the second time finds the event there, and is content.
    `spent_s`: of the budget, up to this moment; `windows`: 1 for one that counts.
    """
    counted = (
        update(Sweep)
        .where(_held(held), Sweep.events == number - 1)
        .values(events=number, version=Sweep.version + 1, spent_s=spent_s, windows=Sweep.windows + windows)
        .returning(Sweep.epoch)
        .execution_options(synchronize_session=False)
    )
    epoch = session.connection().execute(counted).scalar()
    if epoch is None:
        return session.scalar(select(Sweep.id).where(_held(held), Sweep.events == number)) is not None
    session.add(SweepEvent(sweep_id=held.sweep_id, number=number, epoch=epoch, kind=kind, body=body))
    session.flush()
    return True


def begin_again(session: Session, held: Held, environment: str, fingerprint: str) -> bool:
    """Start the curves anew, on the machine of these facts; what was measured before stays, and counts no more."""
    return change(
        session, held, epoch=Sweep.epoch + 1, spent_s=0.0, windows=0, environment=environment, fingerprint=fingerprint,
    )  # fmt: skip


def remark(session: Session, sweep_id: int, sentence: str) -> None:
    """Tell on its page what happened to the sweep on its way."""
    sweep = session.get(Sweep, sweep_id, with_for_update=True, populate_existing=True)
    if sweep is not None:
        sweep.remarks = [*sweep.remarks, sentence]
        sweep.version += 1
        session.flush()


def held_on(session: Session, node_id: int) -> Sequence[Sweep]:
    """Sweeps that processes of this node hold."""
    return session.scalars(select(Sweep).where(Sweep.state.in_(OPEN), Sweep.node_id == node_id)).all()


def extend_leases(session: Session, node_id: int, pids: Collection[int], lease_s: float) -> None:
    """The processes `pids` of the node live, and so do their leases."""
    extended = update(Sweep).where(
        Sweep.state.in_(OPEN), Sweep.node_id == node_id, Sweep.slot_pid.in_(pids), Sweep.lease_until.is_not(None)
    )
    session.execute(extended.values(lease_until=now_s() + lease_s).execution_options(synchronize_session=False))


def put_back(session: Session, sweep_id: int, fence: int) -> bool:
    """Nobody holds the sweep any more; what it measured stays.  False when it has another holder already."""
    return change(
        session, Held(sweep_id, fence), node_id=None, slot_pid=None, lease_until=None, phase=Phase.WAITING
    )


def give_back(session: Session, held: Held) -> bool:
    """As `put_back`, by a holder whom nothing went wrong with: the attempt is not counted."""
    return change(session, held, attempt=Sweep.attempt - 1) and put_back(session, held.sweep_id, held.fence)


def expired(session: Session) -> Sequence[Sweep]:
    """Held ones whose lease has ended."""
    over = Sweep.lease_until < now_s()
    return session.scalars(select(Sweep).where(Sweep.state.in_(OPEN), Sweep.lease_until.is_not(None), over)).all()


def in_fleet_phase(session: Session) -> Sequence[int]:
    """Those whose cluster points run as jobs."""
    return session.scalars(select(Sweep.id).where(Sweep.state.in_(OPEN), Sweep.phase == Phase.FLEET)).all()


def waiting_ids(session: Session) -> Sequence[int]:
    """Those that wait for a worker process, the oldest first."""
    return session.scalars(select(Sweep.id).where(*_waits()).order_by(Sweep.id)).all()


def is_waiting(session: Session, sweep_id: int) -> bool:
    """Whether the sweep waits for a worker process."""
    return session.scalar(select(Sweep.id).where(Sweep.id == sweep_id, *_waits())) is not None


def end(session: Session, sweep_id: int, state: SweepState, values: Mapping[str, Any]) -> bool:
    """Give the sweep its end; False when it has one already."""
    ended = (
        update(Sweep)
        .where(Sweep.id == sweep_id, Sweep.state.in_(OPEN))
        .values(
            state=state, ended_at=now_s(), version=Sweep.version + 1, fence=Sweep.fence + 1, lease_until=None,
            node_id=None, **values,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return session.connection().execute(ended).rowcount == 1


def take_turn_to_ring(session: Session, sweep_id: int, after_s: float) -> bool:
    """True for one caller when nobody has rung for the sweep for `after_s` seconds."""
    is_due = (Sweep.rung_at < now_s() - after_s) | is_too_far_ahead(Sweep.rung_at, after_s)
    rung = update(Sweep).where(Sweep.id == sweep_id, is_due).values(rung_at=now_s())
    return session.connection().execute(rung.execution_options(synchronize_session=False)).rowcount == 1


def key_of(session: Session, owner_id: int, key: str) -> SweepKey | None:
    """What this owner's Idempotency-Key was used for."""
    return session.get(SweepKey, (owner_id, key))


def prune_keys(session: Session, older_than_s: float) -> int:
    """Forget keys of that age; how many."""
    old = delete(SweepKey).where(SweepKey.created_at < now_s() - older_than_s)
    return session.connection().execute(old).rowcount


def _held(held: Held) -> ColumnElement[bool]:
    return and_(Sweep.id == held.sweep_id, Sweep.fence == held.fence, Sweep.state.in_(OPEN))


def _waits() -> tuple[ColumnElement[bool], ...]:
    is_free = or_(Sweep.lease_until.is_(None), Sweep.lease_until < now_s())
    return Sweep.state.in_(OPEN), Sweep.phase != Phase.FLEET, is_free
