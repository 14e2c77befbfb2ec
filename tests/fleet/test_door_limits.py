"""What nginx holds off, and whom it believes: every kind of site in a real nginx."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from app.headers import HEADERS
from fleet.nginx_config import CHECKOUT, EVERYBODY, Site, resolved_nodes
from settings import Settings
from tests.fleet.dns import name_server
from tests.fleet.doors import configured, running, site_at
from tests.fleet.upstream import web_node
from tests.services import free_port, until

pytestmark = pytest.mark.services
SLOW = 500


def url_of(site: Site) -> str:
    return f"http://{site.listen}"


def said(site: Site, request: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to these very bytes."""
    host, port = site.listen.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(65_536)):
            head += more
    first, *lines = head.split(b"\r\n\r\n")[0].decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines)


@pytest.fixture(scope="module")
def plain(nginx_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """In front of one stand-in, without proxies or names."""
    folder = tmp_path_factory.mktemp("plain")
    with web_node(folder / "web.sock") as node:
        site = site_at(folder, node, hosts=("dyno.example.org",))
        with running(nginx_binary, site, Settings(body_max_bytes=1_000, upload_max_bytes=50_000)):
            yield site


def test_500_slow_sockets_do_not_keep_a_page_waiting(plain: Site) -> None:
    host, port = plain.listen.split(":")
    with ExitStack() as stack:
        for number in range(SLOW):
            slow = stack.enter_context(closing(socket.create_connection((host, int(port)), timeout=10)))
            slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + str(number).encode())  # and never more

        answers = [requests.get(url_of(plain), timeout=5) for _ in range(10)]

    assert [answer.status_code for answer in answers] == [200] * 10


