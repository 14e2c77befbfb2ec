"""Three installations to look at: one before its first administrator, one with nobody's job, one that is lived in."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from store.account_models import Passkey
from store.database import now_s
from store.models import Job, JobState
from store.people import person_by_email
from store.sweep_models import Origin, Phase
from tests.app import made_sweeps
from tests.app.brittle_workload import with_brittle
from tests.app.conftest import PASSWORD, Browser, job_of, let_workers_work, signed_in
from tests.report.made import ENVIRONMENT
from tests.report.made import made as measured

LONG_AGO_S = 3600
ELSEWHERE = replace(ENVIRONMENT, cpu_model="Another CPU", python="3.13.1")
SECURITY = "/settings/security"


@dataclass
class Installation:
    """An app, where it is served, who may look, and the numbers that addresses need."""

    app: Flask
    url: str
    people: dict[str, Browser] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def change(self, job_id: int, **values: object) -> None:
        """A job as it would be later."""
        with self.app.extensions["database"].writing() as session:
            session.execute(update(Job).where(Job.id == job_id).values(**values))

    def cookie_of(self, who: str) -> str:
        cookie = self.people[who].client.get_cookie("dynometer")
        assert cookie is not None
        return cookie.value


def empty(app: Flask, url: str) -> Installation:
    return Installation(app, url, {role: signed_in(app, role) for role in ("admin", "viewer")})


def lived_in(app: Flask, url: str) -> Installation:
    """Jobs in every state, so many that the list has a second page; people with all they may have."""
    made = Installation(app, url, {role: signed_in(app, role) for role in ("admin", "viewer", "runner")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dynometer.workloads._found", with_brittle)
        jobs(made)
    sweeps(made)
    accounts(made)
    return made


def start(browser: Browser, workload: str, **fields: str) -> int:
    browser.get(f"/jobs/new?workload={workload}")
    return job_of(browser.post(f"/jobs/new?workload={workload}", fields))


def jobs(made: Installation) -> None:
    admin, ids = made.people["admin"], made.ids
    paints = {"parameters.width": "64", "parameters.height": "48"}
    ids["partial"] = start(admin, "brittle")
    ids["succeeded"] = start(admin, "mandelbrot", items="16", **paints)
    ids["running"] = start(admin, "mandelbrot", items="16", **paints)
    ids["cancelled"] = start(admin, "wait", items="4", **{"parameters.seconds": "0"})
    ids["failed"] = start(admin, "wait", items="1", **{"parameters.seconds": "0"})
    for name in list(ids):
        made.change(ids[name], state=JobState.QUEUED, ended_at=None)  # the one before cancelled what was open
        let_workers_work(made.app, ids[name])
    made.change(ids["running"], state=JobState.RUNNING, ended_at=None, items_total=24, value=None,
                started_at=now_s() - LONG_AGO_S, created_at=now_s() - LONG_AGO_S)  # fmt: skip
    made.change(ids["cancelled"], state=JobState.CANCELLED, items_total=9)
    made.change(ids["failed"], state=JobState.FAILED, failure="No item has a value. Item 0: division by zero.")
    with made.app.extensions["database"].writing() as session:
        owner = person_by_email(session, made.people["runner"].email)
        assert owner is not None
        ended = {"state": JobState.SUCCEEDED, "started_at": now_s(), "ended_at": now_s(), "items_total": 1}
        for _ in range(25):
            session.add(Job(owner_id=owner.id, workload="wait", variant="python", parameters={}, **ended))
    let_workers_work(made.app, start(admin, "random-sum", items="12", **{"parameters.numbers": "100"}))
    made.change(ids["running"], state=JobState.RUNNING, ended_at=None)
    ids["queued"] = start(admin, "factorise", items="12")


def sweeps(made: Installation) -> None:
    """In every state; one with a public link, and one that was measured on another machine."""
    app, admin, ids = made.app, made.people["admin"], made.ids
    ids["sweep-elsewhere"] = made_sweeps.finished(app, admin.email, measured(environment=ELSEWHERE))
    ids["sweep-before"] = made_sweeps.finished(app, admin.email, measured(noise=0.01, seed=2), "Before")
    ids["sweep-finished"] = made_sweeps.finished(app, admin.email)
    ids["sweep-short"] = made_sweeps.finished(app, admin.email, measured(made_sweeps.SHORT, noise=0.01), "Short")
    ids["sweep-lost"] = made_sweeps.finished(
        app, admin.email, measured(noise=0.06, setbacks=made_sweeps.LOST), "With setbacks", Origin.IMPORTED
    )
    ids["sweep-cancelled"] = made_sweeps.cancelled(app, admin.email)
    ids["sweep-failed"] = made_sweeps.failed(app, admin.email)
    ids["sweep-running"] = made_sweeps.running(app, admin.email)
    made_sweeps.change(app, ids["sweep-running"], remarks=["Its process was killed.", "worker.1 goes on from there."])
    ids["sweep-proving"] = made_sweeps.running(app, admin.email, blocks=0, phase=Phase.PROVING)
    ids["sweep-queued"] = made_sweeps.queued(app, admin.email)
    ids["sweep-viewers"] = made_sweeps.finished(app, made.people["viewer"].email)
    ids["slug"] = made_sweeps.shared(app, admin.email, ids["sweep-finished"])


def accounts(made: Installation) -> None:
    """The runner has a second factor and is half-way in elsewhere, the viewer is setting one up."""
    admin, runner = made.people["admin"], made.people["runner"]
    authenticator = scan(runner)
    runner.post(f"{SECURITY}/codes", {"code": authenticator.now()})
    scan(made.people["viewer"])
    half_way = made.people["half-way"] = Browser(made.app.test_client())
    half_way.get("/sign-in")
    half_way.post("/sign-in", {"email": runner.email, "password": PASSWORD})
    for note in ("Ada", "the whole team"):
        admin.get("/settings/invitations")
        admin.post("/settings/invitations", {"role": "runner", "note": note})
    admin.get("/settings/tokens")
    for name in ("nightly build", "a dashboard"):
        admin.post("/settings/tokens", {"name": name, "scope": "read", "days": "30", "password": PASSWORD}, follow=True)
    with made.app.extensions["database"].writing() as session:
        users = [person_by_email(session, each.email) for each in (admin, runner)]
        keys = [
            Passkey(user_id=user.id, credential_id=f"{user.id}", public_key=b"key", sign_count=0, name="Blue laptop")
            for user in users if user is not None
        ]  # fmt: skip
        session.add_all(keys)
        session.flush()
        made.ids |= {"person": keys[1].user_id, "passkey": keys[0].id}


def scan(browser: Browser) -> pyotp.TOTP:
    """What an authenticator app knows once it has seen the picture."""
    browser.get(f"{SECURITY}/codes/set-up")
    page = browser.post(f"{SECURITY}/codes/set-up", {"password": PASSWORD}, follow=True)
    letters = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert letters
    return pyotp.TOTP(letters[1].replace(" ", ""))


MAKERS: dict[str, Callable[[Flask, str], Installation]] = {"new": Installation, "empty": empty, "lived in": lived_in}
