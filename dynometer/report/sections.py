"""What a report says beside its table, as sentences."""

import math
from collections import Counter
from collections.abc import Iterator

from dynometer.advice.cause import Cause, Kind
from dynometer.analysis.choice import Choice
from dynometer.analysis.doubts import is_extrapolated
from dynometer.estimate import Estimate
from dynometer.measure.machine import Environment
from dynometer.measure.plan import Plan
from dynometer.report.report import Report
from dynometer.report.serial_share import serial_share_lines
from dynometer.wording import counted, figure, size

UNSETTLED = (Kind.UNDETERMINED, Kind.REFUSED)


def setback_lines(report: Report) -> Iterator[str]:
    """Points that were not measured, or not to the end; equal reasons once."""
    grouped: dict[tuple[str, str], dict[str, list[int]]] = {}
    for setback in report.result.setbacks:
        point = setback.point
        models = grouped.setdefault((str(setback.standing), setback.reason), {})
        models.setdefault(f"{point.model} ({point.variant})", []).append(point.workers)
    for (standing, reason), models in grouped.items():
        names = [f"{name} with {', '.join(map(str, sorted(workers)))}" for name, workers in models.items()]
        yield f"{'; '.join(names)}: {standing}. {reason}"


def law_lines(report: Report) -> Iterator[str]:
    """The law of each curve; what is said of several curves is said once."""
    said: dict[str, list[str]] = {}
    for curve in report.summary.facts.curves:
        if curve.law:
            said.setdefault(_law(curve.law), []).append(f"{curve.model} ({curve.variant})")
    for text, curves in said.items():
        yield f"{', '.join(curves)}: {text}"
    yield from serial_share_lines(report.summary)


def _law(law: Choice) -> str:
    parts = [f"{law.law}. {law.reason}" if law.law != "none" else f"no law. {law.reason}"]
    if law.coefficients:
        found = law.coefficients
        named = [("gamma", found.gamma, " items/s"), ("sigma", found.sigma, ""), ("kappa", found.kappa, "")]
        parts.append("; ".join(f"{name} {figure(value.value)}{unit} ({_bounds(value)})"
                               for name, value, unit in named if value) + ".")
    if law.peak_workers:
        parts.append(_peak(law, law.peak_workers))
    if law.residual_share is not None:
        fit = f", lack of fit p = {law.lack_of_fit_p:.2g}" if law.lack_of_fit_p is not None else ""
        parts.append(f"Residuals {law.residual_share:.1%} of X{fit}.")
    return " ".join(filter(None, [*parts, *law.warnings]))


def _peak(law: Choice, peak: Estimate) -> str:
    if peak.value < 1:
        return ""  # the reason says that one worker is best
    is_far = law.fit is not None and is_extrapolated(law.fit, peak.value)
    far = ", an extrapolation beyond 1.5 times the largest N" if is_far else ""
    return f"Peak at {figure(peak.value)} workers ({_bounds(peak)}){far}."


def _bounds(estimate: Estimate) -> str:
    if math.isinf(estimate.high):
        return "interval unknown"
    return f"{figure(estimate.low)} to {figure(estimate.high)}"


def diagnosis_lines(report: Report) -> Iterator[str]:
    """The cause with its evidence, then the others."""
    diagnosis = report.diagnosis
    yield _cause(diagnosis)
    for cause in diagnosis.also:
        yield f"Also: {_cause(cause)}"
    for cause in diagnosis.suspected:
        if cause.sentence.lower() not in diagnosis.sentence.lower():
            yield f"Not settled: {cause.sentence}"
    for sentence in diagnosis.would_settle if diagnosis.kind in UNSETTLED else ():
        yield f"To settle it: {sentence}"


def _cause(cause: Cause) -> str:
    evidence = "; ".join(map(str, cause.agreeing))
    against = "; ".join(map(str, cause.disagreeing))
    name = f"{cause.kind}: "
    said = cause.sentence if cause.sentence.lower().startswith(name) else f"{name}{cause.sentence}"
    return " ".join([said, *([f"Evidence: {evidence}."] if evidence else []),
                     *([f"Against it: {against}."] if against else [])])


def advice_lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield str(finding)


def noise_lines(report: Report) -> Iterator[str]:
    """Rejected windows by detector, and the machine before the start."""
    result = report.result
    rejected = [trial for trial in result.trials if not trial.is_accepted]
    if rejected:
        why = Counter(sentence.partition(":")[0].rstrip(".") for trial in rejected for sentence in trial.rejected)
        listed = ", ".join(f"{name} {times}" for name, times in why.most_common())
        yield f"{len(rejected):,} of {counted(len(result.trials), 'window')} rejected ({listed}); none of them is used."
    else:
        yield f"None of {counted(len(result.trials), 'window')} was rejected."
    environment = result.environment
    before = []
    if environment.load_before is not None:
        before.append(f"load {environment.load_before:.2f}")
    if environment.pressure_before is not None:
        before.append(f"CPU pressure {environment.pressure_before:.1%}")
    if before:
        yield f"Before the start: {', '.join(before)}."
    for probe in result.probes:
        if probe.call_overhead_s is not None:
            yield f"The instrument's own overhead: {figure(probe.call_overhead_s * 1e6)} us per item."
            break


def machine_lines(environment: Environment, plan: Plan) -> Iterator[str]:
    quota = "no CPU quota" if environment.cpu_quota is None else f"a quota of {environment.cpu_quota:g} CPUs"
    memory = f", {size(environment.memory_bytes)} memory" if environment.memory_bytes else ""
    if environment.memory_limit_bytes:
        memory += f" limited to {size(environment.memory_limit_bytes)}"
    virtual = f", {environment.virtualisation}" if environment.virtualisation else ""
    yield (f"{environment.cpu_model or 'CPU not known'}: {environment.cpus_usable:g} of {environment.cpus_online} CPUs "
           f"usable, {quota}{memory}{virtual}; {environment.system}.")
    lock = "with the GIL" if environment.is_gil_enabled else "without the GIL"
    yield f"{environment.implementation} {environment.python} {lock}, {environment.build}."
    versions = ", ".join(f"{name} {version}" for name, version in environment.versions.items())
    yield (f"{versions}; BLAS {environment.blas or 'none'}, {counted(environment.library_threads, 'library thread')} "
           f"per worker; start method {plan.start_method}; order of blocks from seed {plan.seed}.")
