"""docs/method.md explains everything that the instrument has."""

import re
from pathlib import Path

import pytest

from dynometer import execution, workloads
from dynometer.advice.advise import RULES
from dynometer.advice.diagnosis import CAUSES
from dynometer.analysis.fit import FREE
from dynometer.measure.verdicts import DETECTORS

METHOD = Path(__file__).parents[2] / "docs" / "method.md"
EXPLAINED = {key.strip("`") for key in re.findall(r"\*\*(.+?)\*\*", METHOD.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("kind", "keys"), [
    ("workload", list(workloads.BUILT_IN)),
    ("execution model", list(execution.MODELS)),
    ("law", [*FREE, "gustafson", "karp-flatt"]),
    ("detector", list(DETECTORS)),
    ("rule of diagnosis", [rule.key for rule in CAUSES.in_order()]),
    ("rule of advice", [rule.key for rule in RULES.in_order()]),
])
def test_each_of_a_kind_is_explained_under_its_key_in_bold(kind, keys):
    assert keys
    assert [key for key in keys if key not in EXPLAINED] == []
