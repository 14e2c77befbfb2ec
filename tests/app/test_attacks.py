"""Attacks that are really sent: over TLS to a real nginx, which passes on what it lets through to a real Gunicorn.

Here is what needs the real layers, or two processes of them.  Proven elsewhere, and not repeated:
- a planted cookie at the sign-in, a cookie tossed under its plain name: test_sessions
- invitation and reset links that are expired, withdrawn, used, or used twice at once: test_invitations, test_profile
- setup codes: test_first_start; codes of a second factor and passkeys used twice: test_second_step, test_passkeys
- live links of another job, tampered with, over, and the cache between owners: test_fragment_links,
  tests/fleet/test_micro_cache
- forwarded headers as nginx passes them on, slow and huge requests: tests/fleet/test_front_door, test_door_limits
- every rule without a token, with a foreign id, under a foreign Host: test_route_sweep
"""

import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from flask import Flask
from playwright.sync_api import expect, sync_playwright

from app import create_app
from fleet.nginx_config import CHECKOUT, Tls
from fleet.parent_death import dies_with_parent
from settings import Settings, child_environment
from store import sign_ins
from store.people import person_by_email
from tests.app.browsing import FLAGS
from tests.app.conftest import PASSWORD, SECRET, person
from tests.databases import Databases
from tests.fleet.doors import running, site_at
from tests.fleet.test_tls import made_certificate
from tests.services import free_port, until

pytestmark = pytest.mark.services
COOKIE = "__Host-dynometer"
NEW = "seven turnips swim"
PROCESSES = 2
TRIES = 3 * PROCESSES  # each process is asked at some time
PARTS_OF_A_JOB = (
    "", "/live", "/cancel", "/series", "/tiles", "/picture.png", "/throughput.json", "/throughput.svg",
    "/throughput.png", "/shares.json", "/shares.svg", "/shares.png", "/results.csv", "/results.ndjson",
)  # fmt: skip
PARTS_IN_THE_API = ("", "/results?partial=1", "/picture", "/series")


@dataclass
class Front:
    """Where it is served, and an app of the test's own on the same database, to bring people in."""

    app: Flask
    port: int
    certificate: Path
    connections: requests.Session

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(self, method: str, path: str, **given: Any) -> requests.Response:
        return self.connections.request(
            method, self.url + path, verify=str(self.certificate), timeout=20, allow_redirects=False, **given
        )

    def say(self, request: bytes) -> bytes:
        """What comes back for these very bytes, until the connection ends."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            secure.sendall(request)
            answer = b""
            while more := secure.recv(65_536):
                answer += more
            return answer

    def get(self, target: str, *lines: str) -> tuple[int, str]:
        """Status and Location of a GET of `target` just as it is spelt."""
        head = "\r\n".join((f"GET {target} HTTP/1.1", f"Host: localhost:{self.port}", "Connection: close", *lines))
        answer = self.say(f"{head}\r\n\r\n".encode()).split(b"\r\n\r\n")[0].decode()
        found = re.search(r"(?im)^location: (.*?)\r?$", answer)
        return int(answer.split()[1]), found[1] if found else ""


@dataclass
class Visitor:
    """A browser, as far as attacks need one: it keeps its cookie, and the page that it has open."""

    front: Front
    email: str = ""
    cookie: str = ""
    page: str = ""

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.kept(self.front.ask("GET", path, headers=self.headers(headers)))

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> requests.Response:
        data = {"csrf_token": self.token(), **(fields or {})}
        return self.kept(self.front.ask("POST", path, data=data, headers=self.headers(headers)))

    def headers(self, given: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return named | ({"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {})

    def kept(self, answer: requests.Response) -> requests.Response:
        self.cookie = answer.cookies.get(COOKIE, self.cookie)
        self.page = answer.text
        return answer

    def token(self) -> str:
        if 'name="csrf_token"' not in self.page:
            self.get("/workloads" if self.cookie else "/sign-in")
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found
        return found[1]

    def copied(self) -> "Visitor":
        """A thief's browser, with the same cookie."""
        return Visitor(self.front, self.email, self.cookie)

    def is_in(self) -> bool:
        """Whichever process answers."""
        found = {self.copied().get("/").status_code for _ in range(TRIES)}
        assert found in ({200}, {302}), found
        return found == {200}


