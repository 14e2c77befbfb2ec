"""A sweep in a process of its own: what it tells, and that nothing of it stays however it ends."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import psutil
import pytest

from dynometer.measure import readings, surroundings
from dynometer.measure.codec import to_json
from dynometer.measure.recorder import Recorder
from dynometer.measure.result import dumps, loads
from dynometer.measure.stream import GO, Kept, StreamOrder, Told, order_line, read_said
from dynometer.measure.trial import Point, Setback, Standing
from tests.measure.known import BASELINE, plan_of, pool, trial_of
from tests.measure.test_result import FACTS
from tests.services import until

pytestmark = pytest.mark.usefixtures("no_process_left")

HOLDS = '''
import os, re, sys, time

def holds(item):
    """Leaves a copy of its process in a session of its own, and never lets go of the interpreter's lock."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(3600)
    sys.stderr.flush()
    re.match("(a+)+$", "a" * 60 + "b")
'''
QUICK = {"window_s": 0.02, "blocks_least": 1, "blocks_most": 1}


@contextmanager
def stream(line, folder):
    """The process, with the order written to its standard input."""
    process = subprocess.Popen([sys.executable, "-m", "dynometer.measure.stream"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, start_new_session=True,
                               env=surroundings.for_child(1) | {"TMPDIR": str(folder)})
    try:
        process.stdin.write(line.encode())
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def told(process):
    return [read_said(line) for line in process.stdout]


def test_it_tells_the_machine_first_and_every_event_as_a_recorder_keeps_it(tmp_path):
    gone = Setback(Point("interpreters", "python", 2), Standing.UNAVAILABLE, "Not on this Python.")
    plan, earlier = plan_of(pool(2), setbacks=(gone,), **QUICK), trial_of(pool(2), sample=8, begun_s=3.0)

    with stream(order_line(plan, [earlier], 4.0), tmp_path) as process:
        machine, *said = told(process)
        code = process.wait()

    recorder = Recorder(plan, machine.environment, machine.offers, earlier=[earlier])
    list(recorder.follow(line.event for line in said if line.event))
    result = recorder.result()
    trials = [line for line in said if line.kind == "trial"]
    assert machine.kind == "machine"
    assert [line.kind for line in said] == ["setback", "phase", "phase", *["trial"] * len(trials), "end"]
    assert [line.phase for line in said if line.kind == "phase"] == ["proving", "measuring"]
    assert loads(dumps(result)) == result
    assert to_json(result)["trials"][1:] == [line.body for line in trials]
    assert {(line.event.point, line.event.block, line.event.place) for line in trials} == {(BASELINE, 0, 1)}
    assert all(line.spent_s > line.event.begun_s > 4.0 for line in trials)
    assert code == 0
    assert list(tmp_path.iterdir()) == []


def test_it_asks_for_the_node_and_waits_until_it_may_go(tmp_path):
    plan = plan_of(**QUICK)

    with stream(order_line(plan, asks=True, wants_facts=False), tmp_path) as process:
        said = []
        for line in map(read_said, process.stdout):
            said.append(line.kind)
            if line.kind == "ask":
                assert set(said) <= {"phase", "ask", "leave", "trial"}
                process.stdin.write(GO.encode())
                process.stdin.flush()

    turns = [kind for kind in said if kind in ("ask", "leave")]
    assert turns == ["ask", "leave"] * (len(turns) // 2)
    assert said.index("ask") < said.index("trial")
    assert said[-1] == "end"


def test_one_that_may_not_go_ends_with_its_caller(tmp_path):
    with stream(order_line(plan_of(**QUICK), asks=True, wants_facts=False), tmp_path) as process:
        first = read_said(process.stdout.readline())
        process.terminate()
        code = process.wait()

    assert first == Told("ask")
    assert code == 128 + signal.SIGTERM


@pytest.mark.parametrize("changes", [{"workload": "no-such-work"}, {"workload": "no/file.py:f"}])
def test_what_can_not_be_measured_is_told_in_a_sentence(tmp_path, changes):
    with stream(order_line(plan_of(**QUICK, **changes)), tmp_path) as process:
        [failed] = told(process)

    assert failed.kind == "failed"
    assert failed.reason.endswith(".")
    assert "\n" not in failed.reason


def kill_group(process):
    os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.skipif(not readings.IS_LINUX, reason="elsewhere processes that a function left can't be found")
@pytest.mark.parametrize("end", [kill_group, lambda process: process.stdin.close(),
                                 lambda process: process.terminate()], ids=["group", "input", "term"])
def test_nothing_of_it_stays_however_it_ends(tmp_path, end):
    path, folder = tmp_path / "holds.py", tmp_path / "temporary"
    path.write_text(HOLDS)
    folder.mkdir()

    with stream(order_line(plan_of(pool(2), workload=f"{path}:holds", parameters={})), folder) as process:
        while read_said(process.stdout.readline()).phase != "proving":
            pass
        watched = psutil.Process(process.pid)
        until(lambda: len(watched.children(recursive=True)) == 3, "undertaker, process and copy are there")
        family = watched.children(recursive=True)
        end(process)
        process.wait()
        _, alive = psutil.wait_procs(family, timeout=10)

    assert alive == []
    until(lambda: not list(folder.iterdir()), "its folder is gone")


def test_orders_and_lines_travel_whole():
    plan = plan_of(pool(2))
    event = trial_of(begun_s=1.5, nodes=None)
    line = Told("trial", body=to_json(event), spent_s=0.0)

    assert read_said(line.line()) == line
    assert read_said(line.line()).event == event
    assert read_said(Told("machine", environment=FACTS).line()).environment == FACTS
    assert StreamOrder(plan, (Kept("trial", to_json(event)),)).earlier[0].event == event
