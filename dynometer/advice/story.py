"""What one curve tells, as a clause or two: how far it scales, and how it goes on from there."""

import math
from dataclasses import dataclass

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores
from dynometer.advice.facts import Curve, Facts
from dynometer.advice.options import BASELINE, Option, is_clearly_above, lead_of, of_model
from dynometer.wording import counted, hundredths, interval, listed, times

WAITS = (Kind.IO, Kind.IO_SERIAL, Kind.MIXED)
LITTLE = 0.5  # below half of what its further workers could add, a curve does not "scale"
SMALL_GAIN = 1.5
HELPS_LEAST = 1.1  # an interval that ends below speaks against any gain


@dataclass(frozen=True)
class Story:
    """One variant under one model, by its valid points."""

    curve: Curve
    options: tuple[Option, ...]  # by rising workers, at least one
    lead: Option  # the fewest workers that nothing on the curve clearly beats

    @property
    def last(self) -> Option:
        return self.options[-1]

    @property
    def shown(self) -> Option:
        """The point that stands for a curve that does not rise: the fastest with several workers."""
        several = [one for one in self.options if one.workers > 1] or list(self.options)
        return max(several, key=lambda one: one.gain.value if one.gain else 0.0)

    @property
    def helps(self) -> bool:
        return is_clearly_above(self.lead, BASELINE)

    @property
    def is_idle(self) -> bool:
        """No gain, and by the interval none that counts; else it is only not clear."""
        return self.shown.gain is not None and self.shown.gain.high < HELPS_LEAST

    @property
    def is_slower(self) -> bool:
        return all(is_clearly_above(BASELINE, one) for one in self.options)


def stories(facts: Facts) -> list[Story]:
    """Of every curve that has a valid point and can be used."""
    found = []
    for curve in facts.curves:
        options = sorted(of_model(facts, curve.model, variant=curve.variant), key=lambda one: one.workers)
        lead = lead_of(options)
        if lead:
            found.append(Story(curve, tuple(options), lead))
    return found


def reach(story: Story, facts: Facts, diagnosis: Diagnosis, level: list[str]) -> str:
    """The clause of a curve that helps, and of those level with it, in as few words as it takes."""
    lead, names = story.lead, [story.curve.model, *level]
    if lead.gain is None:
        return ""
    factor, workers, s = times(lead.gain.value), counted(lead.workers, "worker"), "" if is_plural(*names) else "s"
    if len(story.options) == 1:
        return f"{listed(names)} reach{'es' if s else ''} {factor} with {workers}"
    if _share(story, facts, diagnosis) >= LITTLE:
        return f"{listed(names)} scale{s} to {workers} ({factor})"
    if lead.gain.value < SMALL_GAIN:
        return f"{listed(names)} gain{s} little ({factor} with {workers})"
    return f"{listed(names)} rise{s} to {factor} with {workers}"


def told(story: Story, facts: Facts, diagnosis: Diagnosis, level: list[str]) -> str:
    """The sentence of a curve that helps; `level` names the models that are no worse by any clear difference."""
    lead, name, s = story.lead, story.curve.model, "" if is_plural(story.curve.model) else "s"
    if lead.gain is None:
        return ""
    factor, workers, beyond = times(lead.gain.value), counted(lead.workers, "worker"), _beyond(story, facts, diagnosis)
    band = f"95 % interval {interval(lead.gain)}{f'; level with {listed(level)}' if level else ''}"
    if len(story.options) == 1:
        alone = "" if lead.workers == 1 else ", the only count measured, so nothing can be said about more"
        return f"{name} reach{'es' if s else ''} {factor} ({band}) with {workers}{alone}."
    if _share(story, facts, diagnosis) >= LITTLE:
        return f"{name} scale{s} to {workers} ({factor}, {band}){beyond}."
    if lead.gain.value < SMALL_GAIN:
        return f"{name} gain{s} little: {factor} ({band}) with {workers}{beyond}."
    return f"{name} rise{s} to {factor} ({band}) with {workers}{beyond}."


def _share(story: Story, facts: Facts, diagnosis: Diagnosis) -> float:
    """What was added over what could be: by all workers where calls wait, by the cores where they compute."""
    lead = story.lead
    bearable = lead.workers if diagnosis.names(*WAITS) else min(lead.workers, facts.cpus_usable)
    if lead.gain is None or bearable <= 1:
        return 1.0
    return (lead.gain.value - 1) / (bearable - 1)


def _beyond(story: Story, facts: Facts, diagnosis: Diagnosis) -> str:
    lead, last = story.lead, story.last
    cpus = counted(facts.cpus_usable, "usable CPU")
    if last.workers == lead.workers:
        is_far = lead.workers > facts.cpus_usable and diagnosis.names(*WAITS)
        is_cut = story.curve.points[-1].workers > last.workers
        most = f", the most {'with a valid number' if is_cut else 'measured'}"
        return f"{most} and far beyond the {cpus}, as calls wait" if is_far else most
    s = "" if is_plural(story.curve.model) else "s"
    fell = f", then flatten{s}"
    if is_clearly_above(lead, last):
        fell = f", then fall{s} to {times(last.gain.value)} at {last.workers}" if last.gain else f", then fall{s}"
    return fell + _reason(story, facts, diagnosis, cpus)


def _reason(story: Story, facts: Facts, diagnosis: Diagnosis, cpus: str) -> str:
    """Why a curve rises no further, where something says so."""
    lead, law = story.lead, story.curve.law
    if diagnosis.names(Kind.IO_SERIAL):
        return ": calls queue for a lock or a limit"
    if diagnosis.names(Kind.MEMORY_BANDWIDTH):
        return ": workers share the memory's bandwidth"
    if diagnosis.names(*WAITS):
        return ""
    is_full = cores(facts) <= lead.workers <= math.ceil(facts.cpus_usable) < story.last.workers
    if is_full and story.curve.model != "simulated":
        them = "it" if cpus.endswith("CPU") else "them"
        return f": this machine has {cpus}, and {story.last.workers} workers oversubscribe {them}"
    if law and law.peak_workers and law.peak_workers.value < story.last.workers:
        peak = law.peak_workers
        if peak.value < 1:
            return ": one worker is best by its law"
        return f": its law peaks near {hundredths(peak.value)} workers ({interval(peak)})"
    return ""


def is_plural(*models: str) -> bool:
    return len(models) > 1 or models[0].endswith(("threads", "interpreters", "daemons"))
