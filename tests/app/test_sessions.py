"""Sessions are rows: what was revoked, idle or replaced opens nothing, however often its cookie is sent again."""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from app import sessions
from app.accounts import account_of
from dynometer.errors import InvalidInput
from store import account_changes, sign_ins
from store.account_models import AuditEntry, SignIn, User
from store.database import Database
from store.people import person_by_email
from tests.app.conftest import PASSWORD, Browser, person, signed_in

NEW = "seven turnips swim"


def copied(app: Flask, browser: Browser) -> Browser:
    """A thief's browser, with the same cookie."""
    cookie = browser.client.get_cookie("dynometer")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("dynometer", cookie.value)
    return Browser(thief, browser.email)


def is_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def elsewhere(app: Flask, browser: Browser) -> Browser:
    """The same person in another browser."""
    client = app.test_client()
    with app.extensions["database"].writing() as session:
        user = session.scalars(select(User).where(User.email == browser.email)).one()
        secret = sign_ins.begin(session, user.id, "192.0.2.7", "Safari on iPhone")
    with client.session_transaction() as cookie:
        cookie["sign_in"] = secret
    return Browser(client, browser.email)


def id_of(database: Database, email: str) -> int:
    with database.reading() as session:
        return session.scalars(select(User.id).where(User.email == email)).one()


def sign_out(app: Flask, browser: Browser) -> None:
    browser.post("/sign-out")


def change_password(app: Flask, browser: Browser) -> None:
    browser.get("/settings/profile")
    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert browser.post("/settings/profile/password", form).status_code == 303


def disable(app: Flask, browser: Browser) -> None:
    database = app.extensions["database"]
    user_id = id_of(database, browser.email)
    with database.writing() as session:
        assert account_changes.set_active(session, user_id, False)
    with database.writing() as session:  # and again enabled: what was ended stays so
        assert account_changes.set_active(session, user_id, True)


def end_all(app: Flask, browser: Browser) -> None:
    database = app.extensions["database"]
    user_id = id_of(database, browser.email)
    with database.writing() as session:
        assert account_changes.end_sessions(session, user_id) == 1


@pytest.mark.parametrize("ending", [sign_out, change_password, disable, end_all])
def test_a_copied_cookie_opens_nothing_after(app: Flask, runner: Browser, ending: Callable[[Flask, Browser], None]):
    assert is_in(runner)
    thief = copied(app, runner)
    assert is_in(thief)

    ending(app, runner)

    assert not is_in(thief)
    assert thief.get("/api/v1/jobs").status_code == 401


def test_signing_out_leaves_other_browsers_in(app: Flask, runner: Browser):
    other = elsewhere(app, runner)
    runner.get("/")

    runner.post("/sign-out")

    assert not is_in(runner)
    assert is_in(other)


def test_a_new_password_keeps_this_browser_in_and_no_other(app: Flask, runner: Browser):
    other = elsewhere(app, runner)

    change_password(app, runner)

    assert is_in(runner)
    assert not is_in(other)


@pytest.mark.parametrize(("column", "hours"), [("seen_at", 8.01), ("began_at", 7 * 24.01)])
def test_a_session_ends_by_itself(app: Flask, database: Database, runner: Browser, column: str, hours: float):
    assert is_in(runner)

    with database.writing() as session:
        mine = SignIn.user_id == select(User.id).where(User.email == runner.email).scalar_subquery()
        session.execute(update(SignIn).where(mine).values({column: getattr(SignIn, column) - hours * 3600}))

    assert not is_in(runner)


def test_only_what_somebody_does_is_a_sign_of_life(app: Flask, database: Database, runner: Browser):
    def seen_at() -> float:
        with database.reading() as session:
            return sign_ins.present_ones(session, id_of(database, runner.email))[0].seen_at

    with database.writing() as session:
        session.execute(update(SignIn).values(seen_at=SignIn.seen_at - 3600))
    an_hour_ago = seen_at()

    runner.get("/", headers={"Sec-Fetch-Mode": "cors"})
    assert seen_at() == an_hour_ago
    runner.get("/", headers={"Sec-Fetch-Mode": "navigate"})
    assert seen_at() > an_hour_ago + 3500


def test_a_page_asks_one_query_for_session_person_and_roles(database: Database, runner: Browser):
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    event.listen(database.engine, "before_cursor_execute", note)
    runner.get("/no-such-page")
    event.remove(database.engine, "before_cursor_execute", note)

    assert [query.split()[0] for query in asked if not query.startswith("BEGIN")] == ["SELECT"]


def test_the_list_shows_each_browser_and_ends_the_one_that_is_pressed(app: Flask, runner: Browser):
    other = elsewhere(app, runner)
    page = runner.get("/settings/security").text
    assert "Safari on iPhone" in page
    assert "192.0.2.7" in page
    assert page.count("this browser") == 1

    runner.post(re.findall(r'action="(/settings/security/sessions/\d+/end)"', page)[0])

    assert not is_in(other)
    assert is_in(runner)


def test_all_others_end_at_one_press(app: Flask, runner: Browser):
    others = [elsewhere(app, runner), elsewhere(app, runner)]
    runner.get("/settings/security")

    runner.post("/settings/security/sessions/end-others")

    assert [is_in(other) for other in (*others, runner)] == [False, False, True]


