"""The settings, and the file that lists them for people."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from settings import ALIASES, PREFIX, ConfigError, Settings, child_environment, read_env_file

LINE = re.compile(r"#?(?P<name>[A-Z_]+)=(?P<default>\S*)")


def test_the_example_lists_every_setting_with_its_default(checkout: Path) -> None:
    shown = dict(found.group("name", "default") for found in LINE.finditer((checkout / ".env.example").read_text()))

    assert shown == {variable_of(field.name): str(field.default) for field in fields(Settings)}


def variable_of(field: str) -> str:
    """The name a platform uses where there is one."""
    return ALIASES.get(field, (PREFIX + field.upper(),))[0]


def test_every_line_of_the_example_says_what_it_means(checkout: Path) -> None:
    lines = (checkout / ".env.example").read_text().splitlines()

    assert not [
        line for line, before in zip(lines[1:], lines, strict=False) if "=" in line and not before.startswith("# ")
    ]


def test_unknown_names_are_refused_all_at_once() -> None:
    with pytest.raises(ConfigError, match="DYNOMETER_PROT, DYNOMETER_TOKN"):
        Settings.from_env({"DYNOMETER_TOKN": "x", "DYNOMETER_PROT": "1"})


def test_unreadable_values_are_named_all_at_once() -> None:
    with pytest.raises(ConfigError, match=r"HEARTBEAT_S must be a number of seconds, got 'x'; .*PORT must be a whole"):
        Settings.from_env({"PORT": "eighty", "DYNOMETER_HEARTBEAT_S": "x"})


@pytest.mark.parametrize(
    ("environment", "field", "value"),
    [
        ({"PORT": "9"}, "port", 9),
        ({"PORT": "9", "DYNOMETER_PORT": "8"}, "port", 8),  # the more exact name wins
        ({"CLOUDAMQP_URL": "amqp://a"}, "broker_url", "amqp://a"),
        ({"REDIS_URL": "redis://r", "CLOUDAMQP_URL": "amqp://a"}, "broker_url", "amqp://a"),
        ({"DATABASE_URL": "postgres://u@h/d"}, "database_url", "postgresql+psycopg2://u@h/d"),
        ({"DATABASE_URL": "postgresql://u@h/d"}, "database_url", "postgresql+psycopg2://u@h/d"),
        ({"DYNOMETER_DATA_DIR": "/d"}, "database_url", "sqlite:////d/dynometer.db"),
        ({"DYNO": "web.1", "DATABASE_URL": "postgres://d", "REDIS_URL": "redis://r"}, "node_name", "web.1"),
    ],
)
def test_the_names_of_platforms_are_read(environment: dict[str, str], field: str, value: object) -> None:
    assert getattr(Settings.from_env(environment), field) == value


@pytest.mark.parametrize(
    ("url", "words"), [("mysql://u:pass-word@h/d", "begins with mysql://"), ("pass-word", "is no URL")]
)
def test_a_database_of_another_kind_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"DATABASE_URL {words}, .* PostgreSQL or SQLite") as refused:
        Settings.from_env({"DATABASE_URL": url})

    assert "pass-word" not in str(refused.value) + refused.value.hint


def test_nodes_that_share_no_disk_need_a_database_and_a_broker() -> None:
    with pytest.raises(ConfigError, match="share no disk, DATABASE_URL and a broker's URL must be set"):
        Settings.from_env({"DYNO": "worker.1", "DATABASE_URL": "postgres://u@h/d"})


def test_an_env_file_fills_what_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# PORT=1\nPORT=2\nDYNOMETER_SLOTS = 3\n")
    monkeypatch.setenv("PORT", "4")
    monkeypatch.setenv("DYNOMETER_SLOTS", "")  # so that it's restored after the test
    monkeypatch.delenv("DYNOMETER_SLOTS")

    read_env_file(tmp_path / ".env")
    read_env_file(tmp_path / "nothing")

    assert (child_environment()["PORT"], child_environment()["DYNOMETER_SLOTS"]) == ("4", "3")