def test_slow_bodies_reach_no_web_node(plain: Site) -> None:
    host, port = plain.listen.split(":")
    with ExitStack() as stack:
        for _ in range(100):
            slow = stack.enter_context(closing(socket.create_connection((host, int(port)), timeout=10)))
            slow.sendall(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nhalf")

        answer = requests.get(url_of(plain), timeout=5).json()

    assert answer["seen"]["/slow"] == 0


def test_a_reload_fails_no_request(nginx_binary: str, tmp_path: Path) -> None:
    statuses: list[int] = []
    is_over = threading.Event()

    def ask(url: str) -> None:
        while not is_over.is_set():
            statuses.append(requests.get(url, headers={"Connection": "close"}, timeout=10).status_code)

    with web_node(tmp_path / "web.sock") as node:
        site = site_at(tmp_path, node)
        with running(nginx_binary, site) as nginx:
            callers = [threading.Thread(target=ask, args=(url_of(site),)) for _ in range(4)]
            for caller in callers:
                caller.start()
            for _ in range(3):
                nginx.send_signal(signal.SIGHUP)
                wanted = len(statuses) + 50
                while len(statuses) < wanted:
                    callers[0].join(0.01)
            is_over.set()
            for caller in callers:
                caller.join()

    assert len(statuses) > 150
    assert set(statuses) == {200}


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /static/icon.svg HTTP/1.1", 200),
        (b"GET /static/nothing HTTP/1.1", 404),
        (b"POST /static/icon.svg HTTP/1.1", 403),
        (b"TRACE / HTTP/1.1", 405),
        (b"CONNECT a:1 HTTP/1.1", 400),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1", 414),
        (b"nonsense", 400),
        (b"POST /sign-out HTTP/1.1\r\nContent-Length: 1001", 413),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 9_000, 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", 400),
    ],
)
def test_every_answer_of_nginxs_own_is_guarded(plain: Site, request_line: bytes, status: int) -> None:
    got, headers = said(plain, request_line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert got == status
    policy = headers.pop("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for name in HEADERS.keys() - {"Content-Security-Policy"}:
        assert headers[name] == HEADERS[name], name
    assert headers["Server"] == "nginx"


def test_the_apps_own_headers_are_not_doubled(plain: Site) -> None:
    for path in ("/", "/jobs/new", "/api/v1/jobs", "/api/v1/uploads"):
        assert "Content-Security-Policy" not in requests.get(url_of(plain) + path, timeout=10).headers, path


@pytest.mark.parametrize("name", ["evil.example", "dyno.example.org.evil.example", "203.0.113.7", ""])
def test_an_unknown_host_name_is_refused_before_the_app(plain: Site, name: str) -> None:
    status, headers = said(plain, f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())

    assert status == 400
    assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["dyno.example.org", "DYNO.example.org:8000", "localhost", "[::1]:80"])
def test_a_known_one_is_served(plain: Site, name: str) -> None:
    assert requests.get(url_of(plain), headers={"Host": name}, timeout=10).status_code == 200


def test_probes_may_come_by_address(plain: Site) -> None:
    assert requests.get(f"{url_of(plain)}/readyz", headers={"Host": "10.0.0.7"}, timeout=10).status_code == 200
    assert requests.get(f"{url_of(plain)}/jobs", headers={"Host": "10.0.0.7"}, timeout=10).status_code == 400


def test_headers_that_two_programs_may_read_differently_are_dropped(plain: Site) -> None:
    seen = requests.get(
        url_of(plain), headers={"X_Forwarded_For": "6.6.6.6", "Remote_User": "admin"}, timeout=10
    ).json()

    assert not {"X_Forwarded_For", "Remote_User"} & seen["headers"].keys()


@pytest.mark.parametrize(
    "known", [{"Cookie": "a=1; dynometer=x"}, {"Cookie": "__Host-dynometer=x"}, {"Authorization": "Bearer x"}]
)
@pytest.mark.parametrize("path", ["/jobs/new", "/api/v1/uploads"])
def test_four_uploads_at_once_are_enough_for_one_address(plain: Site, path: str, known: dict[str, str]) -> None:
    host, port = plain.listen.split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items())
    slow = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n{head}\r\nhalf".encode()
    with ExitStack() as stack:

        def one_too_many() -> bool:  # nginx gives up half a body after a while, so each try sends four anew
            stack.close()
            for _ in range(4):
                stack.enter_context(closing(socket.create_connection((host, int(port)), timeout=10))).sendall(slow)
            return requests.post(url_of(plain) + path, headers=known, timeout=10).status_code == 429

        until(one_too_many, "all are taken")
        page = requests.get(url_of(plain) + "/jobs/new", timeout=10)

    assert page.status_code == 200
    until(lambda: requests.post(url_of(plain) + path, headers=known, timeout=10).status_code == 200, "they are free")


def test_an_upload_of_nobody_is_not_read(plain: Site) -> None:
    body = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n%s\r\n"  # and not a byte of it

    api, api_headers = said(plain, body % (b"/api/v1/uploads", b"Cookie: other=dynometer\r\n"))
    page, page_headers = said(plain, body % (b"/jobs/new", b""))

    assert (api, api_headers["WWW-Authenticate"]) == (401, "Bearer")
    assert api_headers["Content-Type"].startswith("application/problem+json")
    assert (page, page_headers["Location"].endswith("/sign-in")) == (303, True)


@pytest.mark.parametrize("path", ["/join", "/reset", "/sign-in/code", "/sign-in/passkey"])
def test_nothing_is_guessed_fast(nginx_binary: str, tmp_path: Path, path: str) -> None:
    with web_node(tmp_path / "web.sock") as node:
        site = site_at(tmp_path, node)
        with running(nginx_binary, site):
            statuses = [requests.post(url_of(site) + path, timeout=10).status_code for _ in range(20)]

    assert statuses[-1] == 429


def test_exports_have_a_limit_and_pages_hardly_one(plain: Site) -> None:
    exports = [requests.get(f"{url_of(plain)}/jobs/1/picture.png", timeout=10).status_code for _ in range(160)]
    pages = [requests.get(f"{url_of(plain)}/jobs/1", timeout=10).status_code for _ in range(160)]

    assert exports[:90] == [200] * 90
    assert 429 in exports
    assert set(pages) == {200}


