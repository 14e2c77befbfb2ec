"""What holds for every execution model: a new one is tested by being listed."""

import os
import signal
import threading

import pytest

from dynometer.errors import InvalidInput, NotFound
from dynometer.execution import MODELS, all_models, find
from dynometer.execution.faults import CallFailed, NotPortable, NotPrepared, Unavailable, WorkersLost
from dynometer.execution.model import Needs, Work
from dynometer.execution.work import make_work, prepared
from tests.execution.conftest import alive, children, own

CALLING = [key for key, model in all_models().items()
           if model.needs is Needs.CALL and key not in ("vectorised", "native", "cluster", "interpreters")]
OF_PROCESSES = [key for key in CALLING if find(key).uses_processes]
KILLED_FOR_GOOD = [key for key in OF_PROCESSES if key != "daemons"]
EACH_WAY = [(key, method) for key in CALLING for method in (("fork", "spawn") if key in OF_PROCESSES else ("fork",))]


def workers_of(key, wanted=2):
    return min(wanted, find(key).most_workers or wanted)


@pytest.mark.parametrize(("key", "method"), EACH_WAY)
def test_values_come_back_whole_and_in_order(key, method, crew):
    work = make_work("random-sum", "python", {"numbers": 20}, 10)
    expected = list(map(prepared(work), range(10)))

    started = crew(key, work, workers_of(key), method)

    assert started.run(range(10), 1) == expected
    assert started.run(list(range(10)), 3) == expected  # the last chunk has one item
    assert started.run([3], 100) == [expected[3]]
    assert started.run([], 1) == []


@pytest.mark.parametrize("key", CALLING)
def test_a_call_that_raises_is_named_by_its_item(key, crew):
    started = crew(key, own("raises_at_five"), workers_of(key))

    with pytest.raises(CallFailed, match=r"^Item 5 raised ValueError: five is right out\.$") as failed:
        started.run(range(8), 2)

    assert failed.value.item == 5


@pytest.mark.parametrize("key", CALLING)
def test_a_call_that_wants_to_leave_python_has_only_failed(key, crew):
    with pytest.raises(CallFailed, match=r"^Item 5 raised SystemExit: enough\.$"):
        crew(key, own("leaves_at_five"), workers_of(key)).run(range(8), 2)


@pytest.mark.parametrize("key", CALLING)
def test_work_that_cannot_be_prepared_is_said_before_anything_runs(key):
    broken = Work("random-sum", "python", {"numbers": "many"})

    with (pytest.raises(NotPrepared, match="numbers must be a whole number"),
          find(key).crew(broken, workers_of(key), "fork")):
        pass


@pytest.mark.parametrize("key", OF_PROCESSES)
def test_a_value_that_cannot_travel_is_said_in_one_sentence(key, crew):
    started = crew(key, own("returns_a_lock"))

    with pytest.raises(NotPortable, match=r"^The value of item 0 can't travel .*cannot pickle '_thread.lock' object"):
        started.run([1], 1)


@pytest.mark.parametrize("key", KILLED_FOR_GOOD)
def test_a_worker_that_is_killed_ends_the_run_with_its_signal(key, crew):
    started = crew(key, own("kills_itself_at_five"))

    with pytest.raises(WorkersLost, match="was killed by SIGKILL"):
        started.run(range(8), 1)


@pytest.mark.parametrize("key", KILLED_FOR_GOOD)
def test_a_worker_killed_while_it_waits_is_noticed_too(key, crew):
    started = crew(key, own("process_id"), 1)
    [worker] = started.run([0], 1)

    os.kill(worker, signal.SIGKILL)
    assert not alive([worker])

    with pytest.raises(WorkersLost, match="was killed by SIGKILL"):
        started.run(range(8), 1)


@pytest.mark.parametrize("key", ["processes-manager", "daemons"])
def test_a_model_notices_when_the_process_behind_its_workers_is_killed(key, crew):
    started = crew(key, own("process_id"), 2)
    [behind] = set(started.process_ids()) - set(started.run(range(200), 1))

    os.kill(behind, signal.SIGKILL)

    with pytest.raises(WorkersLost, match=f"process {behind} was killed by SIGKILL"):
        run_on(started)  # its threads may die a moment after it


def run_on(started):
    for _ in range(100):
        started.run(range(200), 1)


def test_a_daemon_that_is_killed_comes_back_and_its_work_is_done_again(crew, tmp_path):
    items = [str(tmp_path / "first"), str(tmp_path / "second")]
    started = crew("daemons", own("kills_itself_once"))

    assert started.run(items, 1) == items


