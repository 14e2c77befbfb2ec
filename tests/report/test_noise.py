"""The noise badge: the spread that made the windows is found, and three windows are the least."""

import pytest

from dynometer.summary.noise import spread_of
from tests.report.made import made


@pytest.mark.parametrize(("noise", "word"), [(0.01, "good"), (0.03, "fair"), (0.1, "noisy")])
def test_the_spread_is_that_of_the_windows(noise, word):
    found = spread_of(made(noise=noise, blocks=20))

    assert found.noise == word
    assert found.share == pytest.approx(noise, rel=0.25)  # the median of 8 deviations of 20 windows each


def test_two_windows_say_nothing():
    assert spread_of(made(blocks=2)) is None