def test_its_own_log_quotes_no_key(nginx_binary: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site = site_at(tmp_path)  # no web node answers
    with running(nginx_binary, site):
        paths = ("/live/jobs/7", "/live/jobs/7/series", "/join", "/reset", "/sign-in/provider/back")
        statuses = {requests.get(f"{url_of(site)}{path}?key=secret", timeout=10).status_code for path in paths}
        statuses |= {requests.post(f"{url_of(site)}/join?key=secret", timeout=10).status_code for _ in range(20)}
        requests.get(f"{url_of(site)}/jobs", timeout=10)

    said_by_nginx = capfd.readouterr().err
    assert statuses == {503, 429}
    assert "/jobs" in said_by_nginx
    assert "secret" not in said_by_nginx


def test_too_many_requests_are_told_in_words_when_to_come_again(plain: Site) -> None:
    answers = [requests.post(f"{url_of(plain)}/setup", timeout=10) for _ in range(20)]

    last = answers[-1]
    assert (last.status_code, last.headers["Retry-After"]) == (429, "5")
    assert "Wait some seconds" in last.text
    assert last.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("proxies", "claimed", "client"),
    [
        (("127.0.0.1",), "6.6.6.6", "6.6.6.6"),
        (("127.0.0.1",), "1.1.1.1, 6.6.6.6", "6.6.6.6"),  # what a client put before its address counts for nothing
        (("127.0.0.1", "10.0.0.0/8"), "1.1.1.1, 6.6.6.6, 10.1.2.3", "6.6.6.6"),
        (("10.0.0.0/8",), "6.6.6.6", "127.0.0.1"),  # it does not come from a proxy of ours
        (EVERYBODY, "1.1.1.1, 6.6.6.6", "6.6.6.6"),
        ((), "6.6.6.6", "127.0.0.1"),
    ],
)
def test_only_known_proxies_say_who_the_client_is(
    nginx_binary: str, tmp_path: Path, proxies: tuple[str, ...], claimed: str, client: str
) -> None:
    claims = {"X-Forwarded-For": claimed, "X-Forwarded-Proto": "https", "X-Request-ID": "of-the-router",
              "X-Request-Start": "1700000000123"}  # fmt: skip
    with web_node(tmp_path / "web.sock") as node:
        site = site_at(tmp_path, node, proxies=proxies)
        with running(nginx_binary, site):
            seen = requests.get(url_of(site), headers=claims, timeout=10).json()["headers"]
            static = requests.get(f"{url_of(site)}/static/icon.svg", headers=claims, timeout=10)

    is_believed = client == "6.6.6.6"
    assert seen["X-Forwarded-For"] == seen["X-Real-IP"] == client
    assert seen["X-Forwarded-Proto"] == ("https" if is_believed else "http")
    assert (seen["X-Request-ID"] == "of-the-router") == is_believed
    assert (seen["X-Request-Start"] == "1700000000123") == is_believed
    assert ("Strict-Transport-Security" in static.headers) == is_believed


def test_each_client_behind_a_proxy_has_a_limit_of_its_own(nginx_binary: str, tmp_path: Path) -> None:
    def last_of_20(client: str) -> int:
        asked = {"headers": {"X-Forwarded-For": client}, "timeout": 10}
        return [requests.post(f"{url_of(site)}/sign-in", **asked).status_code for _ in range(20)][-1]  # type: ignore[arg-type]

    with web_node(tmp_path / "web.sock") as node:
        site = site_at(tmp_path, node, proxies=("127.0.0.1",))
        with running(nginx_binary, site):
            assert last_of_20("6.6.6.6") == 429
            other = requests.post(f"{url_of(site)}/sign-in", headers={"X-Forwarded-For": "7.7.7.7"}, timeout=10)

    assert other.status_code == 200


def test_names_are_asked_for_again_by_the_resolver(nginx_binary: str, tmp_path: Path) -> None:
    port = free_port()
    with name_server({"web": "127.0.0.1"}) as resolver, web_node(("127.0.0.1", port)):
        upstream = resolved_nodes(resolver, f"web:{port}")
        site = site_at(tmp_path, upstream=upstream, web_nodes="$web_nodes")
        with running(nginx_binary, site):
            answer = requests.get(f"{url_of(site)}/jobs?a=%20b", timeout=10).json()
            by_link = requests.get(f"{url_of(site)}/live/jobs/7?key=ab&x=1", timeout=10).json()

    assert answer["path"] == "/jobs?a=%20b"
    assert by_link["path"] == "/live/jobs/7?key=ab"