@pytest.fixture(scope="module")
def front(nginx_binary: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder, url = tmp_path_factory.mktemp("attacked"), databases.sqlite()
    certificate, key = made_certificate(folder)
    settings = Settings(data_dir=folder, database_url=url, secret_key=SECRET, proxy_hops=1)
    app = create_app(settings)
    person(app, "admin")
    port, ready = free_port(), folder / "ready"
    tls = Tls(str(certificate), str(key), port)
    site = site_at(folder, f"unix:{folder / 'web.sock'}", listen=f"127.0.0.1:{port}", tls=tls, hosts=("dyno.example",))
    environment = child_environment(
        DATABASE_URL=url, DYNOMETER_SECRET_KEY=SECRET, DYNOMETER_PROXY_HOPS="1", DYNOMETER_DATA_DIR=str(folder),
        DYNOMETER_BIND=f"unix:{folder / 'web.sock'}", WEB_CONCURRENCY=str(PROCESSES), DYNOMETER_READY_FILE=str(ready),
    )  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, preexec_fn=dies_with_parent()) as gunicorn:
        try:
            until(ready.exists, "Gunicorn serves", within_s=60)
            with running(nginx_binary, site, settings):
                yield Front(app, port, certificate, forgetful())
        finally:
            gunicorn.terminate()


def forgetful() -> requests.Session:
    """Keeps connections, and no cookies."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def visitor(front: Front, role: str = "runner", email: str = "") -> Visitor:
    """Somebody new who is signed in; whoever has this address, in another browser."""
    email = email or person(front.app, role)
    with front.app.extensions["database"].writing() as session:
        user = person_by_email(session, email)
        assert user is not None
        secret = sign_ins.begin(session, user.id, "127.0.0.1", "Firefox on Linux")
    cookies: Any = front.app.session_interface
    return Visitor(front, email, cookies.get_signing_serializer(front.app).dumps({"sign_in": secret}))


def job_of(owner: Visitor) -> int:
    answer = owner.post("/jobs/new?workload=mandelbrot", {"items": "4"})
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[-1])


def jobs_of(owner: Visitor) -> list[Any]:
    found: list[Any] = owner.get("/api/v1/jobs").json()
    return found


# --- sessions that are over ---


def sign_out(owner: Visitor) -> None:
    assert owner.post("/sign-out").status_code == 303


def end_it_from_another_browser(owner: Visitor) -> None:
    other = visitor(owner.front, email=owner.email)
    page = other.get("/settings/security").text
    ends = re.findall(r'action="(/settings/security/sessions/\d+/end)"', page)
    assert len(ends) == 1
    assert other.post(ends[0]).status_code == 303


def end_all_others(owner: Visitor) -> None:
    assert visitor(owner.front, email=owner.email).post("/settings/security/sessions/end-others").status_code == 303


def change_password(owner: Visitor) -> None:
    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert owner.post("/settings/profile/password", form).status_code == 303
    assert owner.is_in()  # by a new cookie


def disable(owner: Visitor) -> None:
    with owner.front.app.extensions["database"].reading() as session:
        user = person_by_email(session, owner.email)
    assert user is not None
    admin = visitor(owner.front, "admin")
    assert admin.post(f"/settings/people/{user.id}/disable").status_code == 303
    assert admin.post(f"/settings/people/{user.id}/enable").status_code == 303


@pytest.mark.parametrize(
    "ending", [sign_out, end_it_from_another_browser, end_all_others, change_password, disable]
)  # fmt: skip
def test_a_cookie_that_was_copied_opens_nothing_in_any_process_after(
    front: Front, ending: Callable[[Visitor], None]
) -> None:
    owner = visitor(front)
    job = job_of(owner)
    thief = owner.copied()
    token = thief.token()
    assert thief.is_in()

    ending(owner)

    assert not thief.is_in()
    assert thief.get("/api/v1/jobs").status_code == 401
    assert thief.get(f"/jobs/{job}/live", HX_Request="true").status_code == 401
    thief.page = f'name="csrf_token" value="{token}"'
    assert thief.post("/jobs/new?workload=wait").status_code == 302
    assert [each["id"] for each in jobs_of(visitor(front, email=owner.email))] == [job]


def test_the_back_button_shows_nothing_after_the_sign_out(front: Front, chromium_binary: str) -> None:
    owner = visitor(front)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_binary, args=FLAGS)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.context.add_cookies([{"name": COOKIE, "value": owner.cookie, "url": front.url, "secure": True}])
        page.goto(f"{front.url}/settings/profile")
        expect(page.locator("main")).to_contain_text(owner.email)
        page.locator("details.who > summary").click()
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(f"{front.url}/sign-in")

        page.go_back()

        expect(page).to_have_url(re.compile(r"/sign-in\?next="))
        expect(page.locator("body")).not_to_contain_text(owner.email)
        browser.close()


# --- other sites ---


@pytest.mark.parametrize(
    "claim",
    [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "https://evil.example"},
     {"Origin": "https://localhost.evil.example"}, {"Origin": "localhost"}],
)  # fmt: skip
def test_another_site_changes_nothing_even_with_a_token(front: Front, claim: dict[str, str]) -> None:
    owner = visitor(front)

    answer = owner.post("/jobs/new?workload=wait", **claim)

    assert answer.status_code == 400
    assert "Another site sent this request." in answer.text
    assert jobs_of(owner) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", ["/jobs/new?workload=wait", "/api/v1/jobs", "/sign-out", "/settings/tokens"])
def test_what_a_foreign_form_can_send_changes_nothing(front: Front, kind: str, path: str) -> None:
    """Without a token: the cookie comes along, as an old browser or a neighbour's page would have it."""
    owner = visitor(front)
    headers = owner.headers({"Content-Type": kind, "Origin": "null"})

    answer = front.ask("POST", path, data=b'{"workload": "wait", "name": "x"}', headers=headers)

    assert answer.status_code == 400
    assert owner.is_in()
    assert jobs_of(owner) == []


