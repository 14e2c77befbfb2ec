"""Joining by a link: one account, once, with the role that was meant."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from store.account_models import Invitation, User
from store.audit import Wanted, entries
from store.people import person_by_email
from tests.app.conftest import PASSWORD, Browser, numbers, person, program_of, signed_in


def code_from(admin: Browser, **fields: str) -> str:
    """Of a new invitation."""
    form = form_of(admin)
    return code_in(admin.post("/settings/invitations", {"form": form, "role": "runner", **fields}))


def form_of(browser: Browser) -> str:
    found = re.search(r'name="form" value="([^"]+)"', browser.get("/settings/invitations").text)
    assert found is not None
    return found[1]


def code_in(answer: TestResponse) -> str:
    assert answer.status_code == 201, answer.text
    found = re.search(r'value="http://localhost/join#([\w-]{43})"', answer.text)
    assert found is not None
    return found[1]


def join(app: Flask, code: str, **fields: str) -> tuple[Browser, TestResponse]:
    email = fields.pop("email", f"new-{next(numbers)}@example.org")
    browser = Browser(app.test_client(), email)
    browser.get("/join")
    given = {"code": code, "email": email, "password": PASSWORD, "again": PASSWORD, **fields}
    return browser, browser.post("/join", given)


def count_of(app: Flask, table: type[Any]) -> int:
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_colleague_joins_by_the_link_and_starts_a_job(app: Flask):
    code = code_from(signed_in(app, "admin"), role="runner", note="Ada")

    newcomer, answer = join(app, code)

    assert (answer.status_code, answer.location) == (303, "/")
    started = newcomer.post("/jobs/new?workload=wait", {"items": "1"})
    assert started.status_code == 303
    assert newcomer.get("/settings/people").status_code == 403


def test_the_link_is_shown_once_and_only_its_hash_is_kept(app: Flask):
    admin = signed_in(app, "admin")
    code = code_from(admin, note="Ada Lovelace")

    assert code not in admin.get("/settings/invitations").text
    with app.extensions["database"].reading() as session:
        newest = session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert newest is not None
    assert newest.note == "Ada Lovelace"
    assert code not in map(str, vars(newest).values())


def test_a_form_sent_twice_makes_one_link(app: Flask):
    admin = signed_in(app, "admin")
    form, before = form_of(admin), count_of(app, Invitation)

    codes = {code_in(admin.post("/settings/invitations", {"form": form, "role": "viewer"})) for _ in range(2)}

    assert len(codes) == 1
    assert count_of(app, Invitation) == before + 1


def test_a_form_from_the_history_shows_its_link_no_more(app: Flask):
    admin = signed_in(app, "admin")
    form = form_of(admin)
    admin.post("/settings/invitations", {"form": form, "role": "viewer"})
    change(app, created_at=0.0)

    page = admin.post("/settings/invitations", {"form": form, "role": "viewer", "note": "once more"})

    assert page.status_code == 422
    assert "This form was used already" in page.text
    assert 'value="once more"' in page.text


def change(app: Flask, **values: float) -> None:
    """The newest invitation."""
    with app.extensions["database"].writing() as session:
        newest = session.scalar(select(func.max(Invitation.id)))
        session.execute(update(Invitation).where(Invitation.id == newest).values(**values))


def test_a_used_link_says_so_and_makes_nothing(app: Flask):
    code = code_from(signed_in(app, "admin"))
    join(app, code)
    before = count_of(app, User)

    _, page = join(app, code)

    assert page.status_code == 422
    assert "was used already" in page.text
    assert count_of(app, User) == before


def test_an_expired_link_says_so(app: Flask):
    code = code_from(signed_in(app, "admin"))
    change(app, expires_at=1.0)

    _, page = join(app, code)

    assert page.status_code == 422
    assert "is over a week old" in page.text


def test_a_revoked_link_says_so_however_often_it_was_revoked(app: Flask):
    admin = signed_in(app, "admin")
    code = code_from(admin)
    revoke = re.findall(r'action="(/settings/invitations/\d+/revoke)"', admin.get("/settings/invitations").text)[0]

    for _ in range(2):
        assert admin.post(revoke).status_code == 303
    _, page = join(app, code)

    assert page.status_code == 422
    assert "was withdrawn" in page.text


def test_the_link_of_an_administrator_who_was_shut_out_opens_nothing(app: Flask):
    admin, other = signed_in(app, "admin"), signed_in(app, "admin")
    code = code_from(admin)
    with app.extensions["database"].reading() as session:
        inviter = person_by_email(session, admin.email)
    assert inviter is not None

    other.post(f"/settings/people/{inviter.id}/disable")

    assert "was withdrawn" in join(app, code)[1].text


@pytest.mark.parametrize("code", ["", "x", "x" * 5000, "\0", "🦆", "<script>", "'; --", "a\r\nb"])
def test_a_made_up_code_makes_nothing(app: Flask, code: str):
    _, page = join(app, code)

    assert page.status_code == 422
    assert "is not one that was given out here" in page.text
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "nonsense"}, "must look like name@example.org"),
        ({"password": "short", "again": "short"}, "must have at least 12 characters"),
        ({"again": "another"}, "must be the same password as above"),
    ],
)
def test_what_does_not_fit_is_said_and_the_link_still_works(app: Flask, fields: dict[str, str], words: str):
    code = code_from(signed_in(app, "admin"))

    _, page = join(app, code, **fields)

    assert page.status_code == 422
    assert words in page.text
    assert f'value="{code}"' in page.text
    assert PASSWORD not in page.text
    assert join(app, code)[1].status_code == 303


@pytest.mark.parametrize("spelt", [str, str.upper])
def test_an_address_that_has_an_account_is_said_and_the_link_still_works(app: Flask, spelt: Callable[[str], str]):
    code, taken = code_from(signed_in(app, "admin")), person(app, "viewer")

    _, page = join(app, code, email=spelt(taken))

    assert page.status_code == 422
    assert "has an account here already" in page.text
    assert join(app, code)[1].status_code == 303


def test_a_role_or_note_that_does_not_fit_is_said(app: Flask):
    admin = signed_in(app, "admin")
    admin.get("/settings/invitations")

    page = admin.post("/settings/invitations", {"role": "emperor", "note": "x" * 201})

    assert page.status_code == 422
    assert "must be one of those listed" in page.text
    assert "must have at most 200 characters" in page.text
    assert f'value="{"x" * 201}"' in page.text


def test_two_who_use_one_link_at_once_make_one_account(make_app: Callable[..., Flask], database_url: str):
    app = make_app(database_url)
    code = code_from(signed_in(app, "admin"))
    before, both = count_of(app, User), Barrier(2)

    def join_at_once(name: str) -> int:
        both.wait()
        return join(app, code, email=f"{name}@example.org")[1].status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(join_at_once, ("ada", "bob")))

    assert statuses == [303, 422]
    assert count_of(app, User) == before + 1


def test_who_invited_and_who_joined_is_written_down(app: Flask):
    admin = signed_in(app, "admin")
    newcomer, _ = join(app, code_from(admin, role="operator"))

    with app.extensions["database"].reading() as session:
        made = entries(session, Wanted(who=admin.email, action="invitation-made"), 1)[0]
        used = entries(session, Wanted(who=newcomer.email, action="invitation-used"), 1)[0]
    assert made.subject == used.subject
    assert used.detail == {"role": "operator"}


def test_a_program_of_an_administrator_invites_and_revokes(app: Flask):
    program = program_of(app, "admin", scope="admin")

    made = program.post("/api/v1/invitations", json={"role": "viewer", "note": "by a program"})
    code = made.json["link"].split("#")[1]

    assert (made.status_code, made.json["state"]) == (201, "open")
    assert code not in program.get("/api/v1/invitations").text
    for _ in range(2):
        assert program.delete(f"/api/v1/invitations/{made.json['id']}").status_code == 204
    assert program.get("/api/v1/invitations?limit=1").json[0]["state"] == "revoked"
    assert "was withdrawn" in join(app, code)[1].text
    assert program.delete("/api/v1/invitations/999999").status_code == 404
    assert program_of(app, "admin").post("/api/v1/invitations", json={"role": "viewer"}).status_code == 403
