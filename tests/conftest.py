"""Services for every suite.  At home a missing one skips its tests with the reason; in CI that is a failure."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from settings import child_environment
from tests.databases import Databases
from tests.services import Broker, Missing, Postgres, RabbitMQ, Redis, Service, Valkey, program

S = TypeVar("S", bound=Service)
T = TypeVar("T")


def present(make: Callable[[], T]) -> T:
    """`make()`, or the end of the test when what it needs isn't installed."""
    try:
        return make()
    except Missing as missing:
        if child_environment().get("CI"):
            pytest.fail(f"CI runs everything: {missing}")
        pytest.skip(str(missing))


def started(make: Callable[[], S]) -> Iterator[S]:
    service = present(make)
    try:
        service.start()
        yield service
    finally:
        service.remove()


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Postgres]:
    yield from started(Postgres)


@pytest.fixture(scope="session")
def _rabbitmq() -> Iterator[RabbitMQ]:
    yield from started(RabbitMQ)


@pytest.fixture(scope="session")
def _redis() -> Iterator[Redis]:
    yield from started(Redis)


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    yield from started(Valkey)


# The handles are shared by the session; asking for one starts it again when an earlier test has stopped it.
@pytest.fixture
def postgres(_postgres: Postgres) -> Postgres:
    _postgres.start()
    return _postgres


@pytest.fixture
def rabbitmq(_rabbitmq: RabbitMQ) -> RabbitMQ:
    _rabbitmq.start()
    return _rabbitmq


@pytest.fixture
def redis_server(_redis: Redis) -> Redis:
    _redis.start()
    return _redis


@pytest.fixture
def valkey(_valkey: Valkey) -> Valkey:
    _valkey.start()
    return _valkey


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """A fresh, empty database: not migrated; see `make_database`."""
    return postgres.new_database()


@pytest.fixture
def lone_postgres(postgres: Postgres) -> Iterator[Postgres]:
    """One that no other test looks at.  (The shared one says whether PostgreSQL is installed.)"""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def rabbitmq_url(rabbitmq: RabbitMQ) -> str:
    return rabbitmq.url


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    return redis_server.url


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    return valkey.url


@pytest.fixture(params=["valkey", "redis_server", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each kind of broker in turn."""
    handle: Broker = request.getfixturevalue(request.param)
    return handle


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def make_database(databases: Databases, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """`make_database("sqlite")` or `("postgresql")`: the URL of a fresh database with all tables."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return databases.sqlite()
        return databases.postgresql(request.getfixturevalue("postgres"))

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, make_database: Callable[[str], str]) -> str:
    """A fresh migrated database of each kind in turn."""
    return make_database(request.param)


@pytest.fixture(scope="session")
def nginx_binary() -> str:
    return present(lambda: program("nginx"))


@pytest.fixture(scope="session")
def chromium_binary() -> str:
    return present(lambda: program("chromium", "chromium-browser", "google-chrome"))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the project's files."""
    return Path(__file__).parent.parent
