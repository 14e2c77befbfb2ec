"""What the tests of measuring share."""

import os

import pytest

from dynometer.measure import readings


@pytest.fixture
def no_process_left():
    """After the test, none of this process's descendants is there that was not there before."""
    before = set(readings.descendants(os.getpid()))
    yield
    assert set(readings.descendants(os.getpid())) <= before
