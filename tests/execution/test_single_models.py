"""What holds for one model alone: vectorised, native, interpreters, simulated; and that listing them is light."""

import os
import statistics
import subprocess
import sys
import threading
from math import log
from pathlib import Path

import pytest

from dynometer.errors import InvalidInput
from dynometer.execution import find
from dynometer.execution.faults import Unavailable
from dynometer.execution.interpreters import meeting
from dynometer.execution.model import Work
from dynometer.execution.simulated import Law, Simulated
from dynometer.execution.work import make_work
from tests.execution.conftest import own

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("key", "workload", "variant"), [
    ("vectorised", "random-sum", "numpy"), ("vectorised", "memory-bandwidth", "numpy"),
    ("native", "key-derivation", "python"), ("native", "matrix-product", "numpy"),
])
def test_a_variant_that_fits_is_taken(key, workload, variant):
    assert find(key).why_not(Work(workload, variant, {})) is None


@pytest.mark.parametrize(("key", "workload", "reason"), [
    ("vectorised", "random-sum", "The variant python of random-sum is not vectorised; numpy is."),
    ("vectorised", "wait", "wait has no vectorised variant."),
    ("native", "matrix-product", "The variant python of matrix-product is not native code; numpy is."),
    ("native", "random-sum", "The variant python of random-sum is not native code; numba is."),
    ("native", "word-count", "word-count has no native variant."),
])
def test_a_variant_that_does_not_fit_is_a_reason(key, workload, reason):
    assert find(key).why_not(Work(workload, "python", {})) == reason


@pytest.mark.parametrize("key", ["native", "threads", "pool"])
def test_a_package_that_is_not_installed_is_a_reason(key, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr("dynometer.execution.work.find_spec", lambda name: None)

    assert find(key).why_not(Work("random-sum", "numba", {})) == (
        "The variant numba of random-sum needs the package numba, which is not installed.")


def test_the_vectorised_variant_answers_as_python_does(crew):
    given = {"numbers": 500}

    vectorised = crew("vectorised", make_work("random-sum", "numpy", given, 4), 1).run(range(4), 2)

    assert vectorised == crew("sequential", make_work("random-sum", "python", given, 4), 1).run(range(4), 2)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python has them")
def test_interpreters_that_are_not_there_are_a_fact():
    interpreters = find("interpreters")

    assert "not available on this Python" in interpreters.why_not(own("square"))
    with pytest.raises(Unavailable), interpreters.crew(own("square"), 1, "fork"):
        pass


def test_those_who_meet_wait_for_each_other():
    left = []

    def come(arrivals, departures):
        os.write(arrivals, b".")
        left.append(os.read(departures, 1))

    with meeting(3) as descriptors:
        guests = [threading.Thread(target=come, args=descriptors) for _ in range(3)]
        for guest in guests[:2]:
            guest.start()
        assert not left
        guests[2].start()
        for guest in guests:
            guest.join()

    assert left == [b"."] * 3


def test_a_meeting_that_is_called_off_lets_everybody_go():
    left = []

    with meeting(2) as (arrivals, departures):
        guest = threading.Thread(target=lambda: left.append(os.read(departures, 1)))
        guest.start()
        os.write(arrivals, b".")
    guest.join()

    assert left == [b""]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="interpreters of their own came with Python 3.14")
def test_interpreters_give_values_in_order(crew):
    started = crew("interpreters", make_work("random-sum", "python", {"numbers": 20}, 6), 3)

    assert started.run(range(6), 2) == crew(
        "sequential", make_work("random-sum", "python", {"numbers": 20}, 6), 1).run(range(6), 1)


@pytest.mark.parametrize(("law", "workers", "seconds"), [
    (Law(gamma=10, sigma=0, kappa=0), 1, 10.0),  # 100 items at 10/s
    (Law(gamma=10, sigma=0, kappa=0), 4, 2.5),
    (Law(gamma=10, sigma=0.1, kappa=0), 11, 100 / 55),  # Amdahl: 10 x 11 / (1 + 0.1 x 10) = 55/s
    (Law(gamma=1, sigma=0.02, kappa=0.02), 4, 100 / 3.0769230769),  # 4 / (1 + 0.06 + 0.24), usl_exact_synthetic
    (Law(gamma=10, sigma=0, kappa=0, cores=2), 8, 5.0),  # the roofline: 2 cores give 20/s
])
def test_a_simulated_run_takes_the_time_its_law_dictates(law, workers, seconds):
    with Simulated(law).crew(own("square"), workers, "fork") as crew:
        values = crew.run(range(100), 10)

    assert values == [item * item for item in range(100)]
    assert crew.dictated_s == pytest.approx(seconds)


def test_a_simulated_law_with_noise_scatters_around_itself():
    with Simulated(Law(gamma=10, noise=0.03)).crew(own("square"), 1, "fork") as crew:
        seconds = [crew.run([0], 1) and crew.dictated_s for _ in range(400)]

    assert statistics.mean(map(log, seconds)) == pytest.approx(log(0.1), abs=0.009)  # 6 x 0.03 / sqrt(400)
    assert 0.02 < statistics.stdev(map(log, seconds)) < 0.04


def test_a_law_can_be_part_of_the_models_name():
    assert find("simulated:gamma=5:sigma=0:kappa=0:cores=3").law == Law(5.0, 0.0, 0.0, 3.0)
    assert find("simulated").law == Law()


@pytest.mark.parametrize(
    "law", ["sigma", "sigma=", "sigma=x", "sigma=-1", "gamma=0", "speed=3", "sigma=nan", "gamma=inf"])
def test_a_law_that_is_none_is_refused(law):
    with pytest.raises(InvalidInput, match="must be name=number with cores, gamma"):
        find(f"simulated:{law}")


def test_importing_the_package_loads_no_model_and_no_heavy_library():
    heavy = {"multiprocessing", "asyncio", "cotyledon", "concurrent.futures", "numpy", "scipy"}
    script = f"import sys, dynometer.execution, dynometer.workloads; print(sorted({heavy} & sys.modules.keys()))"

    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"


def test_listing_the_models_loads_no_cotyledon_and_no_numpy():
    script = ("import sys; from dynometer.execution import all_models; all_models();"
              "print(sorted({'cotyledon', 'numpy', 'scipy'} & sys.modules.keys()))")

    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"