def test_the_log_names_the_request_its_web_node_and_its_waits(nginx_binary: str, tmp_path: Path) -> None:
    with web_node(tmp_path / "web.sock") as node:
        site = site_at(tmp_path, node, access_log=str(tmp_path / "access.log"))
        with running(nginx_binary, site):
            request_id = requests.get(f"{url_of(site)}/live/jobs/7?key=secret", timeout=10).headers["X-Request-ID"]
            answer = requests.get(f"{url_of(site)}/jobs", timeout=10)

    live, page = map(json.loads, (tmp_path / "access.log").read_text().splitlines())
    assert (live["uri"], live["cache"], live["request_id"]) == ("/live/jobs/7", "MISS", request_id)
    assert "secret" not in (tmp_path / "access.log").read_text()
    assert (page["status"], page["web_node"], page["queued_s"]) == (200, node, "0.012")  # what the stand-in says
    assert re.fullmatch(r"\d+\.\d{3}", page["connect_s"])
    assert "X-Queue-S" not in answer.headers


def dyno(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_buildpacks_configuration_is_a_rendering_that_nginx_takes(nginx_binary: str, tmp_path: Path) -> None:
    erb = (CHECKOUT / "config" / "nginx.conf.erb").read_text()
    values: dict[str, Any] = {'<%= ENV["PORT"] %>': f"127.0.0.1:{free_port()}", "/app/app": str(CHECKOUT / "app"),
                              '"/tmp': f'"{tmp_path}', "logs/nginx": str(tmp_path)}  # fmt: skip
    (tmp_path / "nginx.conf").write_text(re.sub("|".join(map(re.escape, values)), lambda found: values[found[0]], erb))

    checked = subprocess.run([nginx_binary, "-e", "stderr", "-t", "-c", str(tmp_path / "nginx.conf")],
                             capture_output=True, text=True, check=False)  # fmt: skip

    assert checked.returncode == 0, checked.stderr
    assert "<%" not in (tmp_path / "nginx.conf").read_text()
    assert erb == dyno("nginx-config", "--buildpack"), "`./dyno nginx-config --buildpack > config/nginx.conf.erb`"


def test_the_command_writes_what_nginx_takes_on_a_bare_machine(nginx_binary: str, tmp_path: Path) -> None:
    text = dyno("nginx-config", "--node", "127.0.0.1:8000", "--node", "unix:/run/web.sock", "--daemon", "--listen",
                f"127.0.0.1:{free_port()}", "--run", str(tmp_path), "--temp", str(tmp_path))  # fmt: skip
    (tmp_path / "nginx.conf").write_text(text)

    checked = subprocess.run([nginx_binary, "-e", "stderr", "-t", "-c", str(tmp_path / "nginx.conf")],
                             capture_output=True, text=True, check=False)  # fmt: skip

    assert checked.returncode == 0, checked.stderr
    assert "daemon off" not in text


def test_static_files_are_compressed_once_and_for_all(nginx_binary: str, tmp_path: Path) -> None:
    dyno("static", str(tmp_path / "public"))
    site = replace(site_at(tmp_path), static_root=str(tmp_path / "public"))
    configured(nginx_binary, site, Settings())

    with running(nginx_binary, site):
        small = requests.get(f"{url_of(site)}/static/css/base.css?v=1", timeout=10, stream=True)
        raw = small.raw.read()
        plain = requests.get(f"{url_of(site)}/static/css/base.css", headers={"Accept-Encoding": ""}, timeout=10)

    assert small.headers["Content-Encoding"] == "gzip"
    assert raw == (tmp_path / "public/static/css/base.css.gz").read_bytes()
    assert "Accept-Encoding" in small.headers["Vary"]
    assert small.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.content == (CHECKOUT / "app/static/css/base.css").read_bytes()
    assert not list((CHECKOUT / "app/static").rglob("*.gz"))
