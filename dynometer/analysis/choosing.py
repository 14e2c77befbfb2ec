"""How the law is chosen: candidates from simple to rich, the first that is not rejected and not improved (science A.3).

Roofline (of known cores, else with a free break-point), Amdahl, USL.  "Rejected" is the lack-of-fit test, "improved"
the F test of one more coefficient.
"""

import math
from dataclasses import replace

from dynometer.analysis import doubts
from dynometer.analysis.choice import Choice, Coefficients
from dynometer.analysis.fit import Fit
from dynometer.analysis.fitting import fit, fit_break_point, fit_roofline
from dynometer.analysis.lack_of_fit import improvement_p, lack_of_fit_p
from dynometer.analysis.ranges import at_least, finite
from dynometer.analysis.replicates import Curve, Replicates, summarise
from dynometer.wording import counted

REJECTED = 0.01  # p of the lack of fit
KAPPA_WANTED = 0.04  # p of what kappa gains over Amdahl; 0.05 exceeds 7 % of 400 sets without kappa now and then
SIGMA_WANTED = 0.01  # p of what sigma gains over the roofline: a small sigma is no reason to leave the simplest law
CLOSE = 0.03  # residuals of a roofline that passes without replicates: half-width of a good point (science C.2)
ONE_WORKER = 1.05  # a break-point below it is that of one lock or one core
NOT_BOUND = 1.5  # throughput beyond the cores over the plateau: more than SMT gives, so the work waits instead


def decide(curve: Curve, cores: float | None) -> Choice:
    """What `choice.choose` promises."""
    whole = summarise(curve)
    if cores is not None:
        finite("cores", cores)
        at_least("cores", cores, 0, is_open=True)
    if len(whole.workers) < 3:
        return _none(f"{counted(len(whole.workers), 'worker count')} can't tell laws apart: a law needs three "
                     "or more. Read speed-up and efficiency instead.", whole)
    if cores is None:
        return _law(whole)
    inside = _inside(curve, cores)
    if _needs_no_cores(whole, inside, cores):
        choice = _law(whole)
        remark = (f"Throughput rises far beyond {doubts.of_cores(cores)}: this work waits rather than computes, so "
                  "the cores are no limit and all points are fitted.")
        return replace(choice, warnings=(remark, *choice.warnings))
    return replace(_roofline(whole, inside, cores) or _within(whole, inside, cores), cores=cores)


def _inside(curve: Curve, cores: float) -> Replicates | None:
    kept = {n: values for n, values in curve.items() if n <= cores}
    return summarise(kept) if any(len(values) for values in kept.values()) else None


def _within(whole: Replicates, inside: Replicates | None, cores: float) -> Choice:
    """The law up to the cores; points beyond them are left out, with a word on each."""
    beyond = tuple(n for n in whole.workers if n > cores)
    if inside is None or len(inside.workers) < 3:
        known = counted(len(inside.workers) if inside else 0, "worker count")
        reason = (f"Only {known} up to {doubts.of_cores(cores)}, and the roofline min(N, {cores:g}) does not describe "
                  "the points: no law can be fitted. Read speed-up and efficiency instead.")
        return replace(_none(reason, whole), oversubscribed=beyond)
    choice = _law(inside)
    if not beyond:
        return choice
    warnings = (doubts.oversubscription(whole, beyond, cores), *choice.warnings)
    return replace(choice, oversubscribed=beyond, warnings=warnings)


def _needs_no_cores(whole: Replicates, inside: Replicates | None, cores: float) -> bool:
    beyond = [log for n, log in zip(whole.workers, whole.mean_log, strict=True) if n > cores]
    if inside is None or not beyond:
        return False
    return math.exp(max(beyond)) > NOT_BOUND * fit_roofline(inside, cores).gamma * cores


def _roofline(whole: Replicates, inside: Replicates | None, cores: float) -> Choice | None:
    """The roofline of the cores, or of one core where nothing was ever gained; None when neither holds."""
    beyond = tuple(n for n in whole.workers if n > cores)
    amdahl = fit(inside, "amdahl") if inside is not None and len(inside.workers) > 1 else None
    is_linear = inside is None or not _is_improved(inside, cores, amdahl)
    superlinear = amdahl.superlinear if amdahl else ""
    linear = f"Throughput is linear up to {doubts.of_cores(cores)}"
    held = fit_roofline(whole, cores)
    if is_linear and _describes(held, whole):
        seen = (f"{linear} and flat beyond: min(N, {cores:g})." if beyond else
                f"Throughput is linear up to {whole.workers[-1]:g} workers, the most measured on "
                f"{counted(cores, 'core')}: the plateau beyond the cores was not seen.")
        return _chosen(held, whole, seen, superlinear=superlinear, oversubscribed=beyond)
    flat = fit_roofline(whole, 1)
    is_flat = cores > 1 and whole.workers[0] <= 1 and _describes(flat, whole)
    if is_flat and not _is_improved(whole, 1, fit(whole, "amdahl")):
        reason = "Throughput stays that of one worker, min(N, 1): one lock, such as the GIL, or one free core."
        return _chosen(flat, whole, reason, oversubscribed=beyond)
    if not is_linear or inside is None or len(inside.workers) < 3:
        return None
    held = fit_roofline(inside, cores)
    remarks = (doubts.oversubscription(whole, beyond, cores),) if beyond else ()
    if not _describes(held, inside):
        return None
    return _chosen(held, inside, f"{linear}.", superlinear=superlinear, extra=remarks, oversubscribed=beyond)


