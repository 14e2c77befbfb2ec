"""A user's file is looked at in a process of its own: whatever it does there, the sweep's process stays as it was."""

import sys

import pytest

from dynometer.errors import InvalidInput, NotFound
from dynometer.measure import inspection
from dynometer.measure.inspection import inspected
from dynometer.workloads import resolve

pytestmark = pytest.mark.usefixtures("no_process_left")
FUNCTION = "def run(item):\n    return item + 1\n\nasync def later(item):\n    return item\n"


@pytest.fixture
def file(tmp_path):
    def write(source):
        (tmp_path / "mine.py").write_text(source)
        return tmp_path / "mine.py"

    return write


@pytest.mark.parametrize(("source", "how"), [
    ("import os\nos._exit(0)\n", "ends its process with exit code 0"),
    ("import os\nos.kill(os.getpid(), 9)\n", "ends its process by SIGKILL"),
    ("import time\ntime.sleep(3600)\n", "does not end within 1 s"),
])
def test_a_file_that_would_harm_the_sweep_is_refused_with_its_name_and_the_remedy(file, monkeypatch, source, how):
    monkeypatch.setattr(inspection, "IMPORT_LIMIT_S", 1 if "sleep" in source else 30.0)
    path = file(source + FUNCTION)

    with pytest.raises(InvalidInput) as refusal:
        inspected(f"{path}:run")

    assert str(refusal.value) == f"{path} can't be imported: it {how}."
    assert '__name__ == "__main__"' in refusal.value.hint


def test_what_a_file_prints_and_changes_stays_in_its_own_process(file, capfd):
    path = file("import sys, os\nprint('hello')\nos.write(1, b'raw')\nsys.modules['spoilt_by_mine'] = sys\n" + FUNCTION)

    workload = inspected(f"{path}:run")

    assert capfd.readouterr() == ("", "")
    assert "spoilt_by_mine" not in sys.modules
    assert list(workload.variants) == ["python"]
    assert resolve(f"{path}:run") is workload  # nobody else in this process imports it either
    assert "spoilt_by_mine" not in sys.modules


def test_a_call_is_prepared_by_importing_it_after_all(file):
    workload = inspected(f"{file(FUNCTION)}:run")

    assert workload.reference(workload.accept({}, 2), [1, 2]) == [2, 3]


def test_a_coroutine_is_told_apart(file):
    assert list(inspected(f"{file(FUNCTION)}:later").coroutines) == ["coroutine"]


def test_refusals_are_those_of_the_import_itself(file):
    path = file("x = 1\n1 / 0\n")

    with pytest.raises(InvalidInput, match=r"mine\.py can't be imported \(line 2\): ZeroDivisionError"):
        inspected(f"{path}:run")
    with pytest.raises(NotFound, match="has no function 'rum'") as refusal:
        inspected(f"{file(FUNCTION)}:rum")
    assert refusal.value.hint == "Did you mean run?"


def test_what_is_built_in_needs_no_process(monkeypatch):
    monkeypatch.setattr(inspection, "listen", None)

    assert inspected("wait") is resolve("wait")
    with pytest.raises(InvalidInput, match="names no function"):
        inspected(":run")
