"""Advice: the rows of the table in order, those that hold and can be followed; the first is the main one."""

from dataclasses import replace

from dynometer.advice.cause import Diagnosis
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, RunnerUp, Severity
from dynometer.advice.options import ONE, Option, is_clearly_above, is_tied, is_usable, leading, measured, ratio
from dynometer.advice.rules import beyond, builds, cores, measuring, processes, variants, waiting
from dynometer.advice.sound import sound_facts

__all__ = [
    "advise",
    "beyond",
    "builds",
    "cores",
    "measuring",
    "processes",
    "variants",
    "waiting",
]  # importing registers

FASTER_VARIANT = 2
COMPARED = {FASTER_VARIANT, 3, 4, 6, 7, 8, 10, 17, 18}  # rows that name a model for its speed
CLOSING = {0, 1}  # nothing further is advised beside these
AS_MEASURED = 19


def advise(facts: Facts, diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """What to do, the main advice first; never a model that is unavailable or void, and never nothing.

    Pure, and raises for no facts: numbers that say nothing count as not measured.
    """
    facts = sound_facts(facts)
    findings: list[Finding] = []
    for rule in RULES.in_order():
        if rule.number == AS_MEASURED and any(one.severity is Severity.ADVICE for one in findings):
            continue
        finding = rule.apply(facts, diagnosis)
        has_variant = any(one.number == FASTER_VARIANT for one in findings)
        if finding is None or not _is_valid(facts, finding, rule.number, has_variant):
            continue
        beside = _runner_up(facts, finding, has_variant)
        findings.append(replace(finding, key=rule.key, number=rule.number, runner_up=beside))
        if rule.number in CLOSING:
            break
    return tuple(findings)


def _is_valid(facts: Facts, finding: Finding, number: int, has_variant: bool) -> bool:
    """Whether it can be followed, and nothing measured is simpler and as good, or clearly better."""
    if finding.model is None:
        return True
    if not is_usable(facts, finding.model, finding.variant):
        return False
    advised = _option(finding)
    if number not in COMPARED or advised.gain is None:
        return True
    for rival in measured(facts):
        if rival.model == "cluster" or (rival.model, rival.variant) == (advised.model, advised.variant):
            continue
        if rival.variant != facts.base_variant and (number == FASTER_VARIANT or has_variant):
            continue  # the faster variant is advised already: this is for those who can't use it
        is_simpler = rival.simplicity < advised.simplicity
        if is_clearly_above(rival, advised) or (is_simpler and not is_clearly_above(advised, rival)):
            return False
    return True


def _option(finding: Finding) -> Option:
    reached = finding.gain or (ONE if finding.model == "sequential" else None)
    return Option(
        finding.model or "",
        finding.variant or "",
        finding.workers or 1,
        None,
        reached if finding.gain_over == "sequential" else None,
    )


def _runner_up(facts: Facts, finding: Finding, has_variant: bool) -> RunnerUp | None:
    """The best other way that was measured here; sequential where none was.

    Once a faster variant is advised, the rest is for those who can't use it, and is compared without it.
    """
    advised = _option(finding)
    if advised.gain is None or finding.model is None:
        return None
    others = [
        one
        for one in measured(facts)
        if (one.model, one.variant) != (advised.model, advised.variant)
        and one.gain
        and one.model != "cluster"
        and not (has_variant and one.variant != facts.base_variant)
    ]
    best = leading(others)
    if best is None and finding.model != "sequential" and is_usable(facts, "sequential", facts.base_variant):
        best = Option("sequential", facts.base_variant or "", 1, None, ONE)
    over = ratio(best, advised) if best else None
    if best is None or over is None:
        return None
    return RunnerUp(best.model, best.variant, best.workers, best.gain, over - 1, is_tied(best, advised))
