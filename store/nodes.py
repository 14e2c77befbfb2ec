"""The fleet's members: joined, heard of, lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Update, cast, func, literal, literal_column, select, update
from sqlalchemy.orm import Session

from store.database import is_too_far_ahead, now_s
from store.models import Chunk, Lease, Node, NodeState

GONE = (NodeState.LOST, NodeState.LEFT)
OUTLIVED = "~"  # before its id, in the name of a node whose own name went to a newer one


@dataclass(frozen=True)
class NodeFacts:
    """What a node says of itself when it joins."""

    name: str
    role: str
    host: str
    pid: int
    slots: int  # 0 until its worker processes stand
    cpus_usable: float
    memory_bytes: int
    versions: Mapping[str, Any]
    workloads: tuple[str, ...] = ()  # keys of what it can compute


def join(session: Session, facts: NodeFacts) -> int:
    """The id of the node; one that returns under its name keeps its row.

    Unless the name lives on another host: platforms start a node while its earlier life still drains elsewhere.  Then
    they are two nodes, and the older one keeps its row, with what it holds and who speaks for it, under a longer name.
    """
    node = session.scalar(select(Node).where(Node.name == facts.name).with_for_update())
    if node is not None and node.state.is_alive and node.host != facts.host:
        node.name = f"{node.name}{OUTLIVED}{node.id}"
        session.flush()  # names are unique: this one must be free before it is taken
        node = None
    if node is None:
        node = Node(name=facts.name)
        session.add(node)
    for name in ("role", "host", "pid", "slots", "cpus_usable", "memory_bytes"):
        setattr(node, name, getattr(facts, name))
    node.versions, node.workloads = dict(facts.versions), list(facts.workloads)
    node.state = NodeState.JOINED
    node.joined_at = node.seen_at = now_s()
    session.flush()
    return node.id


def beat(session: Session, node_id: int, facts: NodeFacts, state: NodeState) -> bool:
    """The node lives; False when another process has joined under its name and speaks for it now."""
    heard = _said_by(node_id, facts).values(seen_at=now_s(), slots=facts.slots, state=state)
    return session.connection().execute(heard).rowcount == 1


def depart(session: Session, node_id: int, facts: NodeFacts, state: NodeState) -> bool:
    """The node's processes are gone; False when another process speaks for it by now."""
    return session.connection().execute(_said_by(node_id, facts).values(state=state)).rowcount == 1


def _said_by(node_id: int, facts: NodeFacts) -> Update:
    return update(Node).where(Node.id == node_id, Node.pid == facts.pid, Node.host == facts.host)


def speaks_for(session: Session, node_id: int, facts: NodeFacts) -> bool:
    """Whether this process is the one that joined last under the node's name."""
    speaker = select(Node.pid, Node.host).where(Node.id == node_id)
    return session.execute(speaker).one_or_none() == (facts.pid, facts.host)


def mark_silent_lost(session: Session, after_s: float) -> Sequence[str]:
    """Names of the nodes that have been silent for `after_s` seconds and are lost from now on."""
    is_silent = (Node.seen_at < now_s() - after_s) | is_too_far_ahead(Node.seen_at, after_s)
    silent = update(Node).where(Node.state.not_in(GONE), is_silent)
    lost = silent.values(state=NodeState.LOST).returning(Node.name)
    return session.scalars(lost.execution_options(synchronize_session=False)).all()


def node_named(session: Session, name: str) -> Node | None:
    """By name."""
    return session.scalar(select(Node).where(Node.name == name))


def all_nodes(session: Session) -> Sequence[Node]:
    """Every node that was ever seen, by name; one whose name went to a newer life of it, only while it is alive."""
    is_outlived = Node.name.like(literal(f"%{OUTLIVED}") + cast(Node.id, String))
    seen = select(Node).where(~(is_outlived & Node.state.in_(GONE)))
    return session.scalars(seen.order_by(Node.role, Node.name)).all()


def alive_nodes(session: Session, role: str = "worker") -> Sequence[Node]:
    """Nodes of a role that are neither lost nor left."""
    return session.scalars(select(Node).where(Node.role == role, Node.state.not_in(GONE)).order_by(Node.name)).all()


def known_workloads(session: Session) -> frozenset[str]:
    """What the living worker nodes together can compute."""
    return frozenset(key for node in alive_nodes(session) for key in node.workloads or ())


def slots_alive(session: Session) -> int:
    """Worker processes of all living nodes that claim."""
    takes = select(func.coalesce(func.sum(Node.slots), 0)).where(
        Node.role == "worker", Node.state.not_in((*GONE, NodeState.DRAINING))
    )
    return int(session.scalar(takes) or 0)


def workers_alive(session: Session) -> int:
    """Worker nodes that live."""
    alive = select(func.count()).select_from(Node).where(Node.role == "worker", Node.state.not_in(GONE))
    return int(session.scalar(alive) or 0)


def most_cpus(session: Session) -> float:
    """Usable CPUs of the living worker node that has most; 1 without any."""
    alive = select(func.max(Node.cpus_usable)).where(Node.role == "worker", Node.state.not_in(GONE))
    return float(session.scalar(alive) or 1.0)


def slots_idle(session: Session) -> int:
    """How many worker processes hold no chunk."""
    held = select(func.count()).select_from(Chunk).where(Chunk.state == literal_column("'running'"))
    return max(0, slots_alive(session) - int(session.scalar(held) or 0))


def clock_s(session: Session) -> float:
    """The database's clock."""
    return float(session.scalar(select(now_s())) or 0.0)


def take_lease(session: Session, duty: str, holder: str, for_s: float, *, longest_s: float) -> bool:
    """Hold or prolong the lease of a duty; False while another holds it.

    Nobody holds it for longer than `longest_s`: one that lasts over twice that is of a clock that was set back since.
    """
    lease = session.get(Lease, duty, with_for_update=True)
    now = clock_s(session)
    if lease is None:
        session.add(Lease(duty=duty, holder=holder, until=now + for_s))
        session.flush()  # two first takers: the second fails on the key and tries again at its next round
        return True
    if lease.holder != holder and now < lease.until <= now + 2 * longest_s:
        return False
    lease.holder, lease.until = holder, now + for_s
    return True
