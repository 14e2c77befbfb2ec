"""Every rule of the URL map, asked by everybody and in every wrong way: what comes back, and that nothing changed.

The table says who may and what they get.  A new rule belongs into it: the first test fails until it is there.
A refused request must not commit anything: SQLite counts commits of others, and the sweep reads that count.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app, fragment_links
from app.access import ANONYMOUS, SCOPES, Role
from app.headers import HEADERS
from settings import Settings
from store.account_models import Passkey
from store.accounts import create_token
from store.people import person_by_email
from store.sign_ins import present_ones
from store.tokens import tokens_of as tokens_of_owner
from tasks.jobs import JobRequest, admit
from tasks.sweeps import import_result
from tests.app.conftest import SECRET, Browser, signed_in
from tests.databases import Databases
from tests.report.made import made

SAFE = ("GET", "HEAD", "OPTIONS")
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MEASURED = made(blocks=3)
NOBODYS = 2**62  # an id that no row has
ANYBODY, VIEWER, RUNNER, ADMIN = None, Role.VIEWER, Role.RUNNER, Role.ADMIN

# endpoint -> who may at least, and the status they get: of a GET on what is theirs, of a change with an empty form.
# A change of something that has an id is asked for one that is not there, so that it changes nothing: 404
TABLE: dict[str, tuple[Role | None, int]] = {
    "health.healthz": (ANYBODY, 200), "health.readyz": (ANYBODY, 200), "api-docs.openapi_json": (ANYBODY, 200),
    "problems.show": (ANYBODY, 200), "shared_live.fragment": (ANYBODY, 302),
    "shared_live.series": (ANYBODY, 404), "shared_live.tiles": (ANYBODY, 404), "appearance.choose": (ANYBODY, 303),
    # ways in; there is an administrator, no provider, and nobody is half-way in
    "setup.show": (ANYBODY, 302), "setup.create": (ANYBODY, 422), "join.show": (ANYBODY, 200),
    "join.create": (ANYBODY, 422), "reset.show": (ANYBODY, 200), "reset.change": (ANYBODY, 422),
    "sign_in.show": (ANYBODY, 200), "sign_in.enter": (ANYBODY, 422), "second_step.show": (ANYBODY, 302),
    "second_step.check": (ANYBODY, 303), "passkey_sign_in.ask": (ANYBODY, 200), "passkey_sign_in.check": (ANYBODY, 422),
    "provider.leave": (ANYBODY, 302), "provider.back": (ANYBODY, 302), "sign_in.leave": (VIEWER, 303),
    # pages
    "overview.show": (VIEWER, 200), "workloads.show": (VIEWER, 200), "jobs.show": (VIEWER, 200),
    "new_job.show": (RUNNER, 302), "new_job.begin": (RUNNER, 404),
    "gallery.show": (VIEWER, 200), "gallery.problem": (VIEWER, 429),
    "job.show": (VIEWER, 200), "job.live": (VIEWER, 200), "job.ask": (RUNNER, 200), "job.stop": (RUNNER, 404),
    "picture.png": (VIEWER, 200), "picture.tiles": (VIEWER, 200), "charts.series": (VIEWER, 200),
    "charts.shares_json": (VIEWER, 200), "charts.shares_png": (VIEWER, 200), "charts.shares_svg": (VIEWER, 200),
    "charts.throughput_json": (VIEWER, 200), "charts.throughput_png": (VIEWER, 200),
    "charts.throughput_svg": (VIEWER, 200), "downloads.csv": (VIEWER, 200), "downloads.ndjson": (VIEWER, 200),
    # sweeps; the slug of a public link is one that there is not
    "sweeps.show": (VIEWER, 200), "sweeps.bring_in": (RUNNER, 422), "new_sweep.show": (RUNNER, 200),
    "new_sweep.begin": (RUNNER, 404), "new_sweep.estimate": (RUNNER, 404), "compare.show": (VIEWER, 200),
    "compare.chart_json": (VIEWER, 404), "compare.chart_svg": (VIEWER, 404), "compare.chart_png": (VIEWER, 404),
    "sweep.show": (VIEWER, 200), "sweep.live": (VIEWER, 200), "sweep.ask": (RUNNER, 302), "sweep.stop": (RUNNER, 404),
    "share.make": (RUNNER, 404), "share.revoke": (RUNNER, 404), "sweep_exports.fetch": (VIEWER, 200),
    "sweep_charts.scaling_json": (VIEWER, 200), "sweep_charts.scaling_png": (VIEWER, 200),
    "sweep_charts.scaling_svg": (VIEWER, 200), "sweep_charts.lanes_json": (VIEWER, 200),
    "sweep_charts.lanes_png": (VIEWER, 200), "sweep_charts.lanes_svg": (VIEWER, 200),
    "shared_live.sweep_fragment": (ANYBODY, 302), "shared.show": (ANYBODY, 404), "shared.export": (ANYBODY, 404),
    "shared.badge": (ANYBODY, 404), "shared_charts.scaling_json": (ANYBODY, 404),
    "shared_charts.scaling_png": (ANYBODY, 404), "shared_charts.scaling_svg": (ANYBODY, 404),
    "shared_charts.lanes_json": (ANYBODY, 404), "shared_charts.lanes_png": (ANYBODY, 404),
    "shared_charts.lanes_svg": (ANYBODY, 404),
    # settings
    "settings.show": (VIEWER, 302), "about.show": (VIEWER, 200), "appearance.show": (VIEWER, 200),
    "profile.show": (VIEWER, 200), "profile.change_password": (VIEWER, 422),
    "security.show": (VIEWER, 200), "security.end": (VIEWER, 404), "security.end_others": (VIEWER, 303),
    "second_factor.ask": (VIEWER, 200), "second_factor.begin": (VIEWER, 422),
    "second_factor.show": (VIEWER, 302), "second_factor.confirm": (VIEWER, 303),
    "passkeys.show": (VIEWER, 200), "passkeys.one": (VIEWER, 200), "passkeys.ask": (VIEWER, 422),
    "passkeys.add": (VIEWER, 422), "passkeys.rename": (VIEWER, 422), "passkeys.remove": (VIEWER, 404),
    "tokens.show": (VIEWER, 200), "tokens.make": (VIEWER, 422), "tokens.revoke": (VIEWER, 404),
    "limits.show": (VIEWER, 200), "limits.edit": (ADMIN, 200), "limits.change": (ADMIN, 404),
    "people.show": (ADMIN, 200), "people.one": (ADMIN, 200), "people.change_role": (ADMIN, 404),
    "people.disable": (ADMIN, 404), "people.enable": (ADMIN, 404), "people.make_reset_link": (ADMIN, 404),
    "people.remove_second_factor": (ADMIN, 404),
    "invitations.show": (ADMIN, 200), "invitations.make": (ADMIN, 422), "invitations.revoke": (ADMIN, 404),
    "audit.show": (ADMIN, 200), "audit.export": (ADMIN, 200),
    # API
    "api_workloads.listed": (VIEWER, 200), "api_nodes.listed": (VIEWER, 200), "api_jobs.listed": (VIEWER, 200),
    "api_jobs.show": (VIEWER, 200), "api_jobs.fetch": (VIEWER, 409), "api_jobs.picture": (VIEWER, 200),
    "api_jobs.series": (VIEWER, 200), "api_jobs.begin": (RUNNER, 415), "api_jobs.stop": (RUNNER, 404),
    "api_uploads.add": (RUNNER, 422), "api_tokens.listed": (VIEWER, 200), "api_tokens.make": (VIEWER, 415),
    "api_tokens.revoke": (VIEWER, 404), "api_audit.listed": (ADMIN, 200), "api_invitations.listed": (ADMIN, 200),
    "api_invitations.make": (ADMIN, 415), "api_invitations.revoke": (ADMIN, 404),
    "api_sweeps.listed": (VIEWER, 200), "api_sweeps.show": (VIEWER, 200), "api_sweeps.feed": (VIEWER, 200),
    "api_sweeps.begin": (RUNNER, 415), "api_sweeps.stop": (RUNNER, 404), "api_sweep_files.fetch": (VIEWER, 200),
    "api_sweep_files.bring": (RUNNER, 415), "api_sweep_shares.listed": (VIEWER, 200),
    "api_sweep_shares.make": (RUNNER, 404), "api_sweep_shares.revoke": (RUNNER, 404),
    "api_comparisons.make": (VIEWER, 415),
}  # fmt: skip
SEES = {  # argument -> who sees those of others; nobody: not even administrators
    "job_id": Role.OPERATOR, "sweep_id": Role.OPERATOR, "user_id": ADMIN, "invitation_id": ADMIN, "token_id": None,
    "passkey_id": None, "sign_in_id": None,
}  # fmt: skip
ONLY_PEOPLE = (  # no token opens these, whatever its scope
    "profile", "security", "second_factor", "passkeys", "tokens", "limits", "people", "invitations", "audit", "about",
    "sign_in.leave",
)  # fmt: skip
WRITES_DOWN = ("audit.export", "downloads.csv", "downloads.ndjson")  # a GET that the audit log tells of: who took it
BY_LINK = ("shared_live.fragment", "shared_live.series", "shared_live.tiles", "shared_live.sweep_fragment")
FRAGMENTS = ("job.live", "sweep.live", "new_sweep.estimate", "shared_live.fragment", "shared_live.sweep_fragment")
MAY_BE_KEPT = ("private, no-cache",)  # asked for again each time
TELLTALE = re.compile(r"Traceback|File \"|sqlalchemy|psycopg|werkzeug\.|site-packages", re.IGNORECASE)


@dataclass(frozen=True)
class Ask:
    """One request of the sweep, without its ids."""

    endpoint: str
    method: str
    arguments: frozenset[str]
    rule: str

    @property
    def needs(self) -> Role | None:
        return TABLE[self.endpoint][0]

    @property
    def gives(self) -> int:
        return TABLE[self.endpoint][1]

    @property
    def is_api(self) -> bool:
        return self.rule.startswith("/api/v1/")

    @property
    def is_change(self) -> bool:
        return self.method not in SAFE

    @property
    def id_name(self) -> str:
        return next((name for name in self.arguments if name.endswith("_id")), "")

    @property
    def is_only_for_people(self) -> bool:
        return self.endpoint in ONLY_PEOPLE or self.endpoint.split(".")[0] in ONLY_PEOPLE


@dataclass
class Stage:
    """The app with somebody of each role, and what belongs to whom."""

    app: Flask
    commits: sqlite3.Connection
    people: dict[Role, Browser] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # scope -> one of the administrator's
    ids: dict[Role | str, dict[str, int]] = field(default_factory=dict)  # of each role, and of a stranger

    def asks(self) -> list[Ask]:
        return [
            Ask(rule.endpoint, method, frozenset(rule.arguments), rule.rule)
            for rule in self.app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]

    def path(self, ask: Ask, ids: dict[str, int] | None = None) -> str:
        """Its address, with these ids, else with one that is nobody's."""
        usual = {"slug": "conflict", "change": "set-up", "status": 429, "ending": "json"}
        given = {name: usual.get(name, (ids or {}).get(name, NOBODYS)) for name in ask.arguments}
        return str(self.app.url_map.bind("localhost").build(ask.endpoint, given, method=ask.method))

    def data_version(self) -> int:
        """Another number whenever anybody has committed something."""
        return int(self.commits.execute("PRAGMA data_version").fetchone()[0])

    def of(self, ask: Ask) -> Browser:
        """Somebody who may just do it, at a page of theirs."""
        return self.people[ask.needs or VIEWER]


