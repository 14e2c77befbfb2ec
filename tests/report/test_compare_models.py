"""Two models of one result: the true ratio is found, and equal things are not called different."""

import pytest

from dynometer.compare.models import curves_in, gaps
from dynometer.errors import InvalidInput
from dynometer.measure.trial import Point
from tests.report.made import GIL, made

THREADS, POOL = ("threads", "python"), ("pool", "python")


def test_the_ratio_at_each_number_of_workers_is_the_one_that_made_the_windows():
    found = gaps(made(noise=0.005), THREADS, POOL)

    true = [GIL[Point("pool", "python", count)] / GIL[Point("threads", "python", count)] for count in (1, 2, 4)]
    assert [gap.workers for gap in found] == [1, 2, 4]
    assert [gap.ratio.value for gap in found] == pytest.approx(true, rel=0.02)
    assert all(gap.ratio.low <= ratio <= gap.ratio.high for gap, ratio in zip(found[1:], true[1:], strict=True))
    assert [gap.evidence for gap in found] == ["small", "faster", "faster"]  # 9.9 over 10


def test_equal_models_are_seldom_called_different():
    same = {Point(model, "python", count): 10.0 for model in ("threads", "pool") for count in (1, 2, 4)}
    same[Point("sequential", "python", 1)] = 10.0

    called = sum(any(gap.evidence in ("faster", "slower") for gap in gaps(made(same, noise=0.05, seed=seed), THREADS,
                                                                           POOL)) for seed in range(60))  # fmt: skip
    assert called <= 6  # 5 % of 60 are 3; more than 6 with a probability of 2 %


def test_two_windows_are_too_few():
    [first, *_] = gaps(made(blocks=2), THREADS, POOL)

    assert (first.ratio, first.p, first.evidence) == (None, None, "too few windows")


@pytest.mark.parametrize(("a", "b"), [(THREADS, ("nothing", "python")), (POOL, POOL), (("pool", "numpy"), POOL)])
def test_what_is_no_pair_of_curves_is_refused(a, b):
    with pytest.raises(InvalidInput):
        gaps(made(), a, b)


def test_curves_stand_in_the_order_of_the_plan():
    assert curves_in(made()) == (("sequential", "python"), THREADS, POOL, ("vectorised", "numpy"))
