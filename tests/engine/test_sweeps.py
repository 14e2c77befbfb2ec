"""Sweeps in the database: admitted with a checked plan, recorded behind a fence, ended once."""

import dataclasses
import json
import math

import pytest

from dynometer.errors import InvalidInput, NotFound
from dynometer.measure.events import kind_of
from dynometer.measure.machine import Environment
from dynometer.measure.result import dumps
from dynometer.measure.trial import Point, Setback, Standing
from dynometer.report.report import make_report
from settings import Settings
from store import sweeps
from store.database import Database
from store.sweep_models import Origin, Sweep, SweepState
from store.sweeps import Held
from store.values import Slot
from tasks.jobs import KeyReused
from tasks.quotas import OverQuota
from tasks.sweep_result import as_text, event_of, fingerprint_of, result_of
from tasks.sweeps import SweepRequest, admit, cancel, import_result
from tests.report.made import ENVIRONMENT, GIL, made

LEASE_S = 30.0
SLOT = Slot(1, 0, 4242)
REQUEST = SweepRequest("random-sum", parameters={"numbers": 1000}, models=["sequential", "pool"], workers=[1, 2])


def admitted(database: Database, owner: int, settings: Settings, request: SweepRequest = REQUEST) -> Sweep:
    with database.writing() as session:
        return admit(session, owner, request, settings).sweep


def claimed(database: Database, sweep: Sweep, slot: Slot = SLOT) -> Held | None:
    with database.writing() as session:
        return sweeps.claim(session, sweep.id, slot, "by-hand", LEASE_S)


def recorded(database: Database, held: Held, number: int, event: object) -> bool:
    with database.writing() as session:
        return sweeps.record(session, held, number, "trial", as_text(event), spent_s=1.0, windows=1)


def kept(database: Database, sweep_id: int) -> tuple[Sweep, list[object]]:
    with database.reading() as session:
        sweep = sweeps.sweep_of(session, sweep_id)
        assert sweep is not None
        return sweep, [event_of(row) for row in sweeps.events_of(session, sweep_id, sweep.epoch)]


def test_a_request_becomes_a_plan_that_waits(database: Database, owner: int, settings: Settings) -> None:
    sweep = admitted(database, owner, settings)

    with database.reading() as session:
        assert sweeps.is_waiting(session, sweep.id)
    with_diagnosis = ["sequential", "pool", "threads"]
    assert (sweep.state, sweep.models) == (SweepState.QUEUED, with_diagnosis)


def test_every_wrong_field_is_named_at_once_and_nothing_is_started(
    database: Database, owner: int, settings: Settings
) -> None:
    request = SweepRequest("random-sum", parameters={"numbers": "many"}, models=["poll"], workers=[0],
                           variants=["rust"], budget_s=math.nan, items=0, name="\n")  # fmt: skip

    with pytest.raises(InvalidInput) as refused, database.writing() as session:
        admit(session, owner, request, settings)

    assert set(refused.value.fields) == {"parameters.numbers", "models", "workers", "variants", "budget_s", "items",
                                         "name"}  # fmt: skip
    assert "Did you mean pool?" in refused.value.fields["models"]
    with database.reading() as session:
        assert sweeps.count_open(session) == 0


@pytest.mark.parametrize("workload", ["/etc/passwd.py:main", "os:getcwd", "nothing"])
def test_only_installed_workloads_are_measured(
    database: Database, owner: int, settings: Settings, workload: str
) -> None:
    with pytest.raises(NotFound), database.writing() as session:
        admit(session, owner, SweepRequest(workload), settings)


def test_the_same_key_leads_to_the_same_sweep_and_another_request_is_refused(
    database: Database, owner: int, settings: Settings
) -> None:
    with database.writing() as session:
        first = admit(session, owner, REQUEST, settings, idempotency_key="k")
        again = admit(session, owner, REQUEST, settings, idempotency_key="k")
        with pytest.raises(KeyReused):
            admit(session, owner, dataclasses.replace(REQUEST, budget_s=9.0), settings, idempotency_key="k")

    assert (first.is_new, again.is_new, first.sweep.id) == (True, False, again.sweep.id)


def test_more_sweeps_than_one_person_may_have_are_refused(database: Database, owner: int, settings: Settings) -> None:
    few = dataclasses.replace(settings, open_sweeps_max=1)
    admitted(database, owner, few)

    with pytest.raises(OverQuota, match="1 of your sweeps"):
        admitted(database, owner, few)


def test_one_process_at_a_time_holds_a_sweep(database: Database, owner: int, settings: Settings) -> None:
    sweep = admitted(database, owner, settings)

    assert claimed(database, sweep) == Held(sweep.id, 1)
    assert claimed(database, sweep, Slot(2, 0, 1)) is None


