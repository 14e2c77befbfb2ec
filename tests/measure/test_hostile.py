"""Functions that do the worst: a sweep says so in a sentence, goes on, and leaves no process."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from dynometer.measure import bench as bench_module
from dynometer.measure import offspring, surroundings
from dynometer.measure.bench import PointFailed, ProcessBench
from dynometer.measure.codec import to_json
from dynometer.measure.naming import item_name
from dynometer.measure.offspring import Limits, Lost, listen
from dynometer.measure.order import Job, Order, ProofOrder, WindowOrder
from dynometer.measure.spread import picked
from dynometer.measure.trial import Point
from tests.services import until

pytestmark = pytest.mark.usefixtures("no_process_left")

FUNCTIONS = '''
import os, signal, sys, threading, time

def raises(item):
    raise ValueError("no\\nway")

def leaves(item):
    sys.exit(3)

def unpicklable(item):
    return threading.Lock()

def dies(item):
    os.kill(os.getpid(), signal.SIGKILL)

def ends(item):
    os._exit(7)

def hangs(item):
    time.sleep(3600)

def forks(item):
    while True:
        if os.fork() == 0:
            time.sleep(3600)

def stay(item):
    with open(f"{__file__}.stays", "a") as told:
        print(os.getpid(), file=told, flush=True)
    time.sleep(3600)

def escapes(item):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            stay(item)
        os._exit(0)
    os.wait()
    time.sleep(0.3)  # long items: few calls
    return 0

def copies_itself(item):
    if os.fork() == 0:
        stay(item)
    time.sleep(0.3)
    return 0

def prints(item):
    os.write(1, b'{"kind": "end"}\\n' + b"\\xff" * 10_000)
    print("garbage", flush=True)
    print("more of it", file=sys.stderr)
    return item

def asks(item):
    return input() if item else item

def picky(item):
    if item == 25 or item == "bad":
        raise ValueError("not this one")
    return item

seen = []

def counts(item):
    seen.append(item)
    return len(seen)

def differs(item):
    return (item, os.getpid())
'''


@pytest.fixture
def function(tmp_path):
    path = tmp_path / "hostile.py"
    path.write_text(FUNCTIONS)
    return lambda name: f"{path}:{name}"


def job_of(workload):
    return Job(workload, {}, 4, None, "fork")


def window_of(workload, model="sequential", workers=1, **changes):
    facts = {"job": job_of(workload), "point": Point(model, "python", workers), "block": 0, "place": 0, "attempt": 1,
             "chunk": 1, "window_s": 0.01, "longest_s": 0.01, "cpus_usable": 2.0, "sample": 4, "items": 4}
    return WindowOrder(**(facts | changes))


def measure(order, item_limit_s=30.0):
    with ProcessBench(1, item_limit_s) as bench:
        return bench.window(order, time.perf_counter() + 60)


@pytest.mark.parametrize(("name", "model", "sentence"), [
    ("raises", "sequential", "Item 0 raised ValueError: no way."),
    ("raises", "pool", "Item 0 raised ValueError: no way."),
    ("leaves", "sequential", "Item 0 raised SystemExit: 3."),
    ("unpicklable", "pool", "can't travel between processes"),
    ("dies", "sequential", "The process that measured was killed by SIGKILL during the call of item 0."),
    ("dies", "pool", "was killed by SIGKILL"),
    ("ends", "threads", "The process that measured ended by itself, with exit code 7, during the call of item 0."),
    ("missing", "sequential", "has no function 'missing'"),
])
def test_a_broken_function_fails_its_point_with_a_sentence(function, name, model, sentence):
    with pytest.raises(PointFailed) as failure:
        measure(window_of(function(name), model))

    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("model", ["sequential", "threads", "pool", "processes-manager", "daemons"])
def test_a_failing_item_is_named_by_the_users_own_number(function, model):
    made = replace(window_of(function("picky"), model), sample=50, items=50, chunk=7)
    given = tuple("bad" if place == 40 else "good" for place in range(50))
    inputs = picked(given, 50, 50)
    own = replace(made, job=replace(made.job, items=50, inputs=inputs, inputs_count=50))

    with pytest.raises(PointFailed, match=r"^Item 25 raised ValueError: not this one\.$"):
        measure(replace(made, job=replace(made.job, items=50)))
    with pytest.raises(PointFailed, match=r"^Item 40 \('bad'\) raised ValueError: not this one\.$"):
        measure(own)


def test_the_proof_names_a_failing_item_by_the_users_own_number(function):
    job = replace(job_of(function("picky")), items=3, inputs=picked(("x", "good", "bad"), 3, 3), inputs_count=3)
    with ProcessBench(1, 30.0) as bench:
        [reference] = bench.prove(ProofOrder(job, Point("sequential", "python", 1), ()), time.perf_counter() + 60)

    assert reference.reason == "Item 2 ('bad') raised ValueError: not this one."


@pytest.mark.parametrize(("name", "sentence"), [
    ("unpicklable", "The function returns what JSON can't say: item 0 gives a value of the type lock."),
    ("counts", "The function gives another value each time: called again, item 0 gives"),
])
def test_a_function_whose_values_can_not_be_compared_is_explained_at_once(function, name, sentence):
    with ProcessBench(1, 30.0) as bench:
        points = (Point("pool", "python", 2),)
        [reference] = bench.prove(ProofOrder(job_of(function(name)), Point("sequential", "python", 1), points),
                                  time.perf_counter() + 60)

    assert reference.has_failed
    assert reference.reason.startswith(sentence)


def test_a_long_item_is_shown_by_its_beginning():
    assert len(item_name(3, ["a long text"] * 100)) < 80
    assert item_name(3, 3) == "item 3"


@pytest.mark.parametrize("model", ["sequential", "pool"])
def test_a_function_that_hangs_is_stopped_after_the_time_an_item_may_take(function, model):
    with pytest.raises(PointFailed, match=r"^It hung: the call of .* not ended after .* 0\.05 s \(--item-limit\)\.$"):
        measure(window_of(function("hangs"), model), item_limit_s=0.05)


def test_a_window_is_given_up_when_the_sweep_has_no_time_left(function):
    with ProcessBench(1, 3600.0) as bench:
        assert bench.window(window_of(function("hangs")), time.perf_counter() - 2) is None


def test_a_function_that_forks_without_end_is_stopped(function, tmp_path):
    limits = Limits(time.perf_counter() + 60, 60.0, most_processes=30)

    with pytest.raises(Lost, match="It started more than 31 processes"):
        list(listen(Order(window=window_of(function("forks"))), limits, 1, tmp_path))


@pytest.mark.parametrize("name", ["escapes", "copies_itself"])
def test_what_a_function_leaves_behind_is_ended(function, tmp_path, name):
    trial = measure(window_of(function(name), items=1))

    left = [int(pid) for pid in (tmp_path / "hostile.py.stays").read_text().split()]
    assert trial.items == 1
    assert len(left) == 2  # one of the warm-up, one of the window
    until(lambda: not any(map(is_alive, left)), "what it left behind is gone")


def is_alive(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_what_a_function_prints_is_its_own_affair(function):
    assert measure(window_of(function("prints"))).items == 4


def test_a_function_that_asks_gets_no_answer(function):
    with pytest.raises(PointFailed, match="EOFError"):
        measure(window_of(function("asks"), "pool"))


def test_the_sweeps_process_may_die_too(function):
    """Its end closes the measuring process's input: that ends the whole group."""
    process = subprocess.Popen([sys.executable, "-m", "dynometer.measure.child"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, start_new_session=True, env=surroundings.for_child(1))
    order = Order(window=window_of(function("hangs"), "pool", 2))
    process.stdin.write(order.line().encode())
    process.stdin.flush()
    while json.loads(process.stdout.readline())["stage"].startswith("the call of") is False:
        pass
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGTERM)  # a platform sends it to everybody: it is for the sweep to decide

    process.stdin.close()

    assert process.wait(10) == -signal.SIGKILL
    _, alive = psutil.wait_procs(family, timeout=10)
    assert len(family) == 2
    assert alive == []
    process.stdout.close()