def test_work_that_kills_every_daemon_is_given_up(crew):
    started = crew("daemons", own("kills_itself_at_five"))

    with pytest.raises(WorkersLost, match=r"SIGKILL\. It was the third daemon in turn that item 5 ended"):
        started.run(range(8), 1)


@pytest.mark.parametrize("key", OF_PROCESSES)
def test_no_process_outlives_its_crew_whatever_happened(key):
    process_ids = []

    with pytest.raises(KeyboardInterrupt):
        interrupted(key, process_ids)

    assert len(process_ids) >= 2
    assert not alive(process_ids)
    assert not children()


def interrupted(key, process_ids):
    with find(key).crew(own("square"), 2, "fork") as started:
        process_ids.extend(started.process_ids())
        raise KeyboardInterrupt


@pytest.mark.parametrize("key", CALLING)
def test_the_workers_cpu_is_counted_and_grows(key, crew):
    started = crew(key, make_work("random-sum", "python", {"numbers": 2_000}, 4), workers_of(key))
    before = started.worker_cpu_s()

    started.run(range(4), 1)

    assert started.worker_cpu_s() > before


@pytest.mark.parametrize("key", OF_PROCESSES)
def test_calls_run_in_the_processes_that_are_named(key, crew):
    started = crew(key, own("process_id"))

    seen = set(started.run(range(20), 1))

    assert seen <= set(started.process_ids())
    assert os.getpid() not in seen


@pytest.mark.parametrize("key", [key for key in MODELS if key not in ("cluster", "interpreters")])
@pytest.mark.parametrize("workers", [0, -1])
def test_no_worker_at_all_is_refused(key, workers):
    with pytest.raises(InvalidInput, match="at least 1 worker"), find(key).crew(own("square"), workers, "fork"):
        pass


@pytest.mark.parametrize("key", [key for key, model in all_models().items() if model.most_workers == 1])
def test_a_model_without_workers_takes_no_second(key):
    with pytest.raises(InvalidInput, match="no more than 1 worker"), find(key).crew(own("square"), 2, "fork"):
        pass


@pytest.mark.parametrize("key", OF_PROCESSES)
def test_an_unknown_start_method_is_refused(key):
    with pytest.raises(InvalidInput, match="start method must be one of"), find(key).crew(own("square"), 1, "teleport"):
        pass


@pytest.mark.parametrize("key", OF_PROCESSES)
def test_processes_that_the_system_refuses_are_said_in_one_sentence(key, monkeypatch):
    def refuse():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)

    with (pytest.raises(Unavailable, match=r"could not be started: .*Resource temporarily unavailable"),
          find(key).crew(own("square"), 2, "fork")):
        pass


@pytest.mark.parametrize("key", ["threads", "daemon-threads", "event-loop-threads"])
def test_threads_that_the_system_refuses_are_said_in_one_sentence_and_the_others_end(key, monkeypatch):
    start, asked = threading.Thread.start, []

    def refuse_the_third(thread):
        asked.append(thread)
        if len(asked) == 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_third)

    with (pytest.raises(Unavailable, match="3 workers could not be started: can't start new thread"),
          find(key).crew(own("square"), 3, "fork")):
        pass

    assert not any(thread.is_alive() for thread in asked)


@pytest.mark.parametrize("key", MODELS)
def test_every_model_says_when_it_wins_and_what_it_costs(key):
    model = find(key)

    assert model.key == key
    assert "ins " in model.__doc__
    assert "cost" in model.__doc__.lower()


@pytest.mark.parametrize("key", MODELS)
def test_a_variant_that_is_not_there_is_a_reason_not_an_error(key):
    reason = find(key).why_not(Work("wait", "fortran", {"seconds": 0.0}))

    assert reason.endswith(".")


def test_a_slip_of_the_pen_gets_a_hint():
    with pytest.raises(NotFound, match="There is no execution model 'tread'") as missing:
        find("tread")

    assert missing.value.hint == "Did you mean threads?"


def test_a_wild_guess_gets_the_list():
    with pytest.raises(NotFound) as missing:
        find("\ud800" * 10_000)

    assert "sequential, vectorised" in missing.value.hint
    assert len(str(missing.value)) < 600


def test_the_cluster_waits_for_a_fleet():
    cluster = find("cluster")

    with pytest.raises(Unavailable, match="needs a fleet"):
        cluster.crew(own("square"), 1, "fork")

    assert "needs a fleet" in cluster.why_not(own("square"))
