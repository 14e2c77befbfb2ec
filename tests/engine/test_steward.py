"""A node's steward: what it hears, what it does with the chunks of processes that died, and how it ends a node."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from settings import Settings
from store import nodes
from store.models import Chunk, ChunkState, Job, JobState, Node, NodeState
from store.values import Slot
from tasks import steward as speech
from tasks.jobs import cancel
from tasks.steward import Steward
from tests.engine.hand import Bell, Hand
from tests.services import until

DEAD_PID = 2**22 + 1  # above the largest process id there can be


class Main:
    """Stands for Celery's main process, with one child that can be a worker process."""

    def __init__(self, hand: Hand, settings: Settings) -> None:
        self.child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        ear, self.mouth = multiprocessing.Pipe(duplex=False)
        self.facts = replace(hand.facts("w", slots=0), pid=os.getpid())
        with hand.database.writing() as session:
            self.node_id = nodes.join(session, self.facts)
        self.hand, self.bell = hand, Bell()
        bell: Any = self.bell
        self.steward = Steward(settings, hand.database, bell, self.node_id, self.facts, ear)

    def say(self, word: bytes) -> None:
        self.mouth.send_bytes(word)
        self.steward.hear(1.0)

    def state(self) -> NodeState:
        with self.hand.database.reading() as session:
            node = nodes.node_named(session, "w")
            assert node is not None
            return node.state

    def claim(self, pid: int) -> None:
        self.hand.claimed(Slot(self.node_id, 0, pid))


@pytest.fixture
def main(hand: Hand, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Main]:
    monkeypatch.setattr(os, "getppid", os.getpid)  # here, the steward and the main process are one
    main = Main(hand, settings)
    yield main
    main.mouth.close()
    main.steward.ear.close()
    main.child.communicate()


def test_a_node_has_joined_and_is_idle_once_its_processes_stand(main: Main) -> None:
    main.steward.look()
    assert main.state() is NodeState.JOINED

    main.say(speech.READY + b" 3")
    main.steward.look()

    assert main.state() is NodeState.IDLE
    with main.hand.database.reading() as session:
        assert nodes.slots_alive(session) == 3


def test_a_node_that_gets_ready_calls_its_processes_to_waiting_work(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner)

    main.say(speech.READY + b" 3")
    main.steward.look()

    assert main.bell.rung == [(job_id, 3)]


def test_leases_of_living_processes_are_prolonged_and_dead_ones_lose_their_chunk(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=2, chunk_items=1)
    main.claim(main.child.pid)
    main.claim(DEAD_PID)
    main.hand.change(Chunk, lease_until=1.0)

    main.steward.look()

    alive, dead = main.hand.chunks(job_id)
    assert alive.state is ChunkState.RUNNING
    assert (alive.lease_until or 0) > 1.0
    assert (dead.state, dead.attempt) == (ChunkState.READY, 1)


def test_a_stopped_process_keeps_its_chunk_but_not_its_lease(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=1)
    main.claim(main.child.pid)
    main.hand.change(Chunk, lease_until=1.0)
    main.child.send_signal(signal.SIGSTOP)
    os.waitpid(main.child.pid, os.WUNTRACED)

    main.steward.look()
    [chunk] = main.hand.chunks(job_id)
    main.child.send_signal(signal.SIGCONT)

    assert (chunk.state, chunk.lease_until) == (ChunkState.RUNNING, 1.0)


def test_a_process_of_somebody_else_is_no_process_of_the_node(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=1)
    main.claim(1)  # it lives, but is not our child

    main.steward.look()

    assert [chunk.state for chunk in main.hand.chunks(job_id)] == [ChunkState.READY]


def test_a_leaving_node_gives_back_without_an_attempt(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=1)
    main.claim(DEAD_PID)
    main.say(speech.DRAIN)

    main.steward.look()

    [chunk] = main.hand.chunks(job_id)
    assert (chunk.state, chunk.attempt) == (ChunkState.READY, 0)
    assert main.state() is NodeState.DRAINING


