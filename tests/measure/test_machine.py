"""The machine's facts, and which of them forbid a comparison."""

from dataclasses import replace

import pytest

from dynometer.measure.codec import from_json, to_json
from dynometer.measure.machine import Environment, differences, environment
from dynometer.measure.surroundings import THREAD_LIMITS, for_child


@pytest.fixture(scope="module")
def facts():
    return environment()


def test_this_machine_is_known(facts):
    assert 0 < facts.cpus_usable <= facts.cpus_affinity <= facts.cpus_online
    assert facts.versions.keys() >= {"dynometer", "numpy"}
    assert "blas" in (facts.blas or "")
    assert from_json(Environment, to_json(facts)) == facts


def test_a_machine_is_like_itself_whatever_its_load(facts):
    assert differences(facts, replace(facts, load_before=99.0, hash_seed="7", memory_bytes=1)) == ()


def test_each_fact_that_moves_a_number_is_named(facts):
    other = replace(facts, python="3.14.0", cpus_usable=64.0, is_gil_enabled=not facts.is_gil_enabled,
                    versions={**facts.versions, "numpy": "1.0", "numba": "0.1"})

    assert differences(facts, other) == ("cpus_usable", "python", "is_gil_enabled", "versions.numba", "versions.numpy")


@pytest.mark.parametrize(("place", "text", "found"), [
    ("sys/class/dmi/id/sys_vendor", "QEMU\n", "qemu"), ("sys/hypervisor/type", "xen\n", "xen"),
    ("proc/cpuinfo", "flags : fpu hypervisor vmx\n", "virtual"), ("proc/cpuinfo", "flags : fpu\n", None),
])
def test_virtual_machines_are_told_by_firmware_or_flag(tmp_path, monkeypatch, place, text, found):
    monkeypatch.setattr("dynometer.measure.machine._blas", lambda: None)
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text(text)

    assert environment(root=tmp_path).virtualisation == found


def test_children_get_pinned_libraries_and_all_else_as_it_is(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    monkeypatch.setenv("SOMETHING", "else")

    environment = for_child(2)

    assert {environment[name] for name in THREAD_LIMITS} == {"2"}
    assert environment["SOMETHING"] == "else"