@pytest.fixture(scope="module")
def stage(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    url = databases.sqlite()
    folder = tmp_path_factory.mktemp("sweep")
    app = create_app(Settings(data_dir=folder, database_url=url, secret_key=SECRET, development=True))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as commits:
        made = Stage(app, commits)
        for role in Role:
            made.people[role] = signed_in(app, role.name.lower())
            made.ids[role] = belongings(made.people[role])
        made.ids["stranger"] = belongings(signed_in(app, "runner"))
        made.tokens = tokens_of(made)
        yield made


def belongings(browser: Browser) -> dict[str, int]:
    """One of each for this person."""
    app = browser.client.application
    database = app.extensions["database"]
    with database.writing() as session:
        user = person_by_email(session, browser.email)
        assert user is not None
        create_token(session, user.id, "sweep")
        key = Passkey(user_id=user.id, credential_id=f"key-{user.id}", public_key=b"", name="sweep")
        session.add(key)
        job = admit(session, user.id, JobRequest("mandelbrot", items=4), app.extensions["settings"]).job
        sweep = import_result(session, user.id, MEASURED, "mine", app.extensions["settings"])
        session.flush()
        return {
            "user_id": user.id, "job_id": job.id, "sweep_id": sweep.id, "passkey_id": key.id,
            "sign_in_id": present_ones(session, user.id)[0].id, "token_id": tokens_of_owner(session, user.id)[0].id,
            "invitation_id": NOBODYS,
        }  # fmt: skip


def tokens_of(stage: Stage) -> dict[str, str]:
    """Of each scope, all of an administrator; used once, as a first use is written down."""
    with stage.app.extensions["database"].writing() as session:
        made = {scope: create_token(session, stage.ids[ADMIN]["user_id"], scope, scope) for scope in SCOPES}
    for token in made.values():
        client = stage.app.test_client()
        assert client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    return made


def sent(stage: Stage, ask: Ask, client: FlaskClient, ids: dict[str, int] | None = None, **given: Any) -> TestResponse:
    """The answer, which is guarded and tells nothing of the inside, whatever was asked."""
    answer = client.open(stage.path(ask, ids), method=given.pop("method", ask.method), **given)
    name = (ask.endpoint, ask.method, answer.status)
    assert answer.status_code < 500, name
    for header, value in HEADERS.items():
        assert answer.headers[header] == value, (name, header)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-ID"], name
    assert {"Cookie", "Authorization"} <= set(answer.vary.as_set(preserve_casing=True)), name
    assert answer.headers["Cache-Control"] in ("no-store", *MAY_BE_KEPT), name
    assert "Access-Control-Allow-Origin" not in answer.headers, name
    if answer.mimetype in ("text/html", "application/problem+json") and "about" not in ask.endpoint:
        assert not TELLTALE.search(answer.text), name
    return answer


def with_token_of_page(browser: Browser) -> dict[str, str]:
    """What a script of ours sends beside the cookie."""
    return {"X-CSRFToken": browser.csrf_token()}


class Unchanged:
    """Notes what was committed meanwhile, although it was refused."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.wrong: dict[tuple[str, str], str] = {}
        self.before = stage.data_version()

    def expect(self, ask: Ask, answer: TestResponse, *statuses: int) -> None:
        if answer.status_code not in statuses:
            self.wrong[ask.endpoint, ask.method] = f"{answer.status}, not {statuses}"
        after = self.stage.data_version()
        if after != self.before:
            self.wrong[ask.endpoint, ask.method] = f"{answer.status}, and something was committed"
        self.before = after


def test_the_table_has_every_rule_and_no_other(stage: Stage) -> None:
    assert {ask.endpoint for ask in stage.asks()} == set(TABLE)
    assert {endpoint for endpoint, (needs, _) in TABLE.items() if needs is None} == ANONYMOUS
    assert {ask.id_name for ask in stage.asks()} - {""} == set(SEES)


def test_strangers_are_led_to_the_sign_in(stage: Stage) -> None:
    seen = Unchanged(stage)
    for ask in stage.asks():
        answer = sent(stage, ask, stage.app.test_client(), stage.ids["stranger"])

        if ask.needs is None:
            seen.expect(ask, answer, 400 if ask.is_change else ask.gives)
        elif ask.is_api:
            seen.expect(ask, answer, 401)
            assert (answer.mimetype, answer.headers["WWW-Authenticate"][:6]) == ("application/problem+json", "Bearer")
        else:
            seen.expect(ask, answer, 302)
            assert answer.location.split("?")[0] == "/sign-in", ask
    assert not seen.wrong


def test_a_lower_role_is_told_so(stage: Stage) -> None:
    seen = Unchanged(stage)
    for ask in stage.asks():
        for role in (role for role in Role if ask.needs is not None and role < ask.needs):
            browser = stage.people[role]
            answer = sent(stage, ask, browser.client, stage.ids[role], headers=with_token_of_page(browser))

            seen.expect(ask, answer, 403)
    assert not seen.wrong


def test_who_may_gets_what_the_table_says(stage: Stage) -> None:
    wrong = {}
    for ask in stage.asks():
        role = ask.needs or VIEWER
        if ask.is_change:  # some end the session, so each has one of its own
            browser = signed_in(stage.app, role.name.lower())
            answer = sent(stage, ask, browser.client, headers=with_token_of_page(browser))
        else:
            answer = sent(stage, ask, stage.people[role].client, stage.ids[role])
        if answer.status_code != ask.gives:
            wrong[ask.endpoint, ask.method] = answer.status
        if not ask.is_change and answer.mimetype == "text/html" and answer.status_code != 302:
            check_page(ask, answer)
    assert not wrong


def check_page(ask: Ask, answer: TestResponse) -> None:
    """A whole page has a language, a name and one heading above all others."""
    if ask.endpoint not in FRAGMENTS:
        assert '<html lang="en"' in answer.text, ask
        assert re.search(r"<title>[^<]*\S[^<]*</title>", answer.text), ask
        assert len(re.findall(r"<h1[ >]", answer.text)) == 1 or ask.endpoint == "gallery.show", ask


def test_what_is_somebody_elses_is_as_if_it_were_not_there(stage: Stage) -> None:
    seen = Unchanged(stage)
    for ask in stage.asks():
        sees = SEES.get(ask.id_name)
        if ask.needs is None or not ask.id_name:
            continue
        for role in (role for role in Role if role >= ask.needs and (sees is None or role < sees)):
            browser = stage.people[role]
            foreign, nobodys = (
                sent(stage, ask, browser.client, ids, headers=with_token_of_page(browser), data={"name": "mine"})
                for ids in (stage.ids["stranger"], {})
            )

            seen.expect(ask, foreign, 404)
            assert told(foreign, stage.ids["stranger"][ask.id_name]) == told(nobodys, NOBODYS), ask
    assert not seen.wrong


def told(answer: TestResponse, number: int) -> str:
    """Its words, without what differs in any case."""
    words = answer.text.split("<main")[-1].replace(answer.headers["X-Request-ID"], "")
    return re.sub(rf"\b{number}\b", "N", words)


def test_no_change_without_the_token_of_the_session(stage: Stage) -> None:
    seen = Unchanged(stage)
    for ask in (ask for ask in stage.asks() if ask.is_change):
        answer = sent(stage, ask, stage.people[ADMIN].client, stage.ids[ADMIN])

        seen.expect(ask, answer, 400)
        assert "without the token of your session" in (answer.json["detail"] if ask.is_api else answer.text), ask
    assert not seen.wrong


@pytest.mark.parametrize(
    "claim", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}]
)
def test_no_change_from_another_site_even_with_the_token(stage: Stage, claim: dict[str, str]) -> None:
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in (ask for ask in stage.asks() if ask.is_change):
        headers = {**with_token_of_page(browser), **claim}
        answer = sent(stage, ask, browser.client, stage.ids[ADMIN], headers=headers)

        seen.expect(ask, answer, 400)
        assert "Another site sent this request." in answer.text, ask
    assert not seen.wrong


def test_another_method_is_not_taken(stage: Stage) -> None:
    taken: dict[str, list[Ask]] = {}
    for ask in stage.asks():
        taken.setdefault(stage.path(ask), []).append(ask)
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for asks in taken.values():
        for method in sorted(set(VERBS) - {ask.method for ask in asks}):
            for client in (browser.client, stage.app.test_client()):
                answer = sent(stage, asks[0], client, method=method, headers=with_token_of_page(browser))

                seen.expect(asks[0], answer, 405)
                assert {ask.method for ask in asks} <= set(answer.headers["Allow"].split(", ")), asks
    assert not seen.wrong


def test_looking_changes_nothing_and_heads_have_no_body(stage: Stage) -> None:
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in (ask for ask in stage.asks() if not ask.is_change and ask.endpoint not in WRITES_DOWN):
        ids = stage.ids[ADMIN]
        got = sent(stage, ask, browser.client, ids)
        head = sent(stage, ask, browser.client, ids, method="HEAD")
        options = sent(stage, ask, browser.client, ids, method="OPTIONS")

        seen.expect(ask, got, ask.gives)
        seen.expect(ask, head, got.status_code)
        seen.expect(ask, options, 200)
        assert (head.data, options.data) == (b"", b""), ask
        assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["Allow"].split(", ")), ask
    assert not seen.wrong


def test_options_tell_a_stranger_no_more_than_the_page(stage: Stage) -> None:
    seen = Unchanged(stage)
    for ask in (ask for ask in stage.asks() if ask.needs is not None):
        answer = sent(stage, ask, stage.app.test_client(), stage.ids["stranger"], method="OPTIONS")

        seen.expect(ask, answer, 401 if ask.is_api else 302)
    assert not seen.wrong


def test_a_foreign_host_name_opens_nothing(stage: Stage) -> None:
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in stage.asks():
        headers = {**with_token_of_page(browser), "Host": "evil.example", "Cookie": cookie_of(browser)}
        answer = sent(stage, ask, stage.app.test_client(use_cookies=False), stage.ids[ADMIN], headers=headers)

        if ask.endpoint.startswith("health."):
            seen.expect(ask, answer, 200)
        else:
            seen.expect(ask, answer, 400)
            assert "DYNOMETER_HOSTS" in answer.text, ask
    assert not seen.wrong


def cookie_of(browser: Browser) -> str:
    """As the browser would send it under any name."""
    cookie = browser.client.get_cookie("dynometer")
    assert cookie is not None
    return f"dynometer={cookie.value}"


def test_forwarded_headers_count_for_nothing_without_a_proxy(stage: Stage) -> None:
    claimed = {
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Prefix": "/evil", "X-Forwarded-Port": "666", "Forwarded": "for=203.0.113.9;host=evil.example",
        "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil", "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in (ask for ask in stage.asks() if not ask.is_change and ask.endpoint not in WRITES_DOWN):
        answer = sent(stage, ask, browser.client, stage.ids[ADMIN], headers=claimed)

        seen.expect(ask, answer, ask.gives)
        assert "Strict-Transport-Security" not in answer.headers, ask
        said = answer.text if answer.mimetype != "image/png" else ""
        assert not re.search(r"evil|203\.0\.113\.9", said + str(answer.headers)), ask
    assert not seen.wrong


class Unread(BytesIO):
    """A body that nobody may read: it was announced as too large."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("it was read")


def test_a_body_that_is_too_large_is_refused_unread(stage: Stage) -> None:
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in (ask for ask in stage.asks() if ask.is_change):
        kind = "application/json" if ask.is_api else "application/x-www-form-urlencoded"
        environ = {"CONTENT_LENGTH": str(5 * 10**9), "CONTENT_TYPE": kind, "wsgi.input": Unread()}
        answer = sent(
            stage, ask, browser.client, headers=with_token_of_page(browser), environ_overrides=environ,
            query_string={"workload": "factorise"},
        )  # fmt: skip

        seen.expect(ask, answer, 413)
    assert not seen.wrong


def test_a_form_cut_off_at_the_limit_is_no_form(stage: Stage) -> None:
    usual = stage.app.extensions["settings"].body_max_bytes
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    for ask in (ask for ask in stage.asks() if ask.is_change and not ask.is_api):
        environ = {
            "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "wsgi.input": BytesIO(b"name=mine&x=" + b"x" * usual), "wsgi.input_terminated": True,
        }  # fmt: skip
        answer = sent(
            stage, ask, browser.client, headers=with_token_of_page(browser), environ_overrides=environ,
            query_string={"workload": "wait"},
        )  # fmt: skip

        seen.expect(ask, answer, 413)
    assert not seen.wrong


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\x00", b"[" * 100_000, b'{"id": "\\ud800"}', b"NaN", b"[]", b'"x"'])
def test_json_that_is_none_is_told_in_words(stage: Stage, body: bytes) -> None:
    seen, browser = Unchanged(stage), stage.people[ADMIN]
    takes_json = ("passkeys.add", "passkey_sign_in.check", "api_jobs.begin", "api_tokens.make", "api_invitations.make")
    for ask in (ask for ask in stage.asks() if ask.endpoint in takes_json):
        headers = {**with_token_of_page(browser), "Content-Type": "application/json"}
        answer = sent(stage, ask, browser.client, data=body, headers=headers)

        if ask.endpoint == "passkey_sign_in.check":
            seen.before = stage.data_version()  # a try to sign in is counted and written down
        seen.expect(ask, answer, 400, 422)
        words = answer.json["detail"] if ask.is_api else answer.json["error"]
        assert re.match(r"[A-Z].*\.$", words), (ask, words)
    assert not seen.wrong


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_opens_what_its_scope_says_and_sets_no_cookie(stage: Stage, scope: str) -> None:
    bearer = {"Authorization": f"Bearer {stage.tokens[scope]}", "Cookie": cookie_of(stage.people[ADMIN])}
    seen, ids = Unchanged(stage), stage.ids[ADMIN]
    for ask in stage.asks():
        if ask.needs is None or ask.endpoint in WRITES_DOWN:
            continue
        client = stage.app.test_client(use_cookies=False)
        answer = sent(stage, ask, client, None if ask.is_change else ids, headers=bearer)

        is_refused = ask.is_only_for_people or SCOPES[scope] < ask.needs
        is_refused |= ask.endpoint == "api_tokens.revoke" and scope != "admin"  # or a leaked one could shut out others
        seen.expect(ask, answer, 403 if is_refused else ask.gives)
        assert "Set-Cookie" not in answer.headers, ask
    assert not seen.wrong


@pytest.mark.parametrize("header", ["Bearer dyno_wrong", "Bearer", "Basic YTpi", "Digest x", ""])
def test_a_wrong_token_opens_nothing_beside_a_good_cookie(stage: Stage, header: str) -> None:
    seen, cookie = Unchanged(stage), cookie_of(stage.people[ADMIN])
    for ask in (ask for ask in stage.asks() if ask.needs is not None):
        client = stage.app.test_client(use_cookies=False)
        answer = sent(stage, ask, client, headers={"Authorization": header, "Cookie": cookie})

        seen.expect(ask, answer, 401 if ask.is_api else 302)
        assert "Set-Cookie" not in answer.headers, ask
    assert not seen.wrong


@pytest.mark.parametrize("kind", [fragment_links.JOB, fragment_links.SWEEP])
def test_a_link_to_a_fragment_opens_it_to_all_and_nothing_else(stage: Stage, kind: str) -> None:
    with stage.app.test_request_context():
        key = fragment_links.key_of(stage.ids["stranger"][f"{kind}_id"], kind)
    seen = Unchanged(stage)
    for ask in (ask for ask in stage.asks() if ask.id_name == f"{kind}_id" and not ask.is_change):
        browser = stage.people[RUNNER]
        path = stage.path(ask, stage.ids["stranger"])
        answer = browser.client.get(path, query_string={"key": key})

        seen.expect(ask, answer, *([200] if ask.endpoint in BY_LINK else [404, 422]))
    assert not seen.wrong
