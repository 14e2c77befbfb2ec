"""The part of a start that needs the database, in a process that ends with it.

A supervisor lives for months and asks the database nothing; SQLAlchemy in its memory would be 40 MB for nothing.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from dynometer.errors import DynometerError
from fleet.parent_death import dies_with_parent
from settings import ConfigError, Settings

STEP_S = 0.05
DOUBT_AFTER_S = 10.0


@dataclass(frozen=True)
class Migrated:
    """The database answers and has this version's tables."""


@dataclass(frozen=True)
class Joined:
    """All worker nodes take part."""

    setup_code: str | None  # makes the first admin; None when there is one
    jobs_open: int  # at the start: those that go on


@dataclass(frozen=True)
class Refused:
    """The start can't go on."""

    sentence: str
    hint: str


class Preparation:
    """Migrates, then watches the worker nodes join; the caller asks how far it is."""

    def __init__(self, settings: Settings, node_names: frozenset[str], *, is_known: bool) -> None:
        """`is_known`: a fleet has started on this database with this version's tables before."""
        context: Any = multiprocessing.get_context("fork")
        self._answers, theirs = context.Pipe(duplex=False)
        steps = _steps(settings, node_names, is_known)
        ends_with_us = dies_with_parent(signal.SIGKILL)
        self._process = context.Process(target=_prepare, args=(steps, theirs, ends_with_us), daemon=True)
        self._process.start()
        theirs.close()

    def answer(self, within_s: float) -> Migrated | Joined | None:
        """The next answer, None when there is none yet.  Raises ConfigError when the start can't go on."""
        if not self._answers.poll(within_s):
            return None
        try:
            answer: Migrated | Joined | Refused = self._answers.recv()
        except EOFError:
            raise ConfigError("The preparation of the database ended without a word.") from None
        if isinstance(answer, Refused):
            raise ConfigError(answer.sentence, hint=answer.hint)
        return answer

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.join()


def _prepare(steps: Iterator[Migrated | Joined], answers: Connection, end_with_front: Callable[[], None]) -> None:
    end_with_front()
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # sent to whole groups too; the front decides
        signal.signal(asked, signal.SIG_IGN)
    from sqlalchemy.exc import SQLAlchemyError

    from store.database import first_line

    try:
        for step in steps:
            with suppress(BrokenPipeError):  # the front is gone
                answers.send(step)
    except SQLAlchemyError as error:
        sentence = f"The database can't be used: {first_line(error)}"
        answers.send(Refused(sentence, "Does it run, and is DATABASE_URL right?"))
    except DynometerError as error:
        answers.send(Refused(str(error), error.hint))


def _steps(settings: Settings, node_names: frozenset[str], is_known: bool) -> Iterator[Migrated | Joined]:
    """Yield how far it is.  A known database is migrated only in doubt: Alembic is a tenth of a start's work."""
    from sqlalchemy.exc import SQLAlchemyError

    from store.database import Database

    parent = os.getppid()
    database = Database(settings.database_url)
    try:
        joined = _first_look(database, settings) if is_known else None
    except SQLAlchemyError:
        joined = None
    if joined is None:
        is_known = False
        _migrate(settings)
        joined = _first_look(database, settings)
    yield Migrated()
    doubt_at = time.monotonic() + DOUBT_AFTER_S
    while not _have_joined(database, node_names) and os.getppid() == parent:
        if is_known and time.monotonic() > doubt_at:
            _migrate(settings)
            is_known = False
        time.sleep(STEP_S)
    yield joined
    if is_known:
        _migrate(settings)  # while the web nodes are asked: if they want other tables, these come


def _migrate(settings: Settings) -> None:
    from store.migrate import upgrade

    upgrade(settings.database_url)


def _first_look(database: Any, settings: Settings) -> Joined:
    """What there is to say once all take part."""
    from store.accounts import ensure_roles, new_setup_code
    from store.jobs import count_open
    from store.people import has_admin

    with database.writing() as session:
        ensure_roles(session)
        is_begun = has_admin(session, bool(settings.oidc_issuer))
        if settings.sample and not is_begun:
            from tasks.sample import admit_sample

            admit_sample(session, settings)
        return Joined(None if is_begun else new_setup_code(session), count_open(session))


def _have_joined(database: Any, node_names: frozenset[str]) -> bool:
    """Whether all of `node_names` are ready.  A row left by a killed fleet has another process's id."""
    from store.models import NodeState
    from store.nodes import alive_nodes

    with database.reading() as session:
        ready = {
            node.name
            for node in alive_nodes(session)
            if node.state in (NodeState.IDLE, NodeState.BUSY) and is_alive(node.pid)
        }
    return node_names <= ready


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