def test_an_interruption_in_the_middle_of_a_window_leaves_nothing(function, tmp_path):
    """As Ctrl+C does: it reaches the sweep's process, not the measuring one, which has a session of its own."""
    order = window_of(function("hangs"), "processes-manager", 2)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with ProcessBench(1, 3600.0) as bench, pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the bench must end too
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            bench.window(order, time.perf_counter() + 3600)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert not os.path.exists(bench.folder)


def test_a_second_ctrl_c_while_the_family_is_ended_waits_until_it_is(monkeypatch):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], start_new_session=True)
    look = offspring.readings.descendants

    def interrupted(pid):
        os.kill(os.getpid(), signal.SIGINT)
        return look(pid)

    monkeypatch.setattr(offspring.readings, "descendants", interrupted)
    with pytest.raises(KeyboardInterrupt):
        offspring.end_family(process)

    assert process.returncode == -signal.SIGKILL


def test_a_users_items_are_written_once_and_not_sent_with_orders(function, monkeypatch):
    lines = []
    real = bench_module.listen
    monkeypatch.setattr(bench_module, "listen", lambda order, *rest: lines.append(order.line()) or real(order, *rest))
    job = replace(job_of(function("prints")), items=4, inputs=("long text " * 1000,) * 4)

    with ProcessBench(1, 30.0) as bench:
        trials = [bench.window(replace(window_of("", items=4), job=job), time.perf_counter() + 60) for _ in range(2)]
        kept = list(bench.folder.glob("*.json"))

    assert [trial.items for trial in trials] == [4, 4]
    assert len(kept) == 1
    assert max(map(len, lines)) < 2_000


