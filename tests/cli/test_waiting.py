"""What the command line says when the server does not."""

from typing import Any

import pytest

from cli.client import Reply
from cli.refusals import Unreachable
from cli.starting import start_and_wait
from cli.told import table

REQUEST = {"workload": "wait", "items": 3, "variant": None, "max_workers": None, "parameters": (), "inputs": None}
JOB = {
    "id": 21, "workload": "wait", "state": "running", "items_done": 1, "items_total": 3, "items_failed": 0,
    "created_at": "2026-11-23T14:50:01.120000+00:00",
}  # fmt: skip


class Gone:
    """A server that accepts one job and is never heard of again."""

    server = "http://127.0.0.1:8000"

    def post(self, *given: Any, **more: Any) -> Reply:
        return Reply(JOB)

    def get(self, *given: Any, **more: Any) -> Reply:
        raise Unreachable("http://127.0.0.1:8000 does not answer: refused.", hint="Does it run?  `./dyno up`")


def test_a_server_that_is_gone_for_good_leaves_the_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.watching.PATIENCE_S", -1.0)
    monkeypatch.setattr("cli.watching.time.sleep", lambda seconds: None)

    with pytest.raises(Unreachable, match="does not answer") as gone:
        start_and_wait(Gone(), REQUEST)  # type: ignore[arg-type]

    assert gone.value.hint.endswith("`./dyno job show 21` when it is back.")


def test_a_list_lines_up_and_says_what_failed() -> None:
    jobs = [JOB, {**JOB, "id": 3, "state": "partial", "items_failed": 1, "workload": "random-sum"}]

    assert list(table(jobs)) == [
        "Job  State    Workload    Items             Started",
        "21   running  wait        1 of 3            2026-11-23 14:50:01 UTC",
        "3    partial  random-sum  1 of 3, 1 failed  2026-11-23 14:50:01 UTC",
    ]


def test_an_empty_list_is_a_sentence() -> None:
    assert list(table([])) == ["There are no jobs yet."]
