"""Guessing gets slow on every node, and nobody is locked out for good."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import update

from app.tries import ACCOUNT, NETWORK, network_of
from store.account_models import Guess
from tests.app.conftest import PASSWORD, Browser, person


@pytest.fixture
def slow_app(make_app, make_database) -> Flask:
    """An app whose tries no other test counts."""
    return make_app(make_database("sqlite"))


def at_the_door(app: Flask, email: str) -> Browser:
    browser = Browser(app.test_client(), email)
    browser.get("/sign-in")
    return browser


def knock(browser: Browser, password: str, address: str = "198.51.100.7", email: str = ""):
    form = {"email": email or browser.email, "password": password}
    return browser.post("/sign-in", form, environ_base={"REMOTE_ADDR": address})


def let_pass(app: Flask, seconds: float) -> None:
    with app.extensions["database"].writing() as session:
        session.execute(update(Guess).values(wait_until=Guess.wait_until - seconds))


def guess_until_slow(browser: Browser, email: str = "") -> None:
    for _ in range(ACCOUNT.free + 1):
        assert knock(browser, "wrong", email=email).status_code == 422


def test_after_some_wrong_passwords_even_the_right_one_waits_and_then_opens(slow_app: Flask):
    browser = at_the_door(slow_app, person(slow_app, "runner"))
    guess_until_slow(browser)

    page = knock(browser, PASSWORD)

    assert page.status_code == 429
    assert page.headers["Retry-After"] in ("1", "2")
    assert "There were too many wrong tries" in page.text
    assert "Nothing is locked: then it works again." in page.text
    let_pass(slow_app, 2)
    assert knock(browser, PASSWORD).location == "/"


def test_an_address_without_an_account_waits_alike(slow_app: Flask):
    browser = at_the_door(slow_app, person(slow_app, "runner"))
    guess_until_slow(browser, "nobody@example.org")

    refused = knock(browser, PASSWORD, email="Nobody@Example.org ")

    assert refused.status_code == 429
    assert "There were too many wrong tries" in refused.text
    assert knock(browser, PASSWORD).status_code == 303  # the others of this network are not held up


def test_who_signed_in_from_a_network_of_late_is_not_kept_out_by_guesses_from_elsewhere(slow_app: Flask):
    email = person(slow_app, "runner")
    assert knock(at_the_door(slow_app, email), PASSWORD, "203.0.113.9").status_code == 303
    guess_until_slow(at_the_door(slow_app, email))

    assert knock(at_the_door(slow_app, email), PASSWORD).status_code == 429
    assert knock(at_the_door(slow_app, email), PASSWORD, "203.0.113.77").status_code == 303


def test_a_network_that_tries_many_accounts_waits_too(slow_app: Flask):
    browser = at_the_door(slow_app, person(slow_app, "runner"))

    statuses = [
        knock(browser, "x" * 129, f"198.51.100.{n}", f"p{n}@example.org").status_code for n in range(NETWORK.free + 2)
    ]

    assert statuses == [422] * (NETWORK.free + 1) + [429]
    assert knock(browser, PASSWORD).status_code == 429
    assert knock(browser, PASSWORD, "198.51.101.7").status_code == 303


def test_a_browser_that_signed_in_before_is_not_kept_out_by_who_polls_beside_it(slow_app: Flask):
    email = person(slow_app, "runner")
    owner = at_the_door(slow_app, email)
    assert knock(owner, PASSWORD).status_code == 303
    owner.client.delete_cookie("dynometer")
    stranger = at_the_door(slow_app, email)
    guess_until_slow(stranger)

    refused = [knock(stranger, PASSWORD).status_code for _ in range(NETWORK.free)]

    assert refused == [429] * NETWORK.free
    assert knock(stranger, PASSWORD, email="another@example.org").status_code == 429  # its network waits by now
    owner.get("/sign-in")
    assert knock(owner, PASSWORD).status_code == 303


def test_a_browser_s_own_count_is_no_gift_to_guess_with(slow_app: Flask):
    victim, own = person(slow_app, "runner"), at_the_door(slow_app, person(slow_app, "runner"))
    assert knock(own, PASSWORD).status_code == 303
    own.client.delete_cookie("dynometer")
    own.get("/sign-in")
    guess_until_slow(own, victim)
    assert knock(own, PASSWORD, email=victim).status_code == 429  # beside another address it is any browser
    guess_until_slow(own)
    assert knock(own, PASSWORD).status_code == 429  # and beside its own it waits alike


def test_a_right_passkey_never_waits_and_wrong_ones_count_after_they_are_judged(slow_app: Flask):
    browser = at_the_door(slow_app, person(slow_app, "runner"))
    token = {"X-CSRFToken": browser.csrf_token()}

    statuses = [browser.client.post("/sign-in/passkey", json={}, headers=token).status_code for _ in range(32)]

    assert statuses == [422] * (NETWORK.free + 1) + [429]


def test_guesses_sent_at_once_do_not_slip_through(slow_app: Flask):
    email = person(slow_app, "runner")
    doors = [at_the_door(slow_app, email) for _ in range(8)]
    guess_until_slow(doors[0])
    let_pass(slow_app, 2)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda door: knock(door, "wrong").status_code, doors))

    assert statuses == [422] + [429] * 7


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "network:198.51.100.0/24"), ("2001:db8:1:2:3::4", "network:2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "network:198.51.100.0/24"), ("fe80::1%eth0", "network:fe80::/64"), ("", ""),
    ],
)  # fmt: skip
def test_a_network_is_what_one_customer_has(address: str, network: str):
    assert network_of(address) == network
