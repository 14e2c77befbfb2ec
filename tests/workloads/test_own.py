"""A user's own function as a workload: found, checked, and refused in one sentence that names the place."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dynometer.errors import DynometerError, InvalidInput, NotFound
from dynometer.workloads import find, resolve

ROOT = Path(__file__).parents[2]
SOURCE = """
import neighbour
from dataclasses import dataclass

LIMIT = 3

def square(item):
    return item * item

def scaled(item, factor=10):
    return item * factor

async def later(item):
    return -item

def two(first, second):
    return first

def named(*, item):
    return item

def many(item):
    yield item

class Box:
    @staticmethod
    def open(item):
        return neighbour.LID + item
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "neighbour.py").write_text("LID = 100")
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


def refusal(text, kind=InvalidInput):
    with pytest.raises(kind) as refused:
        resolve(text)
    assert type(refused.value) is kind
    assert "\n" not in str(refused.value)
    return refused.value


@pytest.mark.parametrize(("function", "values"), [
    ("square", [0, 1, 4]), ("scaled", [0, 10, 20]), ("later", [0, -1, -2]), ("Box.open", [100, 101, 102]),
])
def test_a_function_of_a_file_becomes_a_workload(file, function, values):
    workload = resolve(f"{file}:{function}")
    parameters = workload.accept({}, 3)

    items = [workload.item_at(index, parameters) for index in range(3)]

    assert items == [0, 1, 2]
    assert workload.reference(parameters, items) == values
    assert workload.key == f"{file}:{function}"
    assert list(workload.variants) == ["python"]


def test_an_async_function_has_a_coroutine_variant_and_another_has_none(file):
    assert list(resolve(f"{file}:later").coroutines) == ["coroutine"]
    assert not resolve(f"{file}:square").coroutines


def test_a_function_of_a_module_becomes_a_workload():
    workload = resolve("math:factorial")

    assert workload.reference(workload.accept({}, 1), [5]) == [120]


def test_a_key_still_names_a_built_in_workload():
    assert resolve("wait") is find("wait")
    with pytest.raises(NotFound, match="no workload"):
        resolve("wayt")


def test_a_users_items_are_taken_as_they_are(file):
    assert resolve(f"{file}:square").read_item({"any": [1]}) == {"any": [1]}


def test_own_code_has_no_known_answer_and_no_parameters(file):
    workload = resolve(f"{file}:square")

    with pytest.raises(InvalidInput, match="has no known answer"):
        workload.known_value()
    with pytest.raises(InvalidInput, match="speed is not a parameter; there are none"):
        workload.accept({"speed": 1}, 1)


def test_a_file_runs_once_in_a_process(tmp_path):
    (tmp_path / "counts.py").write_text("import builtins\nbuiltins.own_runs = getattr(builtins, 'own_runs', 0) + 1\n"
                                        "def runs(item): return builtins.own_runs\ndef again(item): return 0\n")

    resolve(f"{tmp_path}/counts.py:again")
    workload = resolve(f"{tmp_path}/counts.py:runs")

    assert workload.reference(workload.accept({}, 1), [0]) == [1]


def test_a_missing_file_is_named_with_the_nearest_one(file):
    error = refusal(f"{file.parent}/mime.py:square", NotFound)

    assert str(error) == f"There is no file {file.parent}/mime.py."
    assert error.hint == "Did you mean mine.py?"


def test_a_missing_function_is_named_with_the_nearest_one(file):
    error = refusal(f"{file}:sqare", NotFound)

    assert str(error) == f"{file} has no function 'sqare'."
    assert error.hint == "Did you mean square?"


def test_a_missing_module_is_named():
    assert str(refusal("no_such.module:run", NotFound)) == "There is no module 'no_such.module'."
    assert "path" in refusal("some/file:run", NotFound).hint


@pytest.mark.parametrize(("function", "sentence"), [
    ("LIMIT", "LIMIT of .* is not a function but int"),
    ("two", r"two of .* must take one item, but it is two\(first, second\)"),
    ("named", r"must take one item, but it is named\(\*, item\)"),
    ("many", "is a generator: its value would be no value"),
])
def test_what_cannot_be_called_with_one_item_is_refused(file, function, sentence):
    assert re.search(sentence, str(refusal(f"{file}:{function}")))


@pytest.mark.parametrize(("source", "sentence"), [
    ("x = 1\n1 / 0\n", r"\(line 2\): ZeroDivisionError: division by zero\.$"),
    ("def broken(:\n", r"\(line 1\): SyntaxError: invalid syntax"),
    ("import sys\nsys.exit('no')\n", r"\(line 2\): SystemExit: no\.$"),
    ("import no_such_thing\n", r"\(line 1\): ModuleNotFoundError: No module named 'no_such_thing'\.$"),
    ("\0", "SyntaxError"),
])
def test_a_file_that_cannot_be_imported_is_named_with_its_line(tmp_path, source, sentence):
    path = tmp_path / "broken.py"
    path.write_text(source)

    for _ in range(2):  # a failed import leaves nothing behind that would look like a success
        assert re.search(rf"broken\.py can't be imported.*{sentence}", str(refusal(f"{path}:run")))


@pytest.mark.parametrize("text", [":", "file.py", "file.py:", ":run", "x" * 100_000 + ":"])
def test_what_names_no_function_is_refused_with_the_form(text):
    error = refusal(text)

    assert "names no function" in str(error)
    assert "path/to/file.py:function" in error.hint
    assert len(str(error)) < 300


@pytest.mark.parametrize("text", ["..:x", "a..b:x", ".a:x", "a b:x", "\0:x", "\ud800.py:x"])
def test_nonsense_is_refused_in_words(text):
    with pytest.raises(DynometerError):
        resolve(text)


def test_a_module_of_the_current_folder_is_found_from_the_command_line(file):
    script = ("from dynometer.workloads import resolve; own = resolve('mine:square');"
              "print(own.reference(own.accept({}, 1), [7]))")

    said = subprocess.run([sys.executable, "-c", script], cwd=file.parent, env={"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)

    assert said.stdout == "[49]\n"
