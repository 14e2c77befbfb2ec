"""wait: asks for the sleep it was given."""

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find

WORKLOAD = find("wait")


def test_an_item_waits_its_own_time_and_returns_it(slept):
    values = WORKLOAD.reference(WORKLOAD.accept({}, 1), [0.0, 2.5, 60.0])

    assert values == slept == [0.0, 2.5, 60.0]


def test_generated_items_wait_for_the_parameter():
    assert WORKLOAD.item_at(3, WORKLOAD.accept({"seconds": 1.5}, 1)) == 1.5


@pytest.mark.parametrize(("given", "expected"), [(0, 0.0), ("0.25", 0.25), (60, 60.0), (-0.0, 0.0), (" 1 ", 1.0)])
def test_seconds_are_read_from_lines_and_json(given, expected):
    assert str(WORKLOAD.read_item(given)) == str(expected)


@pytest.mark.parametrize("given", [-0.001, 60.001, "nan", "inf", "soon", "", None, False, [1], 10**400, "1" * 41])
def test_anything_else_is_refused_with_the_range(given):
    with pytest.raises(InvalidInput, match="must be a number of seconds from 0 to 60"):
        WORKLOAD.read_item(given)
