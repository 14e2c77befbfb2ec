"""Who may compute on a node: a sweep alone, or chunks in company."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from dynometer.measure.solitude import alone, is_wanted_alone, shared
from tests.services import until


class Waits(Exception):
    """Instead of waiting."""


def give_up():
    raise Waits


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "node")


def test_company_is_company_and_a_sweep_waits_for_the_last_of_it(path):
    with shared(path) as one, shared(path) as other:
        assert (one, other) == (True, True)
        assert not is_wanted_alone(path)
        with pytest.raises(Waits), alone(path, give_up):
            pass

    with alone(path, give_up):
        pass


def test_nobody_enters_while_a_sweep_is_alone(path):
    with alone(path):
        assert is_wanted_alone(path)
        with shared(path) as may_enter:
            assert not may_enter
        with pytest.raises(Waits), alone(path, give_up):
            pass

    assert not is_wanted_alone(path)


def test_nobody_enters_before_a_sweep_that_waits(path):
    is_alone = threading.Event()

    def wait_and_enter():
        with alone(path):
            is_alone.set()

    sweep = threading.Thread(target=wait_and_enter)
    with shared(path):
        sweep.start()
        until(lambda: is_wanted_alone(path), "the sweep waits")
        with shared(path) as may_enter:
            assert not may_enter
        assert not is_alone.is_set()
    sweep.join()

    assert is_alone.is_set()


@pytest.mark.parametrize("entered", ["alone", "shared"])
def test_a_killed_holder_holds_nothing_even_where_its_fork_lives_on(path, entered):
    program = (f"import os, time; from dynometer.measure.solitude import {entered}\n"
               f"with {entered}({path!r}):\n"
               "    if os.fork() == 0:\n"
               "        print(os.getpid(), flush=True)\n"
               "    time.sleep(3600)\n")
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True) as holder:
        fork = int(holder.stdout.readline())
        with pytest.raises(Waits), alone(path, give_up):
            pass
        holder.kill()
    try:
        with alone(path, give_up):
            pass
    finally:
        os.kill(fork, signal.SIGKILL)
