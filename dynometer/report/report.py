"""A report: a result summed up, diagnosed, advised on and judged.  Text and JSON say the same of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dynometer import execution, workloads
from dynometer.advice.advise import advise
from dynometer.advice.cause import Diagnosis
from dynometer.advice.details import details
from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.finding import Finding
from dynometer.advice.given import Given
from dynometer.advice.verdict import verdict
from dynometer.estimate import Estimate
from dynometer.execution.model import Work
from dynometer.measure.plan import Plan
from dynometer.measure.result import SweepResult
from dynometer.summary.facts import Summary, summarise
from dynometer.summary.gates import Gate, Judged, judge, point_of


@dataclass(frozen=True)
class Report:
    """Everything a sweep has to say."""

    summary: Summary
    diagnosis: Diagnosis
    findings: tuple[Finding, ...]  # the main advice first
    verdict: str  # a sentence or two
    details: tuple[str, ...]  # what it rests on, as sentences
    gates: tuple[Judged, ...] = ()

    @property
    def result(self) -> SweepResult:
        return self.summary.result


def make_report(result: SweepResult, gates: Iterable[Gate] = (), given: Given | None = None) -> Report:
    """The report on `result`; `given` is what the user knows beside it.

    Raises InvalidInput when a gate names a point that is not in it.
    """
    summary = summarise(result, available_models(result.plan))
    if given:
        summary = replace(summary, facts=given.beside(summary.facts))
    diagnosis = diagnose_facts(summary.facts)
    findings = advise(summary.facts, diagnosis)
    judged = tuple(judge(gate, value_of(gate, summary)) for gate in gates)
    said = verdict(summary.facts, diagnosis), details(summary.facts, diagnosis)
    return Report(summary, diagnosis, findings, *said, judged)


def value_of(gate: Gate, summary: Summary) -> Estimate | None:
    """What `gate` looks at; None where nothing valid was measured.  Raises InvalidInput when there is no such point."""
    plan = summary.result.plan
    known = (*plan.points, *(setback.point for setback in plan.setbacks))
    found = summary.at(point_of(gate, known, plan.baseline))
    if found is None:
        return None
    if gate.name == "throughput":
        return found.throughput_per_s
    if found.speedup is None or gate.name == "speedup":
        return found.speedup
    gain, workers = found.speedup, found.point.workers
    return Estimate(gain.value / workers, gain.low / workers, gain.high / workers)


def available_models(plan: Plan) -> frozenset[str]:
    """The models that could run the plan's workload here; empty, for not known, when it's a function of the user's.

    Asking that would mean to import the user's file, which a report must not do.
    """
    if plan.workload not in workloads.all_workloads():
        return frozenset()
    workload = workloads.find(plan.workload)
    works = [Work(plan.workload, variant, plan.parameters) for variant in (*workload.variants, *workload.coroutines)]
    return frozenset(key for key, model in execution.all_models().items()
                     if key != "simulated" and any(model.why_not(work) is None for work in works))
