"""The registry: what is built in, what packages add, and what is kept apart."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dynometer.errors import NotFound
from dynometer.workloads import BUILT_IN, all_workloads, broken_workloads, find, plugins
from dynometer.workloads.workload import KnownAnswer

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "workloads.md").read_text(encoding="utf-8")
GOOD = """
from dataclasses import replace
from dynometer.workloads.wait import WORKLOAD as WAIT
WORKLOAD = replace(WAIT, key="{key}")
"""


def install(folder, package, entry_points, **modules):
    """Put a package on disk as an installer leaves it: its modules, its metadata, its entry points."""
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {target}\n" for name, target in entry_points.items())
    (metadata / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{lines}")


def python(*arguments, path):
    """A fresh interpreter that finds the checkout and `path`."""
    environment = {"PYTHONPATH": f"{ROOT}:{path}", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False)


def code_block(language, holding):
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    [found] = [block for block in blocks if holding in block]
    return found


def test_the_built_in_ones_are_there_and_whole():
    assert list(all_workloads())[:14] == [
        "random-sum", "mandelbrot", "option-price", "factorise", "word-count", "password-hash", "wait",
        "json-round-trip", "matrix-product", "key-derivation", "compression", "memory-bandwidth", "lock-and-wait",
        "mixed"]
    assert broken_workloads() == {}


def test_nobody_can_change_the_registry():
    with pytest.raises(TypeError):
        all_workloads()["random-sum"] = None


def test_a_slip_of_the_pen_gets_a_hint():
    with pytest.raises(NotFound, match="There is no workload 'mandelbrod'") as missing:
        find("mandelbrod")

    assert missing.value.hint == "Did you mean mandelbrot?"


@pytest.mark.parametrize("key", ["", "\ud800", "x" * 1_000_000])
def test_a_wild_guess_gets_the_list(key):
    with pytest.raises(NotFound) as missing:
        find(key)

    assert "random-sum, mandelbrot" in missing.value.hint
    assert len(str(missing.value)) < 200


def test_the_guides_package_is_found_once_installed(tmp_path):
    project = tomllib.loads(code_block("toml", plugins.GROUP))["project"]
    source = code_block("python", "WORKLOAD = ")
    install(tmp_path, project["name"], project["entry-points"][plugins.GROUP], dyno_collatz=source)

    listing = python("-m", "dynometer", "workloads", "--json", path=tmp_path)
    check = python("-c", "from dynometer.workloads import find; w = find('collatz');"
                         "print(w.known_answer.agrees(w.known_value()))", path=tmp_path)

    assert [told["key"] for told in json.loads(listing.stdout)][14:] == ["collatz"]
    assert check.stdout == "True\n", check.stderr


def test_a_broken_package_takes_no_other_down(tmp_path, monkeypatch):
    install(tmp_path, "broken-one", {"boom": "broken_one:WORKLOAD"}, broken_one="raise RuntimeError('no licence')")
    install(tmp_path, "broken-two", {"gone": "not_there:WORKLOAD"})
    install(tmp_path, "broken-three", {"exit": "broken_three:WORKLOAD"}, broken_three="import sys; sys.exit(3)")
    install(tmp_path, "broken-four", {"number": "broken_four:WORKLOAD"}, broken_four="WORKLOAD = 4")
    install(tmp_path, "sound", {"nap": "sound_nap:WORKLOAD"}, sound_nap=GOOD.format(key="nap"))
    monkeypatch.syspath_prepend(tmp_path)

    added, broken = plugins.load(BUILT_IN)

    assert list(added) == ["nap"]
    assert broken == {
        "broken-one: boom": "The entry point broken_one:WORKLOAD adds no workload: RuntimeError: no licence.",
        "broken-two: gone":
            "The entry point not_there:WORKLOAD adds no workload: ModuleNotFoundError: No module named 'not_there'.",
        "broken-three: exit": "The entry point broken_three:WORKLOAD adds no workload: SystemExit: 3.",
        "broken-four: number": "The entry point broken_four:WORKLOAD adds no workload: it is not a Workload but int.",
    }


def test_a_package_cannot_take_a_key_that_has_an_owner(tmp_path, monkeypatch):
    install(tmp_path, "thief", {"sum": "thief_sum:WORKLOAD"}, thief_sum=GOOD.format(key="random-sum"))
    install(tmp_path, "first", {"nap": "first_nap:WORKLOAD"}, first_nap=GOOD.format(key="siesta"))
    install(tmp_path, "second", {"nap": "second_nap:WORKLOAD"}, second_nap=GOOD.format(key="siesta"))
    monkeypatch.syspath_prepend(tmp_path)

    added, broken = plugins.load(BUILT_IN)

    assert list(added) == ["siesta"]
    assert broken.keys() == {"thief: sum", "second: nap"}
    assert "the key random-sum is taken by another workload" in broken["thief: sum"]


def test_a_broken_package_is_reported_beside_the_list(tmp_path):
    install(tmp_path, "broken-five", {"boom": "broken_five:WORKLOAD"}, broken_five="1 / 0")

    listing = python("-m", "dynometer", "workloads", path=tmp_path)

    assert listing.returncode == 0
    assert listing.stdout.startswith("random-sum")
    assert "broken-five: boom: The entry point broken_five:WORKLOAD adds no workload: ZeroDivision" in listing.stderr


@pytest.mark.parametrize(("key", "is_fine"), [
    ("a", True), ("my-2nd-try", True), ("", False), ("-a", False), ("a--b", False), ("A", False), ("a b", False),
    ("a\n", False), ("x" * 61, False),
])
def test_keys_fit_into_urls(key, is_fine):
    assert bool(plugins.KEY.fullmatch(key) and len(key) <= plugins.LONGEST_KEY) is is_fine


def test_listing_workloads_loads_no_heavy_library(tmp_path):
    heavy = {"numpy", "PIL", "flask", "celery", "sqlalchemy", "click"}
    script = ("import sys; from dynometer.workloads import all_workloads, describe;"
              "[describe(w) for w in all_workloads().values()];"
              f"print(sorted({heavy} & sys.modules.keys()))")

    assert python("-c", script, path=tmp_path).stdout == "[]\n"


@pytest.mark.parametrize(("value", "agrees"), [
    ({"a": 1.009, "b": "x"}, True), ({"a": 1.02, "b": "x"}, False), ({"a": 1.0, "b": "y"}, False), ({"a": 1.0}, False),
    ([1.0], False), (None, False), ({"a": None, "b": "x"}, False),
])
def test_a_known_answer_agrees_within_its_tolerance_and_in_shape(value, agrees):
    known = KnownAnswer(items=1, parameters={}, value={"a": 1.0, "b": "x"}, source="by hand", tolerance=0.01)

    assert known.agrees(value) is agrees


def test_a_known_list_agrees_item_by_item():
    known = KnownAnswer(items=2, parameters={}, value=[1, 2], source="by hand")

    assert known.agrees([1, 2])
    assert not known.agrees([1, 2, 3])
    assert not known.agrees([2, 1])
