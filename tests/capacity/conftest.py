"""Published data sets for the tests of capacity."""

import json
from pathlib import Path

import pytest

PUBLISHED = Path(__file__).parent.parent / "published"


@pytest.fixture
def published():
    """A published case by its name: what a source says, and what its formula gives to more digits."""
    return lambda name: json.loads((PUBLISHED / f"{name}.json").read_text())
