"""Live fragments that many share, from the real app through a real nginx: never across owners."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
import requests
from flask import Flask
from flask_wtf.csrf import generate_csrf

from app import create_app, fragment_links
from app.pages import job_page, shared_live
from settings import Settings
from store.people import person_by_email
from tasks.jobs import JobRequest, admit
from tests.app import made_sweeps
from tests.app.conftest import SECRET, signed_in
from tests.databases import Databases
from tests.fleet.doors import Asked, app_behind, running, site_at
from tests.services import until

pytestmark = pytest.mark.services


@dataclass
class Front:
    """nginx before the app."""

    app: Flask
    asked: Asked
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, cookie: str = "", **headers: str) -> requests.Response:
        given = headers | ({"Cookie": f"dynometer={cookie}"} if cookie else {})
        return requests.get(self.url + path, headers=given, timeout=20, allow_redirects=False)


@dataclass
class Owner:
    """Somebody with a job that waits for workers."""

    cookie: str
    job_id: int

    @property
    def page(self) -> str:
        return f"/jobs/{self.job_id}"


@pytest.fixture(scope="module")
def front(nginx_binary: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    settings = Settings(data_dir=folder, database_url=databases.sqlite(), secret_key=SECRET, proxy_hops=1)
    app = create_app(settings)
    site = site_at(folder, f"unix:{folder / 'web.sock'}")
    with app_behind(app, folder / "web.sock") as asked, running(nginx_binary, site, settings):
        yield Front(app, asked, int(site.listen.split(":")[1]))


def owner(front: Front, role: str = "runner", workload: str = "wait") -> Owner:
    browser = signed_in(front.app, role)
    cookie = browser.client.get_cookie("dynometer")
    assert cookie is not None
    database = front.app.extensions["database"]
    with database.writing() as session:
        user = person_by_email(session, browser.email)
        assert user is not None
        job = admit(session, user.id, JobRequest(workload, items=5), front.app.extensions["settings"]).job
    return Owner(cookie.value, job.id)


def link_on(front: Front, path: str, cookie: str) -> str:
    """The link that the page at `path` polls."""
    found = re.search(r'hx-get="(/live/[^"]+)"', front.get(path, cookie).text)
    assert found, "no link"
    return found[1]


def test_a_link_opens_its_fragment_without_a_cookie_and_asks_the_app_once(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)

    answers = [front.get(link) for _ in range(5)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert 'id="live"' in answers[0].text
    assert f'hx-get="{link}"' in answers[0].text  # the same link: it does not prolong itself
    assert front.asked.times(f"/live/jobs/{ada.job_id}") == 1


def test_what_is_shared_says_so_and_nothing_of_anybody(front: Front) -> None:
    ada = owner(front)
    answer = front.get(link_on(front, ada.page, ada.cookie), ada.cookie, Authorization="Bearer mine", X_Mine="mine")
    seen = front.asked.environs[-1]

    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "csrf" not in answer.text
    assert not [name for name, value in seen.items() if "mine" in str(value) or name == "HTTP_COOKIE"]


def test_a_sweeps_fragment_is_shared_and_nothing_else_of_it(front: Front) -> None:
    browser = signed_in(front.app, "runner")
    cookie = browser.client.get_cookie("dynometer")
    assert cookie is not None
    page = f"/sweeps/{made_sweeps.running(front.app, browser.email)}"
    link = link_on(front, page, cookie.value)

    answers = [front.get(f"{link}{rest}") for rest in ("", "&x=1", "&since=1", "")]
    refused = [front.get(tried) for tried in (f"/live{page}?key=0", f"/live{page}/series?key=0")]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert front.asked.times(f"/live{page}") == 2  # and once with the key that opens nothing
    assert [answer.status_code for answer in refused] == [302, 404]


@pytest.mark.parametrize("feed", ["series", "tiles"])
def test_feeds_are_shared_by_the_same_key_and_by_where_a_watcher_is(front: Front, feed: str) -> None:
    ada = owner(front, workload="mandelbrot")
    path, query = link_on(front, ada.page, ada.cookie).split("?")
    link = f"{path}/{feed}?{query}"

    answers = [front.get(link, ada.cookie, X_Mine="mine") for _ in range(4)]
    seen = front.asked.environs[-1]
    answers += [front.get(f"{link}&since={unfit}&x=1") for unfit in ("z", "1" * 33, "%0d", "1%26x=1")]
    later = [front.get(f"{link}&since=0.5:2:0123abcd") for _ in range(3)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert {answer.headers["Cache-Control"] for answer in answers + later} == {"public, max-age=1"}
    assert not [name for name, value in seen.items() if "mine" in str(value) or name == "HTTP_COOKIE"]
    assert {answer.status_code for answer in later} == {200}
    assert front.asked.times(f"{path}/{feed}") == 2  # once for each place
    assert front.asked.environs[-1]["QUERY_STRING"] == f"{query}&since=0.5:2:0123abcd"
    assert front.get(ada.page, ada.cookie).text.count(f"{path}/{feed}?{query}") == 1  # the page knows it


@pytest.mark.parametrize("feed", ["series", "tiles"])
def test_no_key_opens_the_feeds_of_another_job(front: Front, feed: str) -> None:
    ada, bob = (owner(front, workload="mandelbrot") for _ in range(2))
    key = link_on(front, ada.page, ada.cookie).split("key=")[1]

    for query in (f"key={key}", "key=", f"key={key}&since=1"):
        answer = front.get(f"/live/jobs/{bob.job_id}/{feed}?{query}", ada.cookie)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store"), query


def test_what_nginx_itself_refuses_below_links_is_guarded(front: Front) -> None:
    answer = requests.post(f"{front.url}/live/jobs/1?key=x", timeout=20)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_each_watcher_hears_the_id_of_their_own_request(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)

    assert len({front.get(link).headers["X-Request-ID"] for _ in range(3)}) == 3


def test_no_key_opens_another_job(front: Front) -> None:
    ada, bob = owner(front), owner(front)
    ada_link, bob_link = (link_on(front, each.page, each.cookie) for each in (ada, bob))
    assert front.get(bob_link).status_code == 200  # it lies in the cache now
    key = ada_link.split("key=")[1]

    for tried in (f"/live/jobs/{bob.job_id}?key={key}", f"/live/jobs/{bob.job_id}?key={key}&x=1",
                  f"/live/jobs/{bob.job_id}", f"/live/jobs/{bob.job_id}?key=",
                  f"/live//jobs/{bob.job_id}?key={key}", f"/live/jobs/0{bob.job_id}?KEY={key}"):  # fmt: skip
        answer = front.get(tried, ada.cookie)
        assert answer.status_code in (302, 404), tried
        if answer.status_code == 302:
            assert "no-store" in answer.headers["Cache-Control"]
            assert front.get(answer.headers["Location"], ada.cookie).status_code == 404, tried


def test_a_page_holds_only_links_to_jobs_that_its_reader_may_see(front: Front) -> None:
    ada, bob = owner(front), owner(front)
    operator = owner(front, "operator")

    assert front.get(bob.page, ada.cookie).status_code == 404
    assert front.get(f"{bob.page}/live", ada.cookie).status_code == 404
    for path in ("/", "/jobs", ada.page):
        assert f"/live/jobs/{bob.job_id}?" not in front.get(path, ada.cookie).text, path
    assert link_on(front, bob.page, operator.cookie) == link_on(front, bob.page, bob.cookie)  # one link for all


@pytest.mark.parametrize("path", ["", "/live"])
def test_what_asks_who_is_there_is_never_kept(front: Front, path: str) -> None:
    ada, bob = owner(front), owner(front)

    statuses = [front.get(ada.page + path, cookie).status_code for cookie in (ada.cookie, bob.cookie, ada.cookie, "")]

    assert statuses == [200, 404, 200, 302]


def test_an_unchanged_fragment_is_304_from_the_cache(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)
    etag = front.get(link).headers["ETag"]

    again = front.get(link, **{"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert front.asked.times(f"/live/jobs/{ada.job_id}") == 1


def test_many_who_come_at_once_are_one_question(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)
    front.asked.goes_on.clear()
    watchers = [socket.create_connection(("127.0.0.1", front.port), timeout=20) for _ in range(50)]
    for watcher in watchers:
        watcher.sendall(f"GET {link} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())

    front.asked.goes_on.set()
    answers = []
    for watcher in watchers:
        with closing(watcher):
            answers.append(watcher.recv(12))

    assert set(answers) == {b"HTTP/1.1 200"}
    assert front.asked.times(f"/live/jobs/{ada.job_id}") == 1


def test_while_a_new_one_is_fetched_the_old_one_serves(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)
    front.get(link)
    until(lambda: front.get(link) and front.asked.times(f"/live/jobs/{ada.job_id}") == 2, "its second is over")
    front.asked.goes_on.clear()

    until(lambda: front.get(link) and front.asked.times(f"/live/jobs/{ada.job_id}") == 3, "the next is over too")
    answer = front.get(link)  # the app does not answer now
    front.asked.goes_on.set()

    assert answer.status_code == 200


def test_a_link_that_is_over_leads_to_who_are_you_and_a_new_link(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_live, "WHILE_UPDATING", ", stale-while-revalidate=1")
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)
    known = front.get(link).headers["ETag"]
    now = fragment_links.window_now

    monkeypatch.setattr(fragment_links, "window_now", lambda job_id: now(job_id) + 2)
    until(lambda: front.get(link).status_code == 302, "the link is over, in the cache too")

    answer = front.get(f"{ada.page}/live", ada.cookie, **{"If-None-Match": known, "HX-Request": "true"})
    assert answer.status_code == 200  # although nothing of the job has changed
    assert 'hx-get="/live/' in answer.text
    assert f'hx-get="{link}"' not in answer.text
    assert front.get(f"{ada.page}/live", **{"HX-Request": "true"}).status_code == 401


def test_errors_are_not_kept(front: Front) -> None:
    with front.app.test_request_context():
        link = fragment_links.live_url(99_999)

    answers = [front.get(link) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert front.asked.times("/live/jobs/99999") == 3


def test_links_are_read_and_nothing_else(front: Front) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)

    assert requests.post(front.url + link, timeout=20).status_code == 405
    assert requests.head(front.url + link, timeout=20).status_code == 200


def test_a_fragment_with_a_token_in_it_is_not_shared(
    front: Front, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = owner(front)
    link = link_on(front, ada.page, ada.cookie)
    monkeypatch.setattr(job_page, "live", lambda job_id: generate_csrf())

    answers = [front.get(link, ada.cookie) for _ in range(2)]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert "Set-Cookie" not in answers[0].headers
    assert answers[0].text != answers[1].text
    assert "it is not shared" in capsys.readouterr().err
