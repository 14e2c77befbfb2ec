"""What is refused before it is read, and what is never told."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.api.blueprint import DEPTH_MAX
from app.assets import asset
from app.front_door import FIELDS_MAX
from app.headers import HEADERS, HSTS
from settings import ConfigError, Settings, child_environment
from tests.app.conftest import SECRET, Browser, Program

PASSWORD = "pass-word-of-the-database"
BROKER_PASSWORD = "pass-word-of-the-broker"


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("levels", "words"), [(DEPTH_MAX, "must be an object"), (DEPTH_MAX + 1, "nested deeper than 32")]
)
def test_json_may_not_be_nested_deeply(program: Program, levels: int, words: str):
    answer = program.post("/api/v1/jobs", data=nested(levels), headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert words in answer.json["detail"]


def test_wide_json_is_not_deep(program: Program):
    body = {"workload": "wait", "items": 1, "parameters": [[] for _ in range(100)]}

    assert "nested" not in program.post("/api/v1/jobs", json=body).json["detail"]


def test_a_form_with_hundreds_of_fields_is_refused(runner: Browser):
    fields = {f"field-{number}": "x" for number in range(FIELDS_MAX)}

    answer = runner.post("/jobs/new?workload=wait", fields)

    assert answer.status_code == 400
    assert "at most 200 fields" in answer.text


def test_a_form_without_a_file_is_no_upload(app: Flask, runner: Browser):
    usual = app.extensions["settings"].body_max_bytes

    answer = runner.post("/jobs/new?workload=wait", {"text": "x" * usual})

    assert answer.status_code == 413


def test_static_files_carry_the_same_headers_and_open_to_no_other_origin(app: Flask):
    with app.test_client().get(asset("css/base.css"), base_url="https://localhost") as answer:
        assert answer.headers["Strict-Transport-Security"] == HSTS
        assert "Access-Control-Allow-Origin" not in answer.headers
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_pages_of_somebody_are_in_no_cache(runner: Browser):
    for path in ("/", "/jobs", "/workloads", "/nothing"):
        assert runner.get(path).headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("hops", [0, 1])
def test_a_forged_scheme_or_host_counts_only_behind_as_many_proxies(
    make_app: Callable[..., Flask], make_database: Callable[[str], str], hops: int
):
    client = make_app(make_database("sqlite"), proxy_hops=hops).test_client()
    claimed = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}

    answer = client.get("/setup", headers=claimed)

    assert answer.status_code == (400 if hops else 200)  # the one proxy says a host that is not ours
    assert ("Strict-Transport-Security" in answer.headers) == bool(hops)
    assert "/evil" not in answer.text


@pytest.mark.parametrize("secret", ["", "short", "a-secret-of-31-characters-is-no"])
def test_it_does_not_start_without_a_secret_of_its_own(make_app: Callable[..., Flask], secret: str):
    with pytest.raises(ConfigError, match="at least 32 characters") as refused:
        make_app("sqlite://", secret_key=secret)

    assert not secret or secret not in str(refused.value)


def test_no_log_and_no_page_tells_a_secret(make_app: Callable[..., Flask], capfd: pytest.CaptureFixture[str]):
    url = f"postgresql+psycopg2://somebody:{PASSWORD}@127.0.0.1:1/nothing"
    app = make_app(url, broker_url=f"amqp://somebody:{BROKER_PASSWORD}@127.0.0.1:1//", log_level="debug")

    @app.get("/explodes")
    def explodes() -> Any:
        raise RuntimeError(str(app.extensions["settings"]))

    from app.access import ANONYMOUS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.access.ANONYMOUS", ANONYMOUS | {"explodes"})
        client = app.test_client()
        pages = [client.get(path).text for path in ("/explodes", "/readyz", "/jobs", "/sign-in", "/nothing")]
    logged = "".join(capfd.readouterr())

    assert "RuntimeError" in logged
    for secret in (PASSWORD, BROKER_PASSWORD, SECRET):
        assert secret not in logged
        assert not [page for page in pages if secret in page]


READS = """
import os, sys, json
from settings import settings_of_this_process
settings = settings_of_this_process()
again = settings_of_this_process()
print(json.dumps([again.secret_key, settings.database_url, dict(os.environ)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are spawned and read it again")
def test_what_a_node_starts_inherits_no_secret(checkout: Path):
    given = {"DYNOMETER_SECRET_KEY": SECRET, "DATABASE_URL": f"postgresql://u:{PASSWORD}@h/d",
             "REDIS_URL": f"redis://:{BROKER_PASSWORD}@h", "DYNOMETER_TOKEN": "token-of-mine"}  # fmt: skip

    done = subprocess.run([sys.executable, "-c", READS], cwd=checkout, env=child_environment(**given),
                          capture_output=True, text=True, check=True)  # fmt: skip
    secret, url, left = json.loads(done.stdout)

    assert (secret, url) == (SECRET, f"postgresql+psycopg2://u:{PASSWORD}@h/d")
    for value in (SECRET, PASSWORD, BROKER_PASSWORD, "token-of-mine"):
        assert value not in json.dumps(left)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
def test_a_nodes_memory_is_its_own(checkout: Path):
    program = (
        "import ctypes, os; from tasks.private_memory import keep_memory_private; keep_memory_private();"
        "pid = os.fork();"
        "print(ctypes.CDLL(None).prctl(3)) if pid == 0 else os.waitpid(pid, 0)"  # 3 is PR_GET_DUMPABLE
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, check=True)

    assert done.stdout == "0\n"  # in the forked child too


def test_settings_do_not_show_their_secrets():
    shown = repr(
        Settings(secret_key=SECRET, database_url=f"postgresql+psycopg2://u:{PASSWORD}@h/d", token="mine-alone")
    )

    assert not [secret for secret in (SECRET, PASSWORD, "mine-alone") if secret in shown]