def test_an_event_is_kept_once_however_often_it_is_recorded(database: Database, owner: int, settings: Settings) -> None:
    sweep, trial = admitted(database, owner, settings), made().trials[0]
    held = claimed(database, sweep)
    assert held

    assert recorded(database, held, 1, trial)
    assert recorded(database, held, 1, trial)  # the answer to the first commit was lost

    after, events = kept(database, sweep.id)
    assert (events, after.windows) == ([trial], 1)


def test_who_lost_the_sweep_records_nothing_more(database: Database, owner: int, settings: Settings) -> None:
    sweep, trial = admitted(database, owner, settings), made().trials[0]
    late = claimed(database, sweep)
    assert late
    with database.writing() as session:
        sweeps.put_back(session, sweep.id, late.fence)
    claimed(database, sweep, Slot(2, 0, 1))

    assert not recorded(database, late, 1, trial)
    assert kept(database, sweep.id)[1] == []


def test_curves_that_begin_again_leave_the_earlier_windows_out(
    database: Database, owner: int, settings: Settings
) -> None:
    sweep, [first, second, *_] = admitted(database, owner, settings), made().trials
    held = claimed(database, sweep)
    assert held
    recorded(database, held, 1, first)
    with database.writing() as session:
        sweeps.begin_again(session, held, as_text(ENVIRONMENT), "another")

    assert recorded(database, held, 2, second)

    after, events = kept(database, sweep.id)
    assert (events, after.windows, after.fingerprint) == ([second], 1, "another")


def test_a_cancelled_sweep_keeps_its_windows_and_a_verdict(database: Database, owner: int, settings: Settings) -> None:
    sweep, held = admitted(database, owner, settings), None
    held = claimed(database, sweep)
    assert held
    with database.writing() as session:
        sweeps.change(session, held, environment=as_text(ENVIRONMENT), fingerprint="f", offers="[]")
    for number, trial in enumerate(made(GIL).trials[:8], 1):
        recorded(database, held, number, trial)

    assert cancel(database, sweep.id)
    assert not cancel(database, sweep.id)

    after, events = kept(database, sweep.id)
    result = result_of(after, events)  # type: ignore[arg-type]  # they are events
    assert result
    assert (after.state, after.windows, after.verdict) == (SweepState.CANCELLED, 8, make_report(result).verdict)
    with database.reading() as session:
        assert not sweeps.is_held(session, held)  # so whoever measures ends it


def test_one_that_no_node_has_begun_is_cancelled_too(database: Database, owner: int, settings: Settings) -> None:
    sweep = admitted(database, owner, settings)

    assert cancel(database, sweep.id)

    assert (kept(database, sweep.id)[0].state, kept(database, sweep.id)[0].verdict) == (SweepState.CANCELLED, None)


def test_a_file_of_the_command_line_comes_back_equal(database: Database, owner: int, settings: Settings) -> None:
    lost = Setback(Point("native", "numba", 1), Standing.UNAVAILABLE, "Numba is not installed.")
    result = made(GIL, noise=0.01, setbacks=[lost])
    with database.writing() as session:
        sweep = import_result(session, owner, result, "from the laptop", settings)

    after, events = kept(database, sweep.id)
    again = result_of(after, events)  # type: ignore[arg-type]  # they are events
    assert again
    assert after.origin is Origin.IMPORTED
    times = ("started_at", "format")
    assert {name: value for name, value in json.loads(dumps(again)).items() if name not in times} == {
        name: value for name, value in json.loads(dumps(result)).items() if name not in times}  # fmt: skip
    best = next(point for point in make_report(result).summary.points if point.point.model == "vectorised").speedup
    assert best
    assert (after.best_model, after.best_speedup) == ("vectorised", pytest.approx(best.value))


@pytest.mark.parametrize("changes", [{"wall_s": 0.0}, {"wall_s": -1.0}, {"items": 0}, {"wall_s": 1e-320}])
def test_a_file_that_no_report_can_be_made_of_is_refused(
    database: Database, owner: int, settings: Settings, changes: dict[str, float]
) -> None:
    result = made(GIL)
    broken = dataclasses.replace(result, trials=(dataclasses.replace(result.trials[0], **changes), *result.trials[1:]))

    with pytest.raises(InvalidInput, match="nothing was kept"), database.writing() as session:
        import_result(session, owner, broken, "", settings)


@pytest.mark.parametrize(
    ("change", "is_alike"),
    [({"load_before": 9.0}, True), ({"hash_seed": "7"}, True), ({"python": "3.12.1"}, False),
     ({"versions": {"dynometer": "0.1.0", "numpy": "9"}}, False), ({"cpus_usable": 4.0}, False)],
)  # fmt: skip
def test_machines_are_alike_whatever_their_load(change: dict[str, object], is_alike: bool) -> None:
    other: Environment = dataclasses.replace(ENVIRONMENT, **change)  # type: ignore[arg-type]

    assert (fingerprint_of(other) == fingerprint_of(ENVIRONMENT)) is is_alike


def test_every_event_has_a_row_of_its_kind() -> None:
    assert [kind_of(event) for event in (made().trials[0], made().probes[0])] == ["trial", "probe"]