@pytest.mark.parametrize(("word", "state", "attempt"), [(speech.GOODBYE, NodeState.LEFT, 0), (b"", NodeState.LOST, 1)])
def test_the_end_of_the_main_process_is_said_and_frees_everything(
    main: Main, owner: int, word: bytes, state: NodeState, attempt: int
) -> None:
    job_id = main.hand.job(owner, items=1)
    main.claim(main.child.pid)

    if word:
        main.mouth.send_bytes(word)
    main.mouth.close()
    main.steward.serve()

    [chunk] = main.hand.chunks(job_id)
    assert (main.state(), chunk.state, chunk.attempt) == (state, ChunkState.READY, attempt)


def test_a_node_whose_name_was_taken_touches_nothing_and_leaves(
    main: Main, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    job_id = main.hand.job(owner, items=1)
    main.hand.change(Node, state=NodeState.LOST)  # it was cut off, and its name went to another host
    with main.hand.database.writing() as session:
        nodes.join(session, replace(main.facts, host="elsewhere"))
    main.claim(DEAD_PID)  # a process id there, not here

    main.steward.look()
    main.mouth.close()
    main.steward.serve()

    assert sent == [(os.getpid(), signal.SIGTERM)]
    assert [chunk.state for chunk in main.hand.chunks(job_id)] == [ChunkState.RUNNING]
    assert main.state() is NodeState.JOINED


def test_a_node_that_drains_while_its_name_lives_on_elsewhere_goes_on_to_its_end(
    main: Main, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    job_id = main.hand.job(owner, items=1)
    main.claim(main.child.pid)
    with main.hand.database.writing() as session:
        nodes.join(session, replace(main.facts, host="elsewhere"))
    main.hand.change(Chunk, lease_until=1.0)

    main.say(speech.DRAIN)
    main.steward.look()
    [chunk] = main.hand.chunks(job_id)
    main.say(speech.GOODBYE)
    main.steward.serve()

    assert (chunk.state, chunk.attempt, (chunk.lease_until or 0) > 1.0) == (ChunkState.RUNNING, 1, True)
    assert [(chunk.state, chunk.attempt) for chunk in main.hand.chunks(job_id)] == [(ChunkState.READY, 0)]
    with main.hand.database.reading() as session:
        states = {node.name: node.state for node in session.scalars(select(Node))}
    assert states == {"w": NodeState.JOINED, f"w~{main.node_id}": NodeState.LEFT}
    assert sent == []


def test_the_main_process_is_pressed_when_the_grace_is_over(main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    main.steward.press()
    main.say(speech.DRAIN)
    main.steward.press()
    assert sent == []

    main.steward.leaves_at = monotonic()
    main.steward.press()
    main.steward.press()
    assert sent == [signal.SIGQUIT]
    main.steward.leaves_at = monotonic() - speech.LAST_S - 1
    main.steward.press()

    assert sent == [signal.SIGQUIT, signal.SIGKILL]


def test_nothing_is_recovered_until_the_database_was_there_for_a_lease(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=1)
    main.hand.claimed(main.hand.node("other")[0])
    main.hand.change(Chunk, lease_until=1.0)
    main.steward.look()
    assert [chunk.state for chunk in main.hand.chunks(job_id)] == [ChunkState.RUNNING]

    main.steward.steady_since -= main.steward.settings.lease_s
    main.steward.next_beat = 0.0
    main.steward.look()

    assert [chunk.state for chunk in main.hand.chunks(job_id)] == [ChunkState.READY]


def test_an_outage_or_a_jump_of_the_clock_starts_the_lease_anew(main: Main) -> None:
    main.steward.look()
    long_ago = main.steward.steady_since = monotonic() - 1e6
    assert meet(main.steward, ValueError("no fault of the database"))
    with main.hand.database.reading() as session:
        main.steward.compare_clocks(session)
    assert main.steward.steady_since == long_ago

    assert not meet(main.steward, OperationalError("SELECT 1", {}, Exception("gone")))
    assert main.steward.steady_since > long_ago

    main.steward.steady_since = long_ago
    main.steward.clocks_apart -= 60
    with main.hand.database.reading() as session:
        main.steward.compare_clocks(session)
    assert main.steward.steady_since > long_ago


def test_a_node_that_hears_no_ring_for_long_is_replaced(
    main: Main, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    main.say(speech.READY + b" 2")
    job_id = main.hand.job(owner)
    main.steward.listen_in()
    main.steward.listen_in()
    assert sent == []

    assert main.steward.deaf_since is not None
    main.steward.deaf_since -= main.steward.settings.deaf_after_s
    main.steward.listen_in()

    assert sent == [signal.SIGTERM]
    assert main.bell.rung == [(job_id, 1)] * 2


def test_while_the_broker_is_away_nobody_is_deaf_nor_when_it_is_back(
    main: Main, owner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    main.say(speech.READY + b" 2")
    main.hand.job(owner)
    main.steward.deaf_since = monotonic() - 1e6

    main.bell.is_there = False
    main.steward.listen_in()
    main.bell.is_there = True
    main.steward.listen_in()  # Celery may still wait half a minute before it tries to connect

    assert sent == []


def test_a_process_inside_a_cancelled_chunk_is_told_and_not_taken_for_idle(main: Main, owner: int) -> None:
    job_id = main.hand.job(owner, items=1)
    main.claim(main.child.pid)
    main.say(speech.READY + b" 2")
    cancel(main.hand.database, job_id)
    main.hand.job(owner)
    told: list[int] = []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "kill", lambda pid, number: told.append(number))
        main.steward.end_cancelled()
    assert told == [speech.DROP]
    assert not main.steward.work_passed_by()

    main.child.kill()
    main.child.wait()
    main.steward.end_cancelled()
    assert main.steward.work_passed_by()


@pytest.mark.parametrize("works", [True, False])
def test_a_node_that_works_or_has_nothing_to_do_is_not_deaf(main: Main, owner: int, works: bool) -> None:
    main.say(speech.READY + b" 2")
    main.hand.job(owner, items=5, chunk_items=1)
    main.steward.deaf_since = monotonic()

    if works:
        main.claim(main.child.pid)
    else:
        main.hand.change(Job, state=JobState.CANCELLED)
    main.steward.listen_in()

    assert main.steward.deaf_since is None


def meet(steward: Steward, error: Exception) -> bool:
    def duty() -> None:
        raise error

    return steward.dares(duty)


def test_one_broken_duty_does_not_stop_the_heart(main: Main, owner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def free_dead(steward: Steward) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Steward, "free_dead", free_dead)
    main.hand.job(owner, items=1)
    main.claim(main.child.pid)
    main.hand.change(Job, rung_at=1.0)
    main.say(speech.READY + b" 2")

    main.steward.look()

    assert main.state() is NodeState.BUSY


def test_a_real_steward_outlives_its_main_process_and_says_so(hand: Hand, settings: Settings) -> None:
    script = """
import multiprocessing, os, sys
from settings import Settings
from store import nodes
from store.database import Database
from tasks import steward
settings = Settings.from_env()
database = Database(settings.database_url)
facts = nodes.NodeFacts("w", "worker", "here", os.getpid(), 0, 1.0, 1, {})
with database.writing() as session:
    node_id = nodes.join(session, facts)
context = multiprocessing.get_context("fork")
ear, mouth = context.Pipe(duplex=False)
context.Process(target=steward.run, args=(settings, node_id, facts, ear, mouth), daemon=True).start()
ear.close()
mouth.send_bytes(b"ready 2")
print("up", flush=True)
sys.stdin.read()
"""
    environment = {"DATABASE_URL": settings.database_url, "BROKER_URL": "redis://127.0.0.1:1/0",
                   "DYNOMETER_NODE_NAME": "w", "PYTHONPATH": ":".join(sys.path)}  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip

    def state() -> NodeState | None:
        with hand.database.reading() as session:
            node = nodes.node_named(session, "w")
        return node.state if node else None

    until(lambda: state() is NodeState.IDLE, "the steward beats", within_s=60)
    process.kill()
    process.communicate()

    until(lambda: state() is NodeState.LOST, "the steward says that its node is lost", within_s=60)
