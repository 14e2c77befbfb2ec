"""The price of a European call option by Monte Carlo: an estimate whose error shrinks with the root of the work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from dynometer.errors import InvalidInput
from dynometer.workloads.exactly import exp
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator, numpy_generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

if TYPE_CHECKING:
    import numpy as np

UNITS = 1_000_000  # pay-offs and their squares are added up as whole millionths: integers add up alike in any order
BLOCK = 1 << 13  # pairs drawn at a time
# Normal numbers by the ratio of uniforms (Kinderman, Monahan, ACM TOMS 3, 1977): z = v/u is normal if u <= e^(-z^2/4).
V_WIDTH = 2 * math.sqrt(2 / math.e)  # v is uniform in a range of this width around 0
QUICK = 4 * math.exp(0.25)  # z^2 <= 5 - 4 e^(1/4) u implies acceptance and saves the exponential
Z2_MOST = 148.0  # beyond, e^(-z^2/4) is below 2^-53, the smallest u


@dataclass(frozen=True)
class Parameters:
    paths_per_item: int = param(100_000, "How many end prices an item draws.", unit="paths", low=1, high=100_000_000)
    spot: float = param(100.0, "Price of the share today.", unit="currency", low=1.0, high=1_000_000.0)
    strike: float = param(105.0, "Price at which the option lets one buy.", unit="currency", low=1.0, high=1_000_000.0)
    rate: float = param(0.03, "Interest rate without risk, compounded continuously.", unit="1/year", low=-0.5, high=0.5)
    volatility: float = param(0.2, "Spread of the yearly log return.", unit="1/sqrt(year)", low=0.001, high=2.0)
    years: float = param(1.0, "Time until the option ends.", unit="years", low=0.001, high=10.0)
    seed: int = param(1, "The same seed draws the same paths, however the job is split.", low=0, high=2**63 - 1)

    @property
    def growth(self) -> tuple[float, float, float]:
        """Drift and spread of the log price over the whole time, and the discount factor (Black and Scholes, 1973)."""
        drift = (self.rate - self.volatility * self.volatility / 2) * self.years
        return drift, self.volatility * math.sqrt(self.years), exp(-self.rate * self.years)


class Sums(TypedDict):
    """What one item yields: discounted pay-offs and their squares in whole units of 1/UNITS."""

    paths: int
    sum: int
    sum_of_squares: int


def python(parameters: Parameters) -> Call:
    drift, spread, discount = parameters.growth
    spot, strike = parameters.spot, parameters.strike

    def call(item: int) -> Sums:
        uniform = generator(parameters.seed, item).random
        missing, total, squares = parameters.paths_per_item, 0, 0
        while missing:
            u = 1.0 - uniform()  # never 0
            z = (uniform() - 0.5) * V_WIDTH / u
            z2 = z * z
            if z2 <= 5.0 - QUICK * u or (z2 <= Z2_MOST and u <= exp(-0.25 * z2)):
                missing -= 1
                gain = spot * exp(drift + spread * z) - strike
                if gain > 0.0:
                    paid = discount * gain
                    total += round(paid * UNITS)
                    squares += round(paid * paid * UNITS)
        return {"paths": parameters.paths_per_item, "sum": total, "sum_of_squares": squares}

    return call


def numpy(parameters: Parameters) -> Call:
    """The same draws and the same arithmetic, block by block: equal to `python` to the last unit."""
    import numpy as np

    drift, spread, discount = parameters.growth

    def call(item: int) -> Sums:
        source = numpy_generator(parameters.seed, item)
        missing, total, squares = parameters.paths_per_item, 0, 0
        while missing:
            pairs = source.random((BLOCK, 2))
            u = 1.0 - pairs[:, 0]
            z = (pairs[:, 1] - 0.5) * V_WIDTH / u
            z2 = z * z
            is_kept = (z2 <= 5.0 - QUICK * u) | ((z2 <= Z2_MOST) & (u <= exp(-0.25 * np.minimum(z2, Z2_MOST))))
            z = z[is_kept][:missing]
            missing -= len(z)
            paid = discount * np.maximum(parameters.spot * exp(drift + spread * z) - parameters.strike, 0.0)
            total += _whole_sum(np.rint(paid * UNITS))
            squares += _whole_sum(np.rint(paid * paid * UNITS))
        return {"paths": parameters.paths_per_item, "sum": total, "sum_of_squares": squares}

    return call


def _whole_sum(block: "np.ndarray") -> int:
    """The exact sum of whole numbers kept as floats; those that 64 bits might not hold add up as Python integers."""
    is_small = block.max(initial=0.0) < 2.0**63 / BLOCK
    return int(block.astype("int64").sum()) if is_small else sum(map(int, block.tolist()))


class Estimate:
    """Mean and standard error of the discounted pay-off."""

    def partial(self, values: Sequence[Json]) -> Json:
        return {name: sum(value[name] for value in values) for name in ("paths", "sum", "sum_of_squares")}

    def merge(self, left: Json, right: Json) -> Json:
        return self.partial((left, right))

    def value(self, partial: Json) -> Json:
        """`estimate` and `standard_error` [currency]; one path alone has no standard error."""
        n, total, squares = partial["paths"], partial["sum"], partial["sum_of_squares"]
        scatter = max(0, n * squares * UNITS - total * total)  # n^2 x variance [units^2]; rounding may leave it below 0
        error = math.sqrt(scatter / (n * n * (n - 1))) / UNITS if n > 1 else None
        return {"estimate": total / (n * UNITS), "standard_error": error, "paths": n}

    def sentence(self, value: Json) -> str:
        error = "" if value["standard_error"] is None else f" ± {value['standard_error']:.6f} (standard error)"
        return f"The option is worth {value['estimate']:.6f}{error}, from {value['paths']:,} paths."


def check(parameters: Parameters, items: int) -> None:
    if parameters.volatility * math.sqrt(parameters.years) > 3.0:
        sentence = "must stay below 3 over the whole time: volatility x sqrt(years)"  # above, few paths decide the mean
        raise InvalidInput(f"Parameters do not fit: volatility {sentence}.", fields={"volatility": sentence})


WORKLOAD = Workload(
    key="option-price",
    title="Option price",
    description="Prices a European call option by Monte Carlo; the estimate and its standard error sharpen as it runs.",
    teaches="Work without any shared state scales almost ideally; four times the work halves the error.",
    parameters=Parameters,
    variants={"python": python, "numpy": numpy},
    vectorised=frozenset({"numpy"}),
    item_at=lambda index, parameters: index,
    default_items=100,
    item_help="One batch of paths, drawn from the seed and the item's index. Generated only.",
    known_answer=KnownAnswer(
        items=4,
        parameters={"paths_per_item": 5_000, "spot": 42, "strike": 40, "rate": 0.1, "volatility": 0.2, "years": 0.5},
        value={"estimate": 4.7594, "standard_error": 0.035099, "paths": 20_000}, tolerance=0.03,
        source="J. C. Hull, Options, Futures and Other Derivatives: Black-Scholes gives 4.76; the second moment of the "
               "pay-off gives the standard error; the tolerance is 4 of it",
    ),
    combine=Estimate(),
    check=check,
)
