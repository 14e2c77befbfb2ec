"""A comparison in words, and as JSON: the same verdict in both."""

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from dynometer.advice.prediction import Outcome
from dynometer.compare.changes import CONFIDENCE, Change, Comparison, Evidence
from dynometer.compare.foretold import sentence_of
from dynometer.estimate import Estimate
from dynometer.measure.codec import to_json
from dynometer.report.as_json import gates_object
from dynometer.summary.gates import Judged
from dynometer.wording import counted, figure

COMPARISON_FORMAT = 1
WIDTH = 110


def verdict_of(comparison: Comparison) -> str:
    """One sentence or two."""
    changes = comparison.changes
    if not changes:
        return "Nothing in common: no point was measured in both results."
    if different := comparison.different:
        ranked = sorted(different, key=lambda change: -abs(math.log(change.ratio.value)))
        named = "; ".join(f"{_name(change)} is {change.evidence} by {abs(change.ratio.value - 1):.0%} "
                          f"({percents(change.ratio)})" for change in ranked)
        return f"B differs from A in {len(different)} of {counted(len(changes), 'common point')}: {named}."
    judged = [change for change in changes if change.evidence is not Evidence.TOO_FEW]
    if not judged:
        return "No evidence: each common point has fewer than three windows in one of the results."
    small = [change for change in judged if change.evidence is Evidence.SMALL]
    said = f"No evidence of a difference in {counted(len(judged), 'common point')}."
    if not small:
        return said
    return f"{said} {counted(len(small), 'point')} moved by less than 5 %, as two runs of one machine may."


def comparison_text(comparison: Comparison, gates: Sequence[Judged] = (), told: Sequence[Outcome] = ()) -> str:
    """Lines of plain text, the verdict first."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, highlight=False, markup=False, emoji=False)
    console.print(verdict_of(comparison))
    for judged in gates:
        console.print(judged.sentence)
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    left = ("model", "variant", "evidence")
    for title in ("model", "variant", "N", "A items/s", "B items/s", "B over A", "(95 %)", "p (Holm)", "evidence"):
        table.add_column(title, justify="left" if title in left else "right", no_wrap=True)
    for change in comparison.changes:
        table.add_row(*_cells(change))
    if comparison.changes:
        console.print()
        console.print(table)
    for line in (*map(sentence_of, told), *_notes(comparison)):
        console.print(f"- {line}")
    said: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def as_object(comparison: Comparison, gates: Sequence[Judged] = (), told: Sequence[Outcome] = ()) -> dict[str, Any]:
    """The comparison in dicts, lists and scalars; bounds that are not known are null."""
    return {
        "comparison_format": COMPARISON_FORMAT, "verdict": comparison.verdict, "sentence": verdict_of(comparison),
        "points": [{
            "model": change.point.model, "variant": change.point.variant, "workers": change.point.workers,
            "a_throughput_per_s": _bounds(change.a_per_s), "b_throughput_per_s": _bounds(change.b_per_s),
            "ratio": _bounds(change.ratio), "p": change.p, "p_adjusted": change.p_adjusted,
            "evidence": str(change.evidence), "unlike": list(change.unlike),
        } for change in comparison.changes],
        "only_in_a": to_json(comparison.only_in_a), "only_in_b": to_json(comparison.only_in_b),
        "differences": [{"fact": each.fact, "a": to_json(each.a), "b": to_json(each.b)} for each in comparison.allowed],
        "predictions": [{"rule": each.prediction.rule, "model": each.prediction.model,
                         "workers": each.prediction.workers, "predicted": _bounds(each.prediction.gain),
                         "measured": _bounds(each.measured), "is_hit": each.is_hit, "sentence": sentence_of(each)}
                        for each in told],
        "gates": gates_object(gates),
    }


def percents(ratio: Estimate) -> str:
    """The interval of a change."""
    if ratio.low <= 0 or math.isinf(ratio.high):
        return "interval not known"
    return f"{ratio.low - 1:+.1%} to {ratio.high - 1:+.1%}"


def _cells(change: Change) -> list[str]:
    p = "-" if change.p_adjusted is None else f"{change.p_adjusted:.2g}"
    point = change.point
    return [point.model, point.variant, str(point.workers), figure(change.a_per_s.value), figure(change.b_per_s.value),
            f"{change.ratio.value - 1:+.1%}", percents(change.ratio), p, str(change.evidence)]


def _notes(comparison: Comparison) -> Iterator[str]:
    unsure = [change for change in comparison.changes if change.evidence is Evidence.NONE]
    if chance := sum(change.p is not None and change.p < 1 - CONFIDENCE for change in unsure):
        of_all = counted(len(comparison.changes), "interval")
        yield (f"{chance} of {of_all} leave out 0 % and count as no evidence: with so "
               "many points that may be chance.")
    for name, points in (("A", comparison.only_in_a), ("B", comparison.only_in_b)):
        if points:
            listed = ", ".join(f"{point.model} ({point.variant}) with {point.workers}" for point in points)
            yield f"Only in {name}: {listed}."
    unlike: dict[str, list[str]] = {}
    for change in comparison.changes:
        for words in change.unlike:
            unlike.setdefault(words, []).append(_name(change))
    for words, names in unlike.items():
        yield f"Not measured alike: {', '.join(names)}, with {words}. That may be the difference, or hide one."
    for each in comparison.allowed:
        yield f"By your leave they differ in {each}."
    if comparison.changes:
        yield ("p is that of no difference, corrected for the number of points; called different: p below 0.05 and a "
               "change of at least 5 %. Two results can't show what differs between days.")


def _name(change: Change) -> str:
    return f"{change.point.model} ({change.point.variant}) with {change.point.workers}"


def _bounds(estimate: Estimate) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None
            for name, value in (("value", estimate.value), ("low", estimate.low), ("high", estimate.high))}