def _is_improved(data: Replicates, cores: float, amdahl: Fit | None) -> bool:
    """Whether a sigma describes the points better than `cores`; for one core it may err both ways, so p is whole."""
    if amdahl is None:
        return False
    p = improvement_p(fit_roofline(data, cores), amdahl, data)
    return p is not None and p * (2 if cores == 1 else 1) < SIGMA_WANTED


def _describes(found: Fit, data: Replicates) -> bool:
    p = lack_of_fit_p(found, data)
    if p is not None:
        return p >= REJECTED
    return found.law != "roofline" or (found.residual_se or 0.0) <= CLOSE


def _misses(amdahl: Fit, usl: Fit, data: Replicates) -> bool:
    """What stands in for the lack of fit without replicates: Amdahl misses grossly, the USL less than half as much."""
    if data.has_replicates or amdahl.residual_se is None or usl.residual_se is None:
        return False
    return amdahl.residual_se > max(doubts.COARSE, 2 * usl.residual_se)


def _law(data: Replicates) -> Choice:
    """Roofline with a free break-point, Amdahl or USL through three or more points; none when none describes them."""
    amdahl, usl = fit(data, "amdahl"), fit(data, "usl")
    kappa_p = improvement_p(amdahl, usl, data)
    superlinear = amdahl.superlinear or usl.superlinear
    if kappa_p is None:
        return _none("Three points without replicates leave nothing to tell the laws apart: sigma and kappa are not "
                     "identifiable.", data, superlinear)
    if plateau := _plateau(data, amdahl, usl):
        return plateau
    if _describes(amdahl, data) and kappa_p >= KAPPA_WANTED and not _misses(amdahl, usl, data):
        return _chosen(amdahl, data, f"Amdahl's law describes the points{doubts.p_of(amdahl, data)}, and kappa does "
                       f"not improve on it (p = {kappa_p:.2g}). {doubts.peak(usl, data)}", superlinear=superlinear)
    if _describes(usl, data):
        gain = (f"its kappa improves on Amdahl's law (p = {kappa_p:.2g})" if kappa_p < KAPPA_WANTED else
                f"Amdahl's law does not{doubts.p_of(amdahl, data)}: it misses by {amdahl.residual_se or 0:.0%}")
        return _chosen(usl, data, f"The USL describes the points{doubts.p_of(usl, data)}, and {gain}. "
                       f"{doubts.peak(usl, data)}", superlinear=usl.superlinear)
    worst, miss = doubts.largest_residual(usl, data)
    none = _none(f"Neither Amdahl's law nor the USL describes these points{doubts.p_of(usl, data)}: read the points, "
                 f"not coefficients. The USL misses most at N = {worst:g}, by {miss:+.1%}.", data, superlinear)
    return replace(none, lack_of_fit_p=lack_of_fit_p(usl, data), residual_share=usl.residual_se)


def _plateau(data: Replicates, amdahl: Fit, usl: Fit) -> Choice | None:
    """The roofline whose break-point the points tell, where neither law describes them better.

    A plateau of cores, a quota or a lock looks like a USL with a peak: it is tried before one is stated.
    """
    if not data.has_replicates and len(data.workers) <= usl.coefficients:
        return None
    found = fit_break_point(data)
    if found is None or found.break_point is None or not _describes(found, data) or amdahl.ssq < found.ssq:
        return None
    usl_p = improvement_p(found, usl, data)
    if usl_p is not None and usl_p < KAPPA_WANTED:
        return None
    at = found.break_point
    span = f" ({at.low:.3g} to {at.high:.3g})" if math.isfinite(at.high) else ""
    rise = f"is linear up to about {at.value:.3g} workers{span}"
    where = "stays that of one worker" if at.value < ONE_WORKER else rise
    return _chosen(found, data, f"Throughput {where} and flat beyond, as cores, a quota or a lock make it"
                   f"{doubts.p_of(found, data)}: min(N, {at.value:.3g}), with a break-point that the points tell.")


def _chosen(found: Fit, data: Replicates, reason: str, *, superlinear: str = "", extra: tuple[str, ...] = (),
            oversubscribed: tuple[float, ...] = ()) -> Choice:
    sigma, kappa = (found.estimate(name) if name in found.free else None for name in ("sigma", "kappa"))
    coefficients = Coefficients(found.estimate("gamma"), sigma, kappa, found.cores)
    peak = found.peak_workers() if kappa and kappa.low > 0 else None
    return Choice(found.law, reason, coefficients, peak, found.residual_se, lack_of_fit_p(found, data),
                  (*extra, *doubts.about(found, data, superlinear)), found, oversubscribed, superlinear=superlinear)


def _none(reason: str, data: Replicates, superlinear: str = "") -> Choice:
    said = (superlinear,) if superlinear else ()
    return Choice("none", reason, None, warnings=(*said, *doubts.about_points(data)), superlinear=superlinear)