def test_nobody_ends_the_session_of_another(app: Flask, database: Database, runner: Browser):
    other = signed_in(app, "runner")
    with database.reading() as session:
        foreign = sign_ins.present_ones(session, id_of(database, other.email))[0].id
    runner.get("/settings/security")

    answer = runner.post(f"/settings/security/sessions/{foreign}/end")

    assert answer.status_code == 404
    assert is_in(other)


def test_a_planted_cookie_is_worth_nothing_after_the_sign_in(app: Flask):
    attacker = Browser(app.test_client())
    attacker.get("/sign-in")
    planted = attacker.client.get_cookie("dynometer")
    assert planted is not None
    victim = Browser(app.test_client(), person(app, "runner"))
    victim.client.set_cookie("dynometer", planted.value)
    victim.get("/sign-in")

    assert victim.post("/sign-in", {"email": victim.email, "password": PASSWORD}).status_code == 303

    assert is_in(victim)
    assert not is_in(attacker)


def test_over_https_a_cookie_tossed_by_a_neighbour_is_not_read(make_app, make_database):
    app = make_app(make_database("sqlite"), proxy_hops=1)
    attacker = signed_in(app, "runner")
    cookie = attacker.client.get_cookie("dynometer")
    assert cookie is not None
    https = {"X-Forwarded-Proto": "https"}

    tossed = app.test_client().get("/", headers={**https, "Cookie": f"dynometer={cookie.value}; dynometer=x"})

    assert tossed.status_code == 302


def test_a_sign_in_that_is_half_done_at_the_change_is_not_done_after_it(each_app: Flask):
    database, email = each_app.extensions["database"], person(each_app, "runner")
    with database.reading() as session:
        judged = account_of(person_by_email(session, email))
    assert judged is not None
    with database.writing() as session:
        account_changes.end_sessions(session, judged.id)

    with each_app.test_request_context("/sign-in"), pytest.raises(InvalidInput, match="was changed in this moment"):
        sessions.begin(judged, "password")


def end_this_one(app: Flask, browser: Browser) -> None:
    database = app.extensions["database"]
    with database.writing() as session:
        mine = sign_ins.present_ones(session, id_of(database, browser.email))[0]
        assert sign_ins.end(session, mine.user_id, mine.id)


@pytest.mark.parametrize("ending", [end_this_one, end_all])
@pytest.mark.parametrize(
    ("module", "path"),
    [
        ("second_factor", "security/codes/set-up"), ("second_factor", "security/codes/recovery"),
        ("profile", "profile/password"),
    ],
)  # fmt: skip
def test_a_request_whose_session_ends_meanwhile_changes_nothing_and_does_not_revive_it(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch, module: str, path: str, ending: Callable[[Flask, Browser], None]
):
    browser = signed_in(each_app, "runner")
    browser.get("/settings/profile")
    page = import_module(f"app.pages.settings.{module}")
    monkeypatch.setattr(page, "prove", lambda *given: ending(each_app, browser))

    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    answer = browser.post(f"/settings/{path}", form)

    assert answer.status_code == 422
    assert "was changed in this moment" in answer.text
    assert not is_in(browser)


def test_a_session_that_takes_the_place_of_another_lasts_no_longer(app: Flask, database: Database, runner: Browser):
    with database.writing() as session:
        session.execute(update(SignIn).values(began_at=SignIn.began_at - 3600))

    change_password(app, runner)

    with database.reading() as session:
        new = sign_ins.present_ones(session, id_of(database, runner.email))[0]
        assert new.seen_at - new.began_at > 3500


def test_signing_in_anew_ends_what_this_browser_had(app: Flask, runner: Browser):
    thief = copied(app, runner)
    runner.get("/sign-in")

    runner.post("/sign-in", {"email": runner.email, "password": PASSWORD})

    assert is_in(runner)
    assert not is_in(thief)


def test_an_answer_to_somebody_signed_in_sets_no_cookie(runner: Browser):
    runner.get("/")

    assert "Set-Cookie" not in runner.get("/jobs").headers


def test_comings_and_goings_are_in_the_audit_log(app: Flask, database: Database):
    browser = Browser(app.test_client(), person(app, "runner"))
    browser.get("/sign-in")
    browser.post("/sign-in", {"email": browser.email, "password": "wrong"})
    browser.post("/sign-in", {"email": browser.email, "password": PASSWORD})
    browser.get("/")
    browser.post("/sign-out")

    with database.reading() as session:
        wanted = (AuditEntry.actor == browser.email) | (AuditEntry.subject == browser.email)
        told = session.execute(
            select(AuditEntry.action, AuditEntry.outcome).where(wanted).order_by(AuditEntry.id)
        ).all()
    assert [tuple(entry) for entry in told] == [
        ("sign-in-refused", "refused"), ("signed-in", "done"), ("signed-out", "done")
    ]  # fmt: skip


def test_an_api_token_changes_nothing_about_how_its_owner_signs_in(app: Flask, program):
    for path in (
        "/settings/profile/password",
        "/settings/security/codes/set-up",
        "/settings/security/sessions/end-others",
    ):
        assert program.post(path).status_code == 403, path