def test_no_other_origin_may_read_or_ask_first(front: Front) -> None:
    owner = visitor(front)
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip

    for path in ("/api/v1/jobs", "/", "/static/icon.svg", "/healthz"):
        for method in ("OPTIONS", "GET"):
            answer = front.ask(method, path, headers=owner.headers(asked))
            assert not [name for name in answer.headers if name.lower().startswith("access-control")], (path, method)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", path


def test_a_form_of_one_person_is_not_sent_in_the_name_of_another(front: Front) -> None:
    ada, bob = visitor(front), visitor(front)
    ada.get("/jobs/new?workload=wait")
    ada.cookie, email = bob.cookie, ada.email  # bob signed in, in another tab of the same browser

    answer = ada.post("/jobs/new?workload=wait", {"items": "1"})

    assert answer.status_code == 400
    assert "you signed in anew meanwhile" in answer.text
    assert "Nothing was changed." in answer.text
    assert jobs_of(bob) == jobs_of(visitor(front, email=email)) == []


# --- cookies that somebody else put there ---


def test_a_tossed_cookie_is_not_read_and_a_planted_session_ends_at_the_sign_in(front: Front) -> None:
    attacker, victim = visitor(front), Visitor(front, person(front.app, "runner"))
    tossed = {"Cookie": f"dynometer={attacker.cookie}; {COOKIE}-x={attacker.cookie}; __host-dynometer=x"}
    assert front.ask("GET", "/", headers=tossed).status_code == 302
    victim.cookie = attacker.cookie  # as if the browser had let it be set
    victim.get("/sign-in")

    forged = {"X_Forwarded_For": "203.0.113.9", "X_Real_IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    answer = victim.post("/sign-in", {"email": victim.email, "password": PASSWORD}, **forged)

    assert answer.status_code == 303
    assert victim.is_in()
    assert not attacker.is_in()
    assert victim.cookie != attacker.cookie
    page = victim.get("/settings/security").text
    assert "127.0.0.1" in page
    assert "203.0.113.9" not in page


# --- headers that lie ---


def test_links_that_are_handed_out_lead_here_whatever_is_claimed(front: Front) -> None:
    admin = visitor(front, "admin")
    claimed = {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http", "X_Forwarded_Port": "666",
               "X_Forwarded_Prefix": "/evil", "Forwarded": "host=evil.example;proto=http"}  # fmt: skip

    answer = admin.post("/settings/invitations", {"role": "viewer"}, **claimed)

    assert answer.status_code == 201
    assert f'value="{front.url}/join#' in answer.text
    assert "evil" not in answer.text
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(
    "request_",
    [
        "GET /sign-in HTTP/1.1\r\nHost: evil.example\r\n",
        "GET https://evil.example/sign-in HTTP/1.1\r\nHost: localhost\r\n",
        "GET https://localhost/sign-in HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
        "GET /sign-in HTTP/1.1\r\nHost: localhost@evil.example\r\n",
        "GET /sign-in HTTP/1.1\r\nHost: localhost evil.example\r\n",
        "GET /sign-in HTTP/1.1\r\nHost : localhost\r\n",
        "GET /sign-in HTTP/1.1\r\nX: y\r\n",
        "POST /sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "POST /sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n",
        "POST /sign-out HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n",
    ],
)
def test_a_request_that_two_servers_may_read_differently_is_refused(front: Front, request_: str) -> None:
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answer = front.say(request_.encode() + b"Connection: close\r\n\r\n" + smuggled)

    assert re.match(rb"HTTP/1\.1 (400|501) ", answer), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"ok"' not in answer


# --- ways out ---


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "//evil.example/", "//evil.example/..", "///evil.example", "/\\evil.example", "/%5cevil.example",
     "/%2f%2fevil.example", "/%09/evil.example", "//evil.example/%2e%2e", "/jobs//evil.example", "//jobs", "/.//evil",
     "/jobs/1//live", "/static//evil.example", "/live//jobs/1", "//evil.example/jobs?next=//evil.example"],
)  # fmt: skip
def test_no_odd_path_leads_to_another_site(front: Front, target: str) -> None:
    owner = visitor(front)
    for lines in ((), (f"Cookie: {COOKIE}={owner.cookie}",)):
        status, location = front.get(target, *lines)

        assert status in (200, 302, 308, 400, 404), target
        assert urlsplit(urljoin(front.url + "/", location)).netloc == urlsplit(front.url).netloc, (target, location)


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:/evil.example", "/\t/evil",
     "/%0d%0aSet-Cookie: evil=1", "/\r\nSet-Cookie: evil=1", "javascript:alert(1)", "http://[", "//[", "/\u2028/evil",
     "\x00//evil.example", " //evil.example", "/.//evil.example"],
)  # fmt: skip
def test_no_form_leads_to_another_site(front: Front, wanted: str) -> None:
    answer = Visitor(front).post("/appearance", {"theme": "dark", "next": wanted})

    assert answer.status_code == 303
    assert urlsplit(urljoin(front.url + "/sign-in", answer.headers["Location"])).netloc == urlsplit(front.url).netloc
    assert "evil" not in answer.headers["Set-Cookie"]


