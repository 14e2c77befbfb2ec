"""`./dyno sweep` against a real server; what a worker node would measure is recorded as it does, while one waits."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from cli.__main__ import main as dyno
from dynometer.__main__ import main as instrument
from dynometer.measure.result import dumps, load
from store import sweeps
from store.newest_sweeps import newest_sweeps
from store.sweep_models import Phase, Sweep, SweepState
from store.values import Slot
from tasks.sweep_end import conclude
from tasks.sweep_result import as_text, fingerprint_of
from tests.app.browsing import serving
from tests.app.conftest import Program, app, program, program_of  # noqa: F401
from tests.report.made import ENVIRONMENT, GIL, made

SUM = ("random-sum", "--param", "numbers=1000", "--models", "sequential,pool", "--workers", "1,2")
RESULT = made(noise=0.01)


@dataclass
class Said:
    status: int
    out: str
    err: str


@dataclass
class Shell:
    """Somebody at a terminal that is none, with a token."""

    program: Program
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        self.monkeypatch.setattr(sys, "argv", ["dyno", "sweep", *words])
        try:
            status = dyno()
        except SystemExit as end:
            status = int(end.code or 0)
        said = self.capsys.readouterr()
        return Said(status, said.out, said.err)

    @property
    def app(self) -> Flask:
        return self.program.client.application  # type: ignore[return-value]

    def brought(self, tmp_path: Path, result=RESULT, name: str = "mine") -> str:
        file = tmp_path / f"{name}.json"
        file.write_text(dumps(result))
        return self("import", str(file)).out.strip()

    def newest(self) -> Sweep:
        with self.app.extensions["database"].reading() as session:
            return newest_sweeps(session, None, 1)[0]


@pytest.fixture
def shell(app: Flask, program: Program, monkeypatch, capsys, tmp_path: Path) -> Iterator[Shell]:  # noqa: F811
    with serving(app) as url:
        monkeypatch.setenv("DYNOMETER_SERVER_URL", url)
        monkeypatch.setenv("DYNOMETER_TOKEN", program.token)
        monkeypatch.setenv("DYNOMETER_DATA_DIR", str(tmp_path / "none"))
        yield Shell(program, monkeypatch, capsys)


def work(shell: Shell, state: SweepState, result=RESULT) -> Callable[[float], None]:
    """In place of a wait of the command: first a node begins, then it has measured everything, then it is over."""
    database, steps = shell.app.extensions["database"], iter(range(100))

    def step(seconds: float) -> None:
        sweep, now = shell.newest(), next(steps)
        if now == 1:
            conclude(database, sweep.id, state, None)
        if now > 0:
            return
        with database.writing() as session:
            held = sweeps.claim(session, sweep.id, Slot(1, 0, 77), "worker.1", 3600.0)
            assert held is not None
            sweeps.begin_again(session, held, as_text(result.environment), fingerprint_of(result.environment))
            sweeps.change(session, held, plan=as_text(result.plan), phase=Phase.MEASURING)
            for number, trial in enumerate(result.trials, 1):
                sweeps.record(session, held, number, "trial", as_text(trial), spent_s=0.5 * number, windows=1)

    return step


def test_a_sweep_is_run_watched_and_reported_as_by_the_instrument(shell: Shell, monkeypatch, tmp_path: Path):
    monkeypatch.setattr("cli.watching.time.sleep", work(shell, SweepState.FINISHED))
    out = tmp_path / "kept.json"

    said = shell("run", *SUM, "--name", "Mine", "--precision", "5", "--out", str(out))
    again = CliRunner().invoke(instrument, ["report", str(out)])

    assert (said.status, shell.newest().name) == (0, "Mine")
    assert said.out == again.stdout
    assert "is accepted: http://127.0.0.1:" in said.err
    assert "waits for a worker process: 0 windows, 0 of 5 points\n" in said.err
    assert f"measures on worker.1: {len(RESULT.trials)} windows, " in said.err
    assert load(out).trials == RESULT.trials


def test_the_same_numbers_come_as_json_csv_and_words(shell: Shell, tmp_path: Path):
    number = shell.brought(tmp_path)

    report = json.loads(shell("report", number, "--json").out)
    exported = shell("export", number, "--as", "json", "--out", str(tmp_path / "fetched.json"))
    words = CliRunner().invoke(instrument, ["report", str(tmp_path / "fetched.json")]).stdout
    shell("export", number, "--as", "csv", "--out", str(tmp_path / "points.csv"))

    assert exported.status == 0
    assert report == json.loads((tmp_path / "fetched.json").read_text())
    assert shell("report", number).out == words
    for point in report["points"]:
        assert repr(point["throughput_per_s"]["value"]) in (tmp_path / "points.csv").read_text()


def test_a_gate_that_is_not_met_ends_with_4(shell: Shell, tmp_path: Path):
    number = shell.brought(tmp_path)

    met = shell("report", number, "--fail-if", "speedup(pool,2) < 1.2")
    missed = shell("report", number, "--fail-if", "speedup(pool,2) < 5")
    unknown = shell("report", number, "--fail-if", "speedup(warp,2) < 5")

    assert [met.status, missed.status, unknown.status] == [0, 4, 2]


def test_a_gate_on_a_point_that_is_not_asked_for_starts_nothing(shell: Shell):
    said = shell("run", *SUM, "--fail-if", "speedup(pool,64) < 1.5")

    assert said.status == 2
    assert "names a point that is not in the sweep" in said.err
    assert shell.newest().state is SweepState.CANCELLED


def test_a_cancelled_sweep_tells_what_it_has_and_ends_with_3(shell: Shell, monkeypatch):
    monkeypatch.setattr("cli.watching.time.sleep", work(shell, SweepState.CANCELLED))

    said = shell("run", *SUM)

    assert said.status == 3
    assert "Verdict" in said.out or "speed" in said.out
    assert "dyno: The sweep was cancelled." in said.err


def test_a_sweep_is_left_to_the_fleet_shown_and_cancelled(shell: Shell):
    begun = shell("run", *SUM, "--no-wait")
    number = begun.out.strip()

    shown, early = shell("show", number), shell("report", number)
    cancelled = shell("cancel", number)

    assert (begun.status, shown.status, early.status, cancelled.status) == (0, 0, 3, 0)
    assert "queued: waits for a worker process: 0 windows, 0 of 5 points" in shown.out
    assert "nothing to report" in early.err
    assert json.loads(shell("show", number, "--json").out)["state"] == "cancelled"


def test_who_waits_no_longer_is_told_that_it_goes_on(shell: Shell, monkeypatch):
    monkeypatch.setattr("cli.watching.time.sleep", lambda seconds: None)

    said = shell("run", *SUM, "--timeout", "0.001")
    number = str(shell.newest().id)

    assert said.status == 6
    assert f"The sweep goes on.  `./dyno sweep report {number}`" in said.err


def test_ctrl_c_leaves_the_sweep_running_and_says_how_to_end_it(shell: Shell, monkeypatch):
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.watching.time.sleep", interrupt)

    said = shell("run", *SUM)

    assert (said.status, shell.newest().state) == (130, SweepState.QUEUED)
    assert f"`./dyno sweep cancel {shell.newest().id}`" in said.err


def test_what_does_not_fit_is_named_and_ends_with_2(shell: Shell):
    said = shell("run", "random-sum", "--workers", "0", "--library-threads", "0")
    missing = shell("show", str(2**40))

    assert (said.status, missing.status) == (2, 1)
    assert "  workers: must be whole numbers" in said.err
    assert "There is no sweep" in missing.err


def test_sweeps_are_listed_with_their_best(shell: Shell, tmp_path: Path):
    number = shell.brought(tmp_path, name="laptop")

    lines = shell("list", "--state", "finished", "--workload", "random-sum").out.splitlines()

    assert lines[0].split() == ["Sweep", "State", "Workload", "Windows", "Best", "Started", "Name"]
    assert lines[1].startswith(f"{number} ")
    assert "vectorised with 1" in lines[1]
    assert lines[1].endswith("laptop")
    assert shell("list", "--state", "failed").out == (
        "No sweeps to show.  `./dyno sweep run random-sum` measures the tutorial case.\n"
    )


def test_a_report_comes_in_as_its_result_does_and_a_broken_file_not_at_all(shell: Shell, tmp_path: Path):
    number = shell.brought(tmp_path)
    report, broken = tmp_path / "report.json", tmp_path / "broken.json"
    report.write_text(shell("report", number, "--json").out)
    broken.write_text('{"format": 1}')

    again, refused = shell("import", str(report), "--name", "Again"), shell("import", str(broken))

    assert (again.status, refused.status) == (0, 2)
    assert shell("export", again.out.strip(), "--as", "csv").out == shell("export", number, "--as", "csv").out
    assert "is no whole result of a sweep" in refused.err


def test_a_link_is_made_and_revoked(shell: Shell, tmp_path: Path):
    number = shell.brought(tmp_path)

    url = shell("share", number).out.strip()
    revoked, again = (shell("share", number, "--revoke", url.rsplit("/", 1)[-1]) for _ in range(2))

    assert "/r/" in url
    assert (revoked.status, again.status) == (0, 1)


def test_two_sweeps_are_compared_as_the_instrument_does(shell: Shell, tmp_path: Path):
    slower = {point: rate * (0.5 if point.model == "pool" else 1.0) for point, rate in GIL.items()}
    other = made(noise=0.01, environment=replace(ENVIRONMENT, python="3.14.0"))
    a, b, c = (
        shell.brought(tmp_path, result, name)
        for name, result in (("a", RESULT), ("b", made(slower, noise=0.01, seed=2)), ("c", other))
    )

    said = shell("compare", a, b)
    by_files = CliRunner().invoke(instrument, ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    gated = shell("compare", a, b, "--fail-if", "change(pool,2) < -5%")
    refused = shell("compare", a, c)

    assert (said.status, gated.status, refused.status) == (0, 4, 7)
    assert said.out == by_files.stdout
    assert "python: 3.11.7 against 3.14.0" in refused.err
    assert shell("compare", a, c, "--across", "python").status == 0
