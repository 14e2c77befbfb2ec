"""Known truth, 3 % noise, five replicates, fixed seeds: how often the answers are right."""

from collections import Counter

import pytest

from dynometer.analysis.choice import choose
from dynometer.analysis.fitting import fit
from dynometer.analysis.usl import Law, throughput

DESIGNS = {8: [1, 2, 3, 4, 6, 8, 12, 16], 5: [1, 2, 4, 8, 16], 4: [1, 2, 4, 8]}
COUNT = 400


def percent(hits):
    hits = list(hits)
    return 100 * sum(hits) / len(hits)


def covers(estimate, truth):
    return estimate.low <= truth <= estimate.high


@pytest.mark.parametrize(("points", "kappa"), [(8, 0.002), (5, 0.002), (4, 0.002), (8, 0.0)])
def test_the_intervals_cover_the_truth_in_92_to_98_percent(draw, points, kappa):
    law = Law(100.0, 0.03, kappa)

    fits = [fit(curve) for curve in draw(lambda n: throughput(n, law), DESIGNS[points], COUNT, seed=11)]

    for name in ("sigma", "kappa", "gamma"):
        assert 92 <= percent(covers(each.estimate(name), getattr(law, name)) for each in fits) <= 98, name
    assert percent(covers(each.band(24), throughput(24, law)) for each in fits) >= 88


@pytest.mark.parametrize("points", DESIGNS)
def test_the_usl_is_chosen_wrongly_in_at_most_7_percent_without_kappa(draw, points):
    law = Law(100.0, 0.03)

    laws = Counter(choose(curve).law for curve in draw(lambda n: throughput(n, law), DESIGNS[points], COUNT, seed=12))

    assert laws["usl"] <= 0.07 * COUNT
    assert laws["amdahl"] >= 0.91 * COUNT


@pytest.mark.parametrize(("points", "least", "most"), [(8, 97, 100), (5, 97, 100), (4, 24, 42)])
def test_a_kappa_of_two_per_mille_is_found_as_often_as_the_design_allows(draw, points, least, most):
    law = Law(100.0, 0.03, 0.002)

    curves = draw(lambda n: throughput(n, law), DESIGNS[points], 150, seed=13)

    assert least <= percent(choose(curve).law == "usl" for curve in curves) <= most


@pytest.mark.parametrize(("workers", "cores"), [(DESIGNS[8], 4), (DESIGNS[5], 4), ([1, 2, 4], 2)])
def test_the_plateau_of_the_cores_is_called_roofline(draw, workers, cores):
    curves = draw(lambda n: 100 * min(n, cores), workers, 100, seed=14)

    laws = Counter(choose(curve, cores).law for curve in curves)

    assert laws["roofline"] >= 95
    assert laws["usl"] == 0


def test_without_known_cores_the_plateau_is_a_roofline_with_a_free_break_point(draw):
    """The USL fits it with R^2 above 0.93, a false kappa and a peak at twice the cores."""
    choices = [choose(curve) for curve in draw(lambda n: 100 * min(n, 4), DESIGNS[8], 50, seed=15)]

    laws = Counter(choice.law for choice in choices)
    assert laws["usl"] == 0
    assert laws["roofline"] >= 47  # p of the lack of fit below 0.01 now and then
    found = [choice.fit.break_point for choice in choices if choice.law == "roofline"]
    assert percent(covers(each, 4) for each in found) >= 88
