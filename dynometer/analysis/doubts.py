"""What a fit can't know, in words."""

import math

from dynometer.analysis.fit import Fit
from dynometer.analysis.lack_of_fit import lack_of_fit_p
from dynometer.analysis.replicates import Replicates
from dynometer.wording import counted, number

ENOUGH_POINTS, LEAST_FOR_FORECASTS = 6, 5  # distinct N
EXTRAPOLATED = 1.5  # times the greatest measured N: so far out a law says little
VAGUE = 0.5  # width of sigma's interval that says nothing: half of all it can be
COARSE = 0.1  # residuals, as a share of X


def about(found: Fit, data: Replicates, superlinear: str) -> tuple[str, ...]:
    """Sentences on a chosen fit; `superlinear` is one of them, where any fit through the points said so."""
    said = list(about_points(data))
    if "sigma" in found.free and (sigma := found.estimate("sigma")).high - sigma.low >= VAGUE:
        said.append(f"sigma is not identifiable: these points allow {number(sigma.low, 2)} to {number(sigma.high, 2)}.")
    if superlinear:
        said.append(superlinear)
    if found.sigma > 1:
        said.append("sigma is above 1: throughput falls from the first worker on, which no serial share explains.")
    if found.residual_se and found.residual_se > COARSE:
        said.append(f"The points scatter by {found.residual_se:.0%} around the law: it shows a trend, not each point.")
    if not found.is_refined:
        said.append("The optimiser failed: these are the coefficients of its closed-form start.")
    return tuple(said)


def about_points(data: Replicates) -> tuple[str, ...]:
    """Sentences on what so many points, with so many replicates, leave open."""
    said, n = [], len(data.workers)
    if n < LEAST_FOR_FORECASTS:
        said.append(f"Only {counted(n, 'worker count')}: forecasts beyond {data.workers[-1]:g} are refused below "
                    f"{LEAST_FOR_FORECASTS}, and three coefficients need {ENOUGH_POINTS}.")
    elif n < ENOUGH_POINTS:
        said.append(f"Only {counted(n, 'worker count')}: three coefficients need {ENOUGH_POINTS}.")
    if not data.has_replicates:
        many = "Too few replicates" if data.degrees else "No replicates"
        said.append(f"{many}: nothing tells noise from a wrong law, so no test says whether this one describes the "
                    "points. Measure each worker count five times.")
    return tuple(said)


def is_extrapolated(fit: Fit, workers: float) -> bool:
    """Whether `workers` lie farther out than the points bear."""
    return workers > EXTRAPOLATED * fit.most_workers


def peak(usl: Fit, data: Replicates) -> str:
    """Where throughput is greatest, or that no peak was seen and where one could still be."""
    if usl.sigma >= 1:
        return "Throughput falls from the first worker on."
    if (top := usl.peak_workers()) and usl.estimate("kappa").low > 0:
        if top.value < 1:
            return "One worker is best: throughput falls with each further one."
        if is_extrapolated(usl, top.value):
            return (f"No peak seen up to N = {usl.most_workers:g}; the law has one near {number(top.value)} workers, "
                    f"an extrapolation beyond {EXTRAPOLATED:g} times the largest N.")
        beyond = ", beyond what was measured" if top.value > usl.most_workers else ""
        return f"Throughput peaks near {number(top.value)} workers ({number(top.low)} to {number(top.high)}){beyond}."
    best = max(zip(data.mean_log, data.workers, strict=True))
    if best[1] < usl.most_workers and best[0] - data.mean_log[-1] > max(COARSE, 2 * (usl.residual_se or 0.0)):
        return (f"Throughput was greatest at N = {best[1]:g} and fell after it, but these points can't place the peak: "
                "kappa can't be told from 0.")
    if least := usl.least_peak_workers():
        return f"No peak seen up to N = {usl.most_workers:g}; if there is one, N >= {number(least)}."
    return f"No peak seen up to N = {usl.most_workers:g}; where one could be is not identifiable."


def oversubscription(whole: Replicates, beyond: tuple[float, ...], cores: float) -> str:
    """How the points beyond the cores compare with the best up to them."""
    logs = dict(zip(whole.workers, whole.mean_log, strict=True))
    best = max((log for n, log in logs.items() if n <= cores), default=max(logs.values()))
    worst = min(beyond, key=lambda n: logs[n])
    change = math.expm1(logs[worst] - best)
    than = "more" if change > 0 else "less"
    return (f"{worst:g} workers on {counted(cores, 'core')} are oversubscribed: they deliver {abs(change):.1%} {than} "
            "than the best up to the cores. Points beyond the cores are not fitted.")


def largest_residual(found: Fit, data: Replicates) -> tuple[float, float]:
    """N and (X - X_fit) / X_fit where that is greatest, of the means."""
    shares = {n: math.exp(log) / found.throughput(n) - 1 for n, log in zip(data.workers, data.mean_log, strict=True)}
    worst = max(shares, key=lambda n: abs(shares[n]))
    return worst, shares[worst]


def p_of(found: Fit, data: Replicates) -> str:
    p = lack_of_fit_p(found, data)
    return "" if p is None else f" (lack of fit p = {p:.2g})"


def of_cores(cores: float) -> str:
    return f"the {counted(cores, 'core')}"
