"""Two stacks, each with two worker nodes that live as long as the tests let them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.engine.fleet import Fleet

STACKS = ("embedded", "full")


@pytest.fixture(scope="session")
def fleets(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Fleet]]:
    """`fleets("embedded")`: SQLite and Valkey; `fleets("full")`: PostgreSQL and RabbitMQ."""
    made: dict[str, Fleet] = {}

    def fleet(stack: str) -> Fleet:
        if stack not in made:
            is_full = stack == "full"
            broker = request.getfixturevalue("_rabbitmq" if is_full else "_valkey")
            url = databases.postgresql(request.getfixturevalue("_postgres")) if is_full else databases.sqlite()
            made[stack] = Fleet(url, broker, tmp_path_factory.mktemp(stack))
        return made[stack]

    yield fleet
    for each in made.values():
        each.stop()


@pytest.fixture(params=STACKS)
def fleet(request: pytest.FixtureRequest, fleets: Callable[[str], Fleet]) -> Iterator[Fleet]:
    """A fleet of two idle nodes on each stack in turn."""
    fleet = fleets(request.param)
    fleet.heal()
    yield fleet
    fleet.cancel_all()


@pytest.fixture
def embedded(fleets: Callable[[str], Fleet]) -> Iterator[Fleet]:
    """Where the stack makes no difference: the lighter one."""
    fleet = fleets("embedded")
    fleet.heal()
    yield fleet
    fleet.cancel_all()


@pytest.fixture
def full(fleets: Callable[[str], Fleet]) -> Iterator[Fleet]:
    fleet = fleets("full")
    fleet.heal()
    yield fleet
    fleet.cancel_all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the hostile workload leaves a line per call and finds its gate."""
    return tmp_path
