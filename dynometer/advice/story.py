"""What one curve tells, as a clause or two: how far it scales, and how it goes on from there."""

from dataclasses import dataclass

from dynometer.advice.cause import Diagnosis, Kind
from dynometer.advice.expecting import cores
from dynometer.advice.facts import Curve, Facts
from dynometer.advice.options import ONE, Option, is_clearly_above, leading, of_model
from dynometer.advice.words import counted, interval, listed, number, times

WAITS = (Kind.IO, Kind.IO_SERIAL, Kind.MIXED)
LITTLE = 0.5  # below half of what its further workers could add, a curve does not "scale"
BASELINE = Option("sequential", "", 1, None, ONE)


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
    def is_slower(self) -> bool:
        return all(is_clearly_above(BASELINE, one) for one in self.options)


def stories(facts: Facts) -> list[Story]:
    """Of every curve that has a valid point and can be used."""
    found = []
    for curve in facts.curves:
        options = sorted(of_model(facts, curve.model, variant=curve.variant), key=lambda one: one.workers)
        lead = leading(options)
        if lead:
            found.append(Story(curve, tuple(options), lead))
    return found


def told(story: Story, facts: Facts, diagnosis: Diagnosis, level: list[str]) -> str:
    """The sentence of a curve that helps; `level` names the models that are no worse by any clear difference."""
    lead = story.lead
    name = f"{story.curve.model}{f' (level with {listed(level)})' if level else ''}"
    reached = f"{times(lead.gain.value)}, 95 % interval {interval(lead.gain)}" if lead.gain else ""
    if len(story.options) == 1:
        alone = "" if lead.workers == 1 else "; one worker count tells nothing about more of them"
        return f"{name} with {counted(lead.workers, 'worker')} reaches {reached}{alone}."
    if _share(story, facts, diagnosis) < LITTLE:
        return (
            f"{name} gains little: {counted(lead.workers, 'worker')} reach {reached}{_beyond(story, facts, diagnosis)}."
        )
    verb = "scale" if is_plural(story.curve.model) else "scales"
    return f"{name} {verb} to {counted(lead.workers, 'worker')} ({reached}){_beyond(story, facts, diagnosis)}."


def _share(story: Story, facts: Facts, diagnosis: Diagnosis) -> float:
    """What was added over what could be: by all workers where calls wait, by the cores where they compute."""
    lead = story.lead
    bearable = lead.workers if diagnosis.names(*WAITS) else min(lead.workers, cores(facts))
    if lead.gain is None or bearable == 1:
        return 1.0
    return (lead.gain.value - 1) / (bearable - 1)


def _beyond(story: Story, facts: Facts, diagnosis: Diagnosis) -> str:
    lead, last, count = story.lead, story.last, cores(facts)
    cpus = counted(facts.cpus_usable, "usable CPU")
    if last.workers == lead.workers:
        far = f" and far beyond the {cpus}, as calls wait" if lead.workers > count and diagnosis.names(*WAITS) else ""
        return f", the most measured{far}"
    if is_clearly_above(lead, last):
        fell = f", then falls to {times(last.gain.value)} at {last.workers}" if last.gain else ", then falls"
    else:
        fell = ", then flattens"
    return fell + _reason(story, facts, diagnosis, cpus)


def _reason(story: Story, facts: Facts, diagnosis: Diagnosis, cpus: str) -> str:
    count, lead = cores(facts), story.lead
    law = story.curve.law
    if diagnosis.names(Kind.IO_SERIAL):
        return ": calls queue for a lock or a limit"
    if diagnosis.names(Kind.MEMORY_BANDWIDTH):
        return ": workers share the memory's bandwidth"
    if diagnosis.names(*WAITS):
        return ""
    if lead.workers == count < story.last.workers and story.curve.model != "simulated":
        object_ = "it" if cpus.endswith("CPU") else "them"
        return f": this machine has {cpus}, and {story.last.workers} workers oversubscribe {object_}"
    if law and law.peak_workers and law.peak_workers.value < story.last.workers:
        peak = law.peak_workers
        return f": its law peaks near {number(peak.value)} workers ({number(peak.low)} to {number(peak.high)})"
    return ""


def is_plural(*models: str) -> bool:
    return len(models) > 1 or models[0].endswith(("threads", "interpreters", "daemons"))
