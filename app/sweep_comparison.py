"""What the page that compares shows: two sweeps, or two models of one, or why they can't be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.charts import Frame
from app.sweep_view import SweepView, sweep_view
from dynometer.compare.as_text import percents, verdict_of
from dynometer.compare.changes import Comparison, compare
from dynometer.compare.likeness import Difference, NotComparable, differences, require_alike
from dynometer.compare.models import Curve, Gap, curves_in, gaps
from dynometer.errors import DynometerError, InvalidInput
from dynometer.wording import figure, interval, times

MOST_ACROSS = 40


@dataclass(frozen=True)
class Asked:
    """As the URL says it; what is no number is nobody's sweep."""

    a: int | None = None
    b: int | None = None
    model_a: str = ""  # "pool" or "pool/python"
    model_b: str = ""
    across: tuple[str, ...] = ()  # facts that may differ


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    a: str
    b: str
    change: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class Compared:
    """Two sweeps, as far as they were chosen; at most one of `differences` and `rows` has something."""

    a: SweepView | None = None
    b: SweepView | None = None
    curves: tuple[Curve, ...] = ()  # of one sweep, to choose models from
    sentence: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()  # why they can't be compared
    allowed: tuple[Difference, ...] = ()
    error: str = ""
    comparison: Comparison | None = None
    markdown: str = ""
    offers: Mapping[str, str] = field(default_factory=dict)


def asked_from(given: "MultiDict[str, str]") -> Asked:
    """`pick` twice is how a list asks."""
    picked = given.getlist("pick")[:2]
    a, b = (given.get(name) or (picked[place] if place < len(picked) else "") for place, name in enumerate("ab"))
    across = tuple(dict.fromkeys(given.getlist("across")))[:MOST_ACROSS]
    return Asked(number(a), number(b), given.get("model_a", ""), given.get("model_b", ""), across)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def comparison_of(session: Session, asked: Asked) -> Compared:
    """Raises NotFound for a sweep that is not the caller's to see."""
    a, b = (sweep_view(session, each) if each is not None else None for each in (asked.a, asked.b))
    if a is None or b is None:
        return Compared(a, b)
    if a.result is None or b.result is None:
        return Compared(a, b, error="One of them has measured nothing yet, so there is nothing to compare.")
    if a.sweep.id == b.sweep.id:
        return of_models(a, asked)
    return of_sweeps(a, b, asked.across)


def of_sweeps(a: SweepView, b: SweepView, across: Sequence[str]) -> Compared:
    assert a.result, "the caller has looked"
    assert b.result, "at both"
    try:
        allowed = require_alike(a.result, b.result, across)
    except NotComparable:
        return Compared(a, b, differences=differences(a.result, b.result))
    except InvalidInput as error:
        return Compared(a, b, error=f"{error} {error.hint}".strip())
    found = compare(a.result, b.result, allowed)
    rows = tuple(
        Row(f"{change.point.model} ({change.point.variant}) with {change.point.workers}",
            figure(change.a_per_s.value), figure(change.b_per_s.value), f"{change.ratio.value - 1:+.1%}",
            percents(change.ratio), str(change.evidence))
        for change in found.changes
    )  # fmt: skip
    notes = notes_of(found)
    heads = f"A: {a.sweep.name} #{a.sweep.id}", f"B: {b.sweep.name} #{b.sweep.id}"
    return Compared(
        a, b, sentence=verdict_of(found), rows=rows, notes=notes, allowed=allowed, comparison=found,
        markdown=markdown_of(heads, verdict_of(found), rows, notes),
    )  # fmt: skip


def of_models(view: SweepView, asked: Asked) -> Compared:
    assert view.result, "the caller has looked"
    curves = curves_in(view.result)
    a, b = curve_named(asked.model_a, curves), curve_named(asked.model_b, curves)
    if a is None or b is None:
        named = asked.model_a or asked.model_b
        return Compared(view, view, curves, error="Choose two models of this sweep." if named else "")
    try:
        found = gaps(view.result, a, b)
    except DynometerError as error:
        return Compared(view, view, curves, error=str(error))
    rows = tuple(gap_row(gap) for gap in found)
    name_a, name_b = f"{a[0]} ({a[1]})", f"{b[0]} ({b[1]})"
    sentence = sentence_of_gaps(name_a, name_b, found)
    heads = f"A: {name_a}", f"B: {name_b}"
    return Compared(view, view, curves, sentence=sentence, rows=rows, markdown=markdown_of(heads, sentence, rows, ()))


def curve_named(name: str, curves: Sequence[Curve]) -> Curve | None:
    """ "pool/python", or "pool" for the first variant of it."""
    model, _, variant = name.partition("/")
    return next((curve for curve in curves if curve[0] == model and variant in ("", curve[1])), None)


def gap_row(gap: Gap) -> Row:
    change = f"{gap.ratio.value - 1:+.1%}" if gap.ratio else f"{gap.b_per_s.value / gap.a_per_s.value - 1:+.1%}"
    bounds = percents(gap.ratio) if gap.ratio else "interval not known"
    name = f"{gap.workers} worker{'' if gap.workers == 1 else 's'}"
    return Row(name, figure(gap.a_per_s.value), figure(gap.b_per_s.value), change, bounds, str(gap.evidence))


def sentence_of_gaps(name_a: str, name_b: str, found: Sequence[Gap]) -> str:
    if not found:
        return f"{name_a} and {name_b} were measured with no number of workers in common."
    told = [gap for gap in found if gap.evidence in ("faster", "slower") and gap.ratio]
    if not told:
        return f"No evidence that {name_b} and {name_a} differ with the same number of workers."
    said = [f"{times(gap.ratio.value)} ({interval(gap.ratio)}) with {gap.workers}" for gap in told if gap.ratio]
    return f"{name_b} does {', '.join(said)} of what {name_a} does."


def notes_of(found: Comparison) -> tuple[str, ...]:
    notes = []
    for name, points in (("A", found.only_in_a), ("B", found.only_in_b)):
        if points:
            listed = ", ".join(f"{point.model} ({point.variant}) with {point.workers}" for point in points)
            notes.append(f"Only in {name}: {listed}.")
    unlike: dict[str, list[str]] = {}
    for change in found.changes:
        for words in change.unlike:
            unlike.setdefault(words, []).append(f"{change.point.model} with {change.point.workers}")
    for words, names in unlike.items():
        notes.append(f"Not measured alike: {', '.join(names)}, with {words}. That may be the difference, or hide one.")
    notes += [f"By your leave they differ in {each}." for each in found.allowed]
    return tuple(notes)


def markdown_of(heads: tuple[str, str], sentence: str, rows: Sequence[Row], notes: Sequence[str]) -> str:
    """For a pull request."""
    lines = [f"**{escaped(sentence)}**", "", *(f"- {escaped(head)}" for head in heads), "",
             "| point | A items/s | B items/s | B over A | 95 % | evidence |", "|---|--:|--:|--:|--:|---|"]  # fmt: skip
    for row in rows:
        cells = (row.name, row.a, row.b, row.change, row.interval, row.verdict)
        lines.append(f"| {' | '.join(map(escaped, cells))} |")
    return "\n".join([*lines, *([""] if notes else []), *(f"- {escaped(note)}" for note in notes)]) + "\n"


def escaped(text: str) -> str:
    """So that a name stays text in Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)


def frame_of(found: Compared) -> Frame:
    names = [f"{view.sweep.name} #{view.sweep.id}" for view in (found.a, found.b) if view]
    return Frame(f"A: {names[0]}, B: {names[1]}", found.sentence, "Dynometer")
