"""The report of `fit` for a terminal: the verdict first, then what it rests on, then the points."""

import math
import textwrap
from collections.abc import Callable, Iterator

from dynometer.analysis import doubts, usl
from dynometer.analysis.fit import Fit
from dynometer.commands.fit_report import FitReport
from dynometer.estimate import Estimate
from dynometer.wording import number

NAMES = {"roofline": "roofline", "amdahl": "Amdahl", "usl": "USL (universal scalability law)", "none": "none"}
MEANINGS = {"sigma": "sigma, contention", "kappa": "kappa, coherence", "gamma": "gamma, one worker"}
WIDTH = 100


def lines(name: str, report: FitReport) -> Iterator[str]:
    """The report's lines; `name` is what the table is called."""
    points = report.points
    yield f"{name}: {len(points)} worker counts from {points[0].workers:g} to {points[-1].workers:g}"
    yield ""
    yield f"Law: {NAMES[report.choice.law]}"
    yield from _wrapped(report.choice.reason)
    if report.choice.warnings:
        yield ""
        yield "What these points can't tell, and what to doubt:"
        for warning in report.choice.warnings:
            yield from _wrapped(warning, "- ")
    yield from _law(report)
    if (read := report.karp_flatt) and read.pattern != "linear" and report.choice.law != "roofline":
        ends = f"{read.fractions[min(read.fractions)]:.3f} to {read.fractions[max(read.fractions)]:.3f}"
        yield ""
        yield from _wrapped(f"Karp-Flatt serial fraction e, {ends} as workers are added: {report.karp_flatt_sentence}")
    yield from _table(report)
    if report.forecasts:
        yield from _forecasts(report)


def _law(report: FitReport) -> Iterator[str]:
    if fit := report.choice.fit:
        how = "plain least squares on X" if fit.estimator == "absolute" else "least squares on ln X"
        yield ""
        yield f"Coefficients, with 95 % intervals ({how}):"
        yield from _coefficients(fit)
        yield from _quality(report, fit)
    if report.estimator == "absolute" and report.choice.law != "usl" and report.usl:
        yield ""
        yield "The USL by plain least squares, to compare with published answers; not a fact about these points:"
        yield from _coefficients(report.usl)


def _coefficients(fit: Fit) -> Iterator[str]:
    for coefficient in fit.free:
        each = fit.estimate(coefficient)
        yield f"  {MEANINGS[coefficient]:<20}{_number(each.value):>12}  {_span(each)}"
    if fit.break_point is not None:
        yield f"  {'break-point, workers':<20}{fit.break_point.value:>12.4g}  {_span(fit.break_point)}"
    elif fit.cores is not None:
        yield f"  {'cores used':<20}{fit.cores:>12g}"
    yield from _landmarks(fit)


def _landmarks(fit: Fit) -> Iterator[str]:
    if fit.law == "roofline":
        return
    if top := usl.peak(fit.usl):
        span = fit.peak_workers()
        if top.workers < 1:
            yield "  one worker is best: throughput falls with each further one"
            return
        whole = " and ".join(f"{_number(x)} at {n}" for n, x in dict((top.floor, top.ceil)).items())
        yield f"  {'peak, workers':<20}{top.workers:>12.4g}  {_span(span) if span else ''}, X = {whole}"
        if doubts.is_extrapolated(fit, top.workers):
            yield f"  {'':<20}an extrapolation: beyond {doubts.EXTRAPOLATED:g} times the largest N"
    elif fit.sigma:
        yield f"  {'limit of X':<20}{_number(usl.asymptote(fit.usl)):>12}  {1 / fit.sigma:.4g} times one worker"


def _quality(report: FitReport, fit: Fit) -> Iterator[str]:
    yield ""
    yield "How well it fits:"
    if fit.residual_se is not None:
        yield (f"  residuals {fit.residual_se:.1%} of X" if fit.estimator == "log" else
               f"  residual standard error {_number(fit.residual_se)} on {fit.degrees} degrees of freedom")
    p = report.choice.lack_of_fit_p
    yield "  lack of fit can't be tested without replicates" if p is None else f"  lack of fit p = {p:.2g}"
    if worst := report.largest_residual:
        yield f"  largest residual {worst.residual_share:+.1%}, at N = {worst.workers:g}"
    yield f"  band at N = {fit.most_workers:g}: {_span(fit.band(fit.most_workers))}"


def _table(report: FitReport) -> Iterator[str]:
    yield ""
    yield f"{'N':>10}{'X':>12}{'replicates':>12}{'law':>12}{'off':>9}{'speed-up':>10}{'efficiency':>12}"
    shown = report.points if len(report.points) <= 40 else report.points[:: math.ceil(len(report.points) / 40)]
    for point in shown:
        yield (f"{point.workers:>10.6g}{_number(point.throughput.value):>12}{point.replicates:>12}"
               f"{_or_dash(point.fitted, _number):>12}{_or_dash(point.residual_share, '{:+.1%}'.format):>9}"
               f"{_or_dash(point.speedup, '{:.2f}'.format):>10}{_or_dash(point.efficiency, '{:.0%}'.format):>12}"
               f"{'  beyond the cores' if point.is_oversubscribed else ''}")
    if len(shown) < len(report.points):
        yield f"  {len(shown)} of {len(report.points)} points shown; --json has them all"


def _forecasts(report: FitReport) -> Iterator[str]:
    yield ""
    yield "Forecasts, with 95 % bands:"
    for each in report.forecasts:
        if each.throughput:
            yield f"  N = {each.workers:g}: {_number(each.throughput.value)}  {_span(each.throughput)}  {each.standing}"
        else:
            yield f"  N = {each.workers:g}: refused"
        if each.sentence:
            yield from _wrapped(each.sentence + (" (--far)" if "explicitly" in each.sentence else ""), "    ")


def _wrapped(text: str, mark: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"  {mark}", subsequent_indent="  " + " " * len(mark))


def _number(value: float) -> str:
    return number(value, 4)


def _span(each: Estimate) -> str:
    if each.low == 0 and math.isinf(each.high):
        return "(interval unknown)"
    return f"({_number(each.low)} to {'?' if math.isinf(each.high) else _number(each.high)})"


def _or_dash(value: float | None, form: Callable[[float], str]) -> str:
    return "-" if value is None else form(value)
