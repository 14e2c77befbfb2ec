"""Curves with published or known answers."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PUBLISHED = Path(__file__).parent.parent / "published"
Draw = Callable[..., list[dict[float, list[float]]]]


@pytest.fixture
def published() -> Callable[[str], Any]:
    """The published case of that name."""
    return lambda name: json.loads((PUBLISHED / f"{name}.json").read_text())


@pytest.fixture
def sdm91(published) -> dict[float, list[float]]:
    return {point["N"]: [point["X"]] for point in published("usl_specsdm91")["points"]}


@pytest.fixture
def oracle() -> dict[float, list[float]]:
    with (PUBLISHED / "usl_oracledb.csv").open() as file:
        rows = [(float(n), float(x)) for n, x in list(csv.reader(file))[1:]]
    return {n: [x for m, x in rows if m == n] for n, _ in rows}


@pytest.fixture
def draw() -> Draw:
    """`count` curves of `law` (N -> X), each N with five replicates that vary by 3 %."""

    def curves(law, workers, count, seed, noise=0.03, replicates=5):
        random = np.random.default_rng(seed)
        return [{n: list(law(n) * np.exp(random.normal(0, noise, replicates))) for n in workers} for _ in range(count)]

    return curves