def test_stopping_to_listen_ends_the_family(function, tmp_path):
    order = Order(proof=ProofOrder(job_of(function("differs")), Point("sequential", "python", 1),
                                   (Point("pool", "python", 2),)))
    said = listen(order, Limits(time.perf_counter() + 60, 60.0), 1, tmp_path)
    next(said)

    said.close()

    assert list(Path(tmp_path).glob("pymp-*")) == []


def test_a_model_that_answers_differently_is_told_from_one_that_fails(function):
    points = (Point("pool", "python", 2), Point("threads", "python", 2))
    order = ProofOrder(job_of(function("differs")), Point("sequential", "python", 1), points)

    with ProcessBench(1, 30.0) as bench:
        reference, pool, threads = bench.prove(order, time.perf_counter() + 60)

    assert (reference.is_equal, pool.is_equal, threads.is_equal) == (True, False, True)
    assert "instead of" in pool.reason
    assert not pool.has_failed


def test_the_proof_goes_on_without_a_point_that_kills_it(function, tmp_path):
    path = tmp_path / "picky.py"
    path.write_text("import os, threading\n\n\ndef picky(item):\n"
                    "    if threading.current_thread() is not threading.main_thread():\n        os._exit(9)\n"
                    "    return item\n")
    points = (Point("threads", "python", 2), Point("pool", "python", 2))
    order = ProofOrder(job_of(f"{path}:picky"), Point("sequential", "python", 1), points)

    with ProcessBench(1, 30.0) as bench:
        reference, threads, pool = bench.prove(order, time.perf_counter() + 60)

    assert (reference.is_equal, threads.has_failed, pool.is_equal) == (True, True, True)
    assert "exit code 9" in threads.reason


def test_an_order_travels_whole():
    order = Order(window=window_of("a:b", items=None))

    assert json.loads(order.line()) == to_json(order)
