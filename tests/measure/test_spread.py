"""Windows take a job's items so that any of them is an even sample."""

from itertools import islice

import pytest

from dynometer.measure.spread import spread


@pytest.mark.parametrize("count", [1, 2, 3, 8, 10, 97, 1000])
def test_all_items_come_once_and_then_again(count):
    order = list(islice(spread(count), 2 * count))

    assert sorted(order[:count]) == list(range(count))
    assert order[:count] == order[count:]


def test_any_beginning_is_a_fair_sample_of_costs_that_rise():
    costs = range(1000)
    mean = sum(costs) / 1000

    for length in (20, 50, 100, 300):
        sample = list(islice(spread(1000), length))

        assert sum(sample) / length == pytest.approx(mean, rel=0.06)
