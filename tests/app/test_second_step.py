"""Codes from an authenticator app: set up, asked for, used once, lost, removed."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from app import codes as codes_in_app
from cli.account import remove_second_factor
from dynometer.errors import InvalidInput
from store import account_changes
from store.account_models import SecondFactor, User
from store.audit import Wanted, entries
from store.database import Database
from tests.app.conftest import PASSWORD, Browser, signed_in
from tests.app.test_sessions import copied, elsewhere, id_of, is_in

SECURITY = "/settings/security"


def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app that is switched on, and the recovery codes."""
    app = begun(browser)
    page = browser.post(f"{SECURITY}/codes", {"code": app.now()})
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", page.text)
    assert len(set(codes)) == 10
    return app, codes


def half_way_in(app: Flask, email: str) -> Browser:
    """Who has shown the password."""
    browser = Browser(app.test_client(), email)
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": email, "password": PASSWORD}).location == "/sign-in/code"
    browser.get("/sign-in/code")
    return browser


def forget_last_step(app: Flask) -> None:
    with app.extensions["database"].writing() as session:
        session.execute(update(SecondFactor).values(last_step=0))


def test_the_picture_holds_the_secret_that_stands_beside_it(app: Flask, runner: Browser):
    runner.get(f"{SECURITY}/codes/set-up")

    page = runner.post(f"{SECURITY}/codes/set-up", {"password": PASSWORD}, follow=True)

    assert "<svg" in page.text
    assert 'class="qr"' in page.text
    assert "style=" not in page.text


def begun(browser: Browser) -> pyotp.TOTP:
    """An authenticator app whose first code has not come back yet."""
    browser.get(f"{SECURITY}/codes/set-up")
    page = browser.post(f"{SECURITY}/codes/set-up", {"password": PASSWORD}, follow=True)
    letters = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert letters
    return pyotp.TOTP(letters[1].replace(" ", ""))


def test_a_set_up_that_was_left_is_nobody_s_to_finish(app: Flask, database: Database, runner: Browser):
    authenticator = begun(runner)
    with database.writing() as session:
        session.execute(update(SecondFactor).values(begun_at=SecondFactor.begun_at - 601))

    answer = runner.post(f"{SECURITY}/codes", {"code": authenticator.now()})

    assert answer.location == SECURITY
    assert runner.get(f"{SECURITY}/codes").status_code == 302
    assert half_way_in_or_in(app, runner.email) == "/"


def half_way_in_or_in(app: Flask, email: str) -> str | None:
    """Where the right password leads."""
    browser = Browser(app.test_client(), email)
    browser.get("/sign-in")
    return browser.post("/sign-in", {"email": email, "password": PASSWORD}).location


def test_a_code_confirms_only_the_secret_it_was_made_from(
    app: Flask, database: Database, runner: Browser, monkeypatch: pytest.MonkeyPatch
):
    authenticator = begun(runner)
    fresh = codes_in_app.new_recovery_codes

    def begun_anew_meanwhile() -> list[str]:
        with database.writing() as session:
            session.execute(update(SecondFactor).values(secret="another"))
        return fresh()

    monkeypatch.setattr(codes_in_app, "new_recovery_codes", begun_anew_meanwhile)

    assert runner.post(f"{SECURITY}/codes", {"code": authenticator.now()}).status_code == 404


def test_a_double_click_on_set_up_begins_it_once(each_app: Flask):
    browser = signed_in(each_app, "runner")
    browser.get(f"{SECURITY}/codes/set-up")
    form = {"password": PASSWORD, "csrf_token": browser.csrf_token()}
    cookie = browser.client.get_cookie("dynometer")
    assert cookie is not None
    both = Barrier(2)

    def press(_: int) -> int:
        client = each_app.test_client()
        client.set_cookie("dynometer", cookie.value)
        both.wait()
        return client.post(f"{SECURITY}/codes/set-up", data=form).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, range(2))) == [303, 303]


def test_half_way_in_is_not_in_and_the_code_opens(app: Flask, runner: Browser):
    authenticator, _ = set_up(runner)
    forget_last_step(app)
    browser = half_way_in(app, runner.email)
    assert browser.client.get("/").status_code == 302
    assert browser.client.get("/api/v1/jobs").status_code == 401

    assert browser.post("/sign-in/code", {"code": authenticator.now()}).location == "/"

    assert is_in(browser)


def test_a_code_works_once(app: Flask, runner: Browser):
    authenticator, _ = set_up(runner)
    forget_last_step(app)
    first, second = half_way_in(app, runner.email), half_way_in(app, runner.email)
    code = authenticator.now()
    assert first.post("/sign-in/code", {"code": code}).status_code == 303

    page = second.post("/sign-in/code", {"code": code})

    assert page.status_code == 422
    assert "was used before" in page.text


@pytest.mark.parametrize("code", ["", "000000", "abcd-efgh-jkmn-pqrs", "\0", "\u0661" * 6, "1" * 5000])
def test_a_wrong_code_is_refused_in_words(app: Flask, runner: Browser, code: str):
    set_up(runner)
    browser = half_way_in(app, runner.email)

    page = browser.post("/sign-in/code", {"code": code})

    assert page.status_code == 422
    assert "is not the present one" in page.text
    assert not is_in(browser)


def test_a_recovery_code_works_once_however_it_is_typed(app: Flask, runner: Browser):
    _, codes = set_up(runner)
    typed = codes[3].upper().replace("-", " ")

    assert half_way_in(app, runner.email).post("/sign-in/code", {"code": typed}).status_code == 303
    assert half_way_in(app, runner.email).post("/sign-in/code", {"code": codes[3]}).status_code == 422
    assert half_way_in(app, runner.email).post("/sign-in/code", {"code": codes[4]}).status_code == 303


