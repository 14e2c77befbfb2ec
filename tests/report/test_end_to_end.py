"""The whole instrument once, as users start it: a real sweep, and a sweep that is stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from dynometer.measure.result import load
from settings import child_environment

CHECKOUT = Path(__file__).parents[2]
SWEEP = [sys.executable, "-m", "dynometer", "sweep", "wait", "--models", "sequential,threads", "--workers", "1,2",
         "--param", "seconds=0.002", "--no-diagnosis"]


def test_a_tiny_sweep_measures_and_its_file_tells_the_same(tmp_path):
    done = subprocess.run([*SWEEP, "--budget", "6", "--json", "--out", str(tmp_path / "out.json")], cwd=CHECKOUT,
                          capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode in (0, 3), done.stderr  # 3: on a machine so busy that no window counts
    shown = json.loads(done.stdout)
    assert shown["workload"] == "wait"
    assert {(trial["point"]["model"], trial["point"]["workers"]) for trial in shown["trials"]} <= {
        ("sequential", 1), ("threads", 1), ("threads", 2)}
    assert len(load(tmp_path / "out.json").trials) == len(shown["trials"]) > 0
    assert "left" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_in_mid_sweep_leaves_a_valid_file_and_no_process(tmp_path):
    words = [*SWEEP, "--budget", "120", "--out", str(tmp_path / "out.json")]
    environment = child_environment(DYNO_TEST_MARK=str(tmp_path))  # every process of the sweep inherits it
    with subprocess.Popen(words, cwd=CHECKOUT, text=True, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True) as sweep:
        first = sweep.stderr.readline()
        os.killpg(sweep.pid, signal.SIGINT)
        said, rest = sweep.communicate(timeout=60)

    assert "window" in first
    assert sweep.returncode == 130
    assert "Stopped" in rest
    assert "Traceback" not in rest
    assert "To measure it again" in said
    result = load(tmp_path / "out.json")
    assert result.state == "stopped"
    assert result.trials
    assert not [process.pid for process in psutil.process_iter() if is_marked(process, str(tmp_path))]


def is_marked(process, value):
    try:
        return process.environ().get("DYNO_TEST_MARK") == value
    except psutil.Error:
        return False
