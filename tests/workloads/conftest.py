"""What the tests of workloads share: small cases, and a clock that nobody waits for."""

import pytest

from dynometer.workloads import wait


@pytest.fixture
def slept(monkeypatch):
    """The seconds that `wait` was asked to sleep; no test sleeps."""
    seconds = []
    monkeypatch.setattr(wait.time, "sleep", seconds.append)
    return seconds
