"""What the two classic readings make of the fastest curve: a line each, where they say something."""

from collections.abc import Iterator, Mapping

from dynometer.advice.facts import Curve
from dynometer.advice.options import SINGLE
from dynometer.analysis import gustafson, karp_flatt
from dynometer.summary.facts import Summary, most_useful_workers


def serial_share_lines(summary: Summary) -> Iterator[str]:
    """By Karp-Flatt (a job of fixed size), then by Gustafson (windows hold more items the more workers there are)."""
    curve = _fastest(summary)
    speedups = _speedups(curve, summary) if curve else {}
    if curve is None or not speedups or max(speedups.values()) <= 1:
        return
    name, most = f"{curve.model} ({curve.variant})", max(speedups)
    if sentence := _karp_flatt(speedups, curve.law.law if curve.law else "none"):
        yield f"{name}, by Karp-Flatt: {sentence}"
    share = gustafson.serial_share(speedups[most], most)
    if share > karp_flatt.NEGLIGIBLE:
        yield (f"{name}, by Gustafson: if the work grows with the workers, as it does in these windows, {most:g} "
               f"workers lose {share:.1%} of their time to what is not spread.")


def _karp_flatt(speedups: Mapping[float, float], law: str) -> str:
    """The trend of e where there are counts enough, else its value; nothing of a curve that is as good as linear."""
    if len(speedups) >= karp_flatt.LEAST_COUNTS:
        found = karp_flatt.reading(speedups)
        shown = ", ".join(f"{e:.3f} at {n:g}" for n, e in found.fractions.items())
        return "" if found.pattern == "linear" else f"serial fraction e {shown}. {karp_flatt.beside(found, law)}"
    most = max(speedups)
    e = karp_flatt.serial_fraction(speedups[most], most)
    if abs(e) < karp_flatt.NEGLIGIBLE:
        return ""
    if e < 0:
        return f"serial fraction e {e:.3f} at {most:g} workers. {karp_flatt.SENTENCES['superlinear']}"
    return f"a serial share of {e:.1%} explains the speed-up with {most:g} workers; its trend needs more worker counts."


def _fastest(summary: Summary) -> Curve | None:
    """Of the plain variant's curves over workers on this node."""
    facts = summary.facts
    curves = [curve for curve in facts.curves if curve.variant == facts.base_variant and _speedups(curve, summary)
              and curve.model not in (*SINGLE, "cluster")]
    return max(curves, key=lambda curve: curve.best.throughput_per_s.value if curve.best else 0.0, default=None)


def _speedups(curve: Curve, summary: Summary) -> dict[float, float]:
    """Workers -> speed-up, of valid points with more than one worker and no more than the CPUs can serve."""
    limit = most_useful_workers(summary.facts.cpus_usable, summary.facts.observables)
    return {float(point.workers): point.speedup.value for point in curve.points
            if point.speedup and point.grade != "invalid" and 1 < point.workers <= limit}
