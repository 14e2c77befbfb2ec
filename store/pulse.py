"""How the fleet is, in one statement: every page shows it."""

from dataclasses import dataclass

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from store.database import now_s
from store.models import Job, Node
from store.nodes import GONE


@dataclass(frozen=True)
class Pulse:
    """Who is alive, and how long the work waits."""

    workers: int  # nodes
    slots: int  # their worker processes
    web: int  # nodes
    waiting_s: float  # how long the job that nobody has begun waits; 0 when none does


def pulse(session: Session) -> Pulse:
    """Reads the nodes' rows, and the queued jobs through their own index."""
    is_worker, is_web = Node.role == "worker", Node.role == "web"
    alive = Node.state.not_in(GONE)
    oldest = select(func.min(Job.created_at)).where(Job.state == literal_column("'queued'")).scalar_subquery()
    found = session.execute(
        select(
            func.count().filter(is_worker),
            func.coalesce(func.sum(Node.slots).filter(is_worker), 0),
            func.count().filter(is_web),
            func.coalesce(now_s() - oldest, 0.0),
        )
        .select_from(Node)
        .where(alive)
    ).one()
    workers, slots, web, waiting_s = found
    return Pulse(int(workers), int(slots), int(web), max(0.0, float(waiting_s)))
