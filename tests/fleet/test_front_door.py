"""The rendered configuration in a real nginx, in front of stand-in web nodes."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from fleet.data_folder import DataFolder
from fleet.front_door import FrontDoor, make_front_door, write_upstream
from fleet.parent_death import dies_with_parent
from settings import ConfigError, Settings
from tests.fleet.upstream import web_node
from tests.services import free_port, reply_to, until

pytestmark = pytest.mark.services
LIMITS = {"body_max_bytes": 1_000, "upload_max_bytes": 50_000}


@dataclass
class Running:
    """An nginx that runs."""

    url: str
    folder: DataFolder
    process: subprocess.Popen[bytes]
    nodes: dict[str, ExitStack]

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=10, **options)

    def post(self, path: str = "/", **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=10, **options)


@pytest.fixture(scope="module")
def nginx(nginx_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from started(nginx_binary, tmp_path_factory.mktemp("door"))


@pytest.fixture
def fresh_nginx(nginx_binary: str, tmp_path: Path) -> Iterator[Running]:
    """For tests that break something or use up a limit."""
    yield from started(nginx_binary, tmp_path)


def started(nginx_binary: str, path: Path) -> Iterator[Running]:
    folder, port = DataFolder(path / "with space"), free_port()
    with ExitStack() as stack:
        nodes = {name: stack.enter_context(ExitStack()) for name in ("web.1", "web.2")}
        addresses = [each.enter_context(web_node(folder.run / f"{name}.sock")) for name, each in nodes.items()]
        door = make_front_door(nginx_binary, Settings(data_dir=folder.path, port=port, **LIMITS), folder, addresses)
        process = subprocess.Popen(door.command, preexec_fn=dies_with_parent())
        until(lambda: reply_to(b"GET /healthz HTTP/1.0\r\n\r\n", port), "nginx answers")
        yield Running(f"http://127.0.0.1:{port}", folder, process, nodes)
        process.send_signal(signal.SIGQUIT)
        assert process.wait(20) == 0


def test_forwarded_headers_are_overwritten(nginx: Running) -> None:
    claimed = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
               "X-Forwarded-Prefix": "/evil", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6",
               "X-Request-ID": "mine", "X-Request-Start": "t=1"}  # fmt: skip

    seen = nginx.get(headers=claimed).json()["headers"]

    assert seen["X-Forwarded-For"] == seen["X-Real-IP"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "http"
    assert seen["X-Forwarded-Host"] == seen["Host"] == nginx.url.removeprefix("http://")
    assert "X-Forwarded-Prefix" not in seen
    assert "Forwarded" not in seen
    assert re.fullmatch(r"[0-9a-f]{32}", seen["X-Request-ID"])
    assert re.fullmatch(r"t=\d{10}\.\d{3}", seen["X-Request-Start"])


def test_each_request_has_its_own_id(nginx: Running) -> None:
    first, second = (nginx.get().json()["headers"]["X-Request-ID"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize("path", ["/jobs/new", "/api/v1/uploads"])
def test_uploads_may_be_large(nginx: Running, path: str) -> None:
    known = {"Cookie": "dynometer=x"}
    assert nginx.post(path, data=b"x" * 50_000, headers=known).json()["received"] == 50_000
    assert nginx.post(path, data=b"x" * 51_001, headers=known).status_code == 413


def test_nothing_else_may(nginx: Running) -> None:
    assert nginx.post("/sign-out", data=b"x" * 1_000).json()["received"] == 1_000

    refused = nginx.post("/sign-out", data=b"x" * 1_001)

    assert refused.status_code == 413
    assert "nothing of it was kept" in refused.text


def test_the_api_is_refused_in_its_own_words(nginx: Running) -> None:
    refused = nginx.post("/api/v1/jobs", data=b"x" * 1_001)

    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["status"] == 413
    assert re.fullmatch(r"[0-9a-f]{32}", refused.json()["request_id"])


def test_static_files_are_served_without_a_web_node(nginx: Running) -> None:
    plain, versioned = nginx.get("/static/icon.svg"), nginx.get("/static/icon.svg?v=1")

    assert plain.headers["Content-Type"].startswith("image/svg+xml")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert versioned.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/../__init__.py", "/static/%2e%2e/__init__.py", "/static/nothing"])
def test_only_static_files_are(nginx: Running, path: str) -> None:
    prepared = requests.Request("GET", nginx.url).prepare()
    prepared.url = nginx.url + path  # as it is: requests would tidy it up
    with requests.Session() as session:
        answer = session.send(prepared, timeout=10)

    assert answer.status_code in (400, 404) or "node" in answer.json()


def test_no_version_is_told(nginx: Running) -> None:
    assert nginx.get("/static/nothing").headers["Server"] == "nginx"
    assert not re.search(r"nginx/\d", nginx.get("/static/nothing").text)


def test_a_dead_web_node_is_left_out(fresh_nginx: Running) -> None:
    fresh_nginx.nodes["web.1"].close()

    assert {fresh_nginx.get().json()["node"] for _ in range(10)} == {"web.2"}


def test_without_web_nodes_there_is_a_sentence_and_a_time_to_wait(fresh_nginx: Running) -> None:
    for node in fresh_nginx.nodes.values():
        node.close()

    page, api = fresh_nginx.get("/jobs"), fresh_nginx.get("/api/v1/jobs")

    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "nothing is lost" in page.text
    assert (api.status_code, api.headers["Retry-After"]) == (503, "5")
    assert api.json()["detail"].endswith("nothing is lost.")


def test_guessing_passwords_is_slowed_down(fresh_nginx: Running) -> None:
    statuses = [fresh_nginx.post("/sign-in").status_code for _ in range(20)]

    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    assert fresh_nginx.post("/jobs").status_code == 200


def test_a_reload_takes_the_new_list_of_web_nodes(fresh_nginx: Running) -> None:
    with web_node(fresh_nginx.folder.run / "web.3.sock") as address:
        write_upstream(fresh_nginx.folder, [address])
        fresh_nginx.process.send_signal(signal.SIGHUP)

        until(lambda: {fresh_nginx.get().json()["node"] for _ in range(4)} == {"web.3"}, "only web.3 answers")


def test_the_access_log_is_json_when_asked_for(nginx_binary: str, tmp_path: Path) -> None:
    folder, port = DataFolder(tmp_path), free_port()
    settings = Settings(data_dir=tmp_path, port=port, log_level="debug")
    door = make_front_door(nginx_binary, settings, folder, ["unix:/nowhere.sock"])
    with subprocess.Popen(door.command, stdout=subprocess.PIPE, preexec_fn=dies_with_parent()) as process:
        until(lambda: reply_to(b"GET /?secret=1 HTTP/1.0\r\n\r\n", port), "nginx answers")
        assert process.stdout
        line = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGQUIT)

    assert (line["method"], line["uri"], line["status"]) == ("GET", "/", 503)  # a query may hold what is private
    assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])


def test_what_nginx_refuses_is_said(nginx_binary: str, tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("nonsense;")

    with pytest.raises(ConfigError, match='unknown directive "nonsense"'):
        FrontDoor(nginx_binary, tmp_path / "nginx.conf").check()