def at_once(browsers: Sequence[Browser], codes: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses of codes that are judged at the same moment; on SQLite one after the other."""
    both, judged = Barrier(len(codes)), codes_in_app.step_of

    def step_of(secret: str, code: str) -> int | None:
        with suppress(BrokenBarrierError):  # SQLite lets one at a time in
            both.wait(0.3)
        return judged(secret, code)

    with monkeypatch.context() as patched, ThreadPoolExecutor(len(codes)) as pool:
        patched.setattr(codes_in_app, "step_of", step_of)
        posted = pool.map(lambda browser, code: browser.post("/sign-in/code", {"code": code}), browsers, codes)
        return sorted(answer.status_code for answer in posted)


def test_recovery_codes_sent_at_once_are_used_up_once_each(each_app: Flask, monkeypatch: pytest.MonkeyPatch):
    runner = signed_in(each_app, "runner")
    _, codes = set_up(runner)
    doors = [half_way_in(each_app, runner.email) for _ in range(5)]

    assert at_once(doors[:2], [codes[0]] * 2, monkeypatch) == [303, 422]
    assert at_once(doors[2:4], codes[1:3], monkeypatch) == [303, 303]
    assert at_once(doors[4:], codes[1:2], monkeypatch) == [422]


def test_guessing_codes_gets_slow_though_the_password_is_right_each_time(app: Flask, runner: Browser):
    set_up(runner)

    statuses = [half_way_in(app, runner.email).post("/sign-in/code", {"code": "0"}).status_code for _ in range(7)]

    assert statuses == [422] * 6 + [429]


def test_half_way_in_ends_with_the_account_s_sessions(app: Flask, database: Database, runner: Browser):
    authenticator, _ = set_up(runner)
    forget_last_step(app)
    browser = half_way_in(app, runner.email)
    with database.writing() as session:
        account_changes.end_sessions(session, session.scalars(select(User.id).where(User.email == runner.email)).one())

    answer = browser.post("/sign-in/code", {"code": authenticator.now()})

    assert answer.location == "/sign-in"


def test_switching_it_on_and_off_ends_every_other_session(app: Flask, runner: Browser):
    thief, other = copied(app, runner), elsewhere(app, runner)
    set_up(runner)
    assert [is_in(browser) for browser in (runner, thief, other)] == [True, False, False]
    other = elsewhere(app, runner)
    runner.get(f"{SECURITY}/codes/remove")

    assert runner.post(f"{SECURITY}/codes/remove", {"password": PASSWORD}).status_code == 303

    assert [is_in(browser) for browser in (runner, other)] == [True, False]
    fresh = Browser(app.test_client(), runner.email)
    fresh.get("/sign-in")
    assert fresh.post("/sign-in", {"email": runner.email, "password": PASSWORD}).location == "/"


@pytest.mark.parametrize("change", ["set-up", "recovery", "remove"])
def test_each_change_asks_for_the_password(app: Flask, runner: Browser, change: str):
    if change != "set-up":
        set_up(runner)
    runner.get(f"{SECURITY}/codes/{change}")

    page = runner.post(f"{SECURITY}/codes/{change}", {"password": "wrong"})

    assert page.status_code == 422
    assert "is not your present password" in page.text


def test_new_recovery_codes_replace_the_old_ones(app: Flask, runner: Browser):
    _, old = set_up(runner)
    runner.get(f"{SECURITY}/codes/recovery")

    page = runner.post(f"{SECURITY}/codes/recovery", {"password": PASSWORD})

    new = re.findall(r"<li><code>([a-z0-9-]+)</code>", page.text)
    assert half_way_in(app, runner.email).post("/sign-in/code", {"code": old[0]}).status_code == 422
    assert half_way_in(app, runner.email).post("/sign-in/code", {"code": new[0]}).status_code == 303


def by_an_administrator(app: Flask, email: str) -> None:
    admin = signed_in(app, "admin")
    number = id_of(app.extensions["database"], email)
    assert "Lost second factor" in admin.get(f"/settings/people/{number}").text
    assert admin.post(f"/settings/people/{number}/remove-second-factor").status_code == 303
    assert admin.post(f"/settings/people/{number}/remove-second-factor").status_code == 409


def by_the_console(app: Flask, email: str) -> None:
    remove_second_factor(app.extensions["settings"], email)
    with pytest.raises(InvalidInput, match="has no second factor"):
        remove_second_factor(app.extensions["settings"], email)


@pytest.mark.parametrize("removing", [by_an_administrator, by_the_console])
def test_who_lost_the_second_factor_is_let_in_by_whoever_runs_this(
    app: Flask, database: Database, runner: Browser, removing: Callable[[Flask, str], None]
):
    set_up(runner)

    removing(app, runner.email)

    assert not is_in(runner)
    assert half_way_in_or_in(app, runner.email) == "/"
    with database.reading() as session:
        told = entries(session, Wanted(action="second-factor-removed"), 1)[0]
    assert told.subject == runner.email


def test_the_database_holds_neither_the_secret_nor_a_recovery_code(app: Flask, database: Database):
    browser = signed_in(app, "runner")
    authenticator, codes = set_up(browser)

    with database.reading() as session:
        user_id = session.scalars(select(User.id).where(User.email == browser.email)).one()
        kept = session.get(SecondFactor, user_id)
        assert kept is not None
        assert authenticator.secret not in kept.secret
        assert not set(codes) & set(kept.recovery_hashes)