# --- what is not one's own ---


def test_whoever_guesses_the_number_of_a_job_gets_nothing_of_it(front: Front) -> None:
    owner, runner = visitor(front), visitor(front)
    job = job_of(owner)
    assert owner.get(f"/jobs/{job}/live").status_code == 200  # whatever is kept is kept by now
    link = re.search(r'hx-get="(/live/[^"]+)"', owner.get(f"/jobs/{job}").text)
    assert link
    assert front.ask("GET", link[1]).status_code == 200

    for part in PARTS_OF_A_JOB:
        assert part.endswith(".png") or owner.get(f"/jobs/{job}{part}").status_code == 200, part  # those are slow
        assert runner.get(f"/jobs/{job}{part}").status_code == 404, part
    for part in PARTS_IN_THE_API:
        assert owner.get(f"/api/v1/jobs/{job}{part}").status_code == 200, part
        assert runner.get(f"/api/v1/jobs/{job}{part}").status_code == 404, part
    assert runner.get(link[1].split("?")[0]).status_code == 302
    runner.page = ""
    assert runner.post(f"/jobs/{job}/cancel", {"sure": "1"}).status_code == 404
    assert [each["state"] for each in jobs_of(owner)] == ["queued"]


@pytest.mark.parametrize("more", [{}, {"source": "pasted", "lines": "12\n15\n"}])
def test_a_double_click_is_one_job_whichever_processes_it_meets(front: Front, more: dict[str, str]) -> None:
    owner, both = visitor(front), Barrier(4)
    owner.get("/jobs/new?workload=factorise")
    number = re.search(r'name="form" value="([^"]+)"', owner.page)
    assert number
    form = {"csrf_token": owner.token(), "form": number[1], **more}

    def press(_: int) -> requests.Response:
        both.wait()
        return front.ask("POST", "/jobs/new?workload=factorise", data=form, headers=owner.headers({}))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))

    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(jobs_of(owner)) == 1
