"""The sweep's side of the proof: which points are asked for, what their answers end, and what windows will cost."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

from dynometer import execution
from dynometer.measure.bench import Bench
from dynometer.measure.calibration import chunk_for
from dynometer.measure.course import dearer
from dynometer.measure.ledger import Ledger
from dynometer.measure.order import Job, ProofOrder, Proved
from dynometer.measure.trial import Point, Setback, Standing

PROOF_WORKERS = 2
PROOF_SHARE = 0.5  # of the budget at most: then there is nothing to measure with
UNPROVEN = "Its values were not proven before half the budget was gone. Raise the budget, or leave models out."


class Proofs:
    """One proof for each model and variant: its other worker counts do the same calls."""

    def __init__(self, ledger: Ledger, bench: Bench, job: Job) -> None:
        self._ledger, self._bench, self._job = ledger, bench, job
        self._proved: dict[tuple[str, str], Proved] = {}
        self.is_whole = False

    @property
    def reference(self) -> Proved | None:
        baseline = self._ledger.plan.baseline
        return self._proved.get((baseline.model, baseline.variant))

    def run(self, is_enough: Callable[[], bool]) -> Iterator[Setback]:
        """The setbacks they show.  Once the reference has answered, it stops where `is_enough` says so."""
        ledger, reference = self._ledger, self._ledger.plan.baseline
        end_s = self._bench.now_s() + PROOF_SHARE * ledger.plan.budget_s
        with closing(cast("Generator[Proved, None, None]", self._bench.prove(self._order(), end_s))) as said:
            for proof in said:
                self._proved[proof.point.model, proof.point.variant] = proof
                yield from self._consequences(proof)
                if proof.point == reference and proof.is_equal:
                    self._expect()
                    if is_enough():
                        return
        for point, course in ledger.courses.items():
            if (point.model, point.variant) not in self._proved:
                yield from ledger.over(course, Standing.NOT_BEGUN, UNPROVEN)
        self._expect()
        self.is_whole = True

    def _order(self) -> ProofOrder:
        reference = self._ledger.plan.baseline
        chosen: dict[tuple[str, str], Point] = {}
        for point in (course.point for course in self._ledger.running()):
            workers = PROOF_WORKERS if execution.find(point.model).most_workers != 1 else 1
            chosen.setdefault((point.model, point.variant), replace(point, workers=workers))
        chosen.pop((reference.model, reference.variant), None)
        return ProofOrder(self._job, reference, tuple(chosen.values()))

    def _consequences(self, proof: Proved) -> Iterator[Setback]:
        """A pair that answers wrongly is void; when the reference fails, there is nothing to measure anybody by."""
        if proof.is_equal:
            return
        standing = Standing.FAILED if proof.has_failed else Standing.VOID
        is_reference = proof.point == self._ledger.plan.baseline
        is_for_all = is_reference and proof.has_failed
        for course in self._ledger.courses.values() if is_for_all else self._ledger.of_pair(proof.point):
            yield from self._ledger.over(course, standing, proof.reason)

    def _expect(self) -> None:
        """Chunks, and what windows will take, from what the proofs took."""
        quickest: dict[str, float] = {}  # variant -> item: what carries items least shows best what a call costs
        for (_, variant), proof in self._proved.items():
            if proof.item_s is not None:
                quickest[variant] = min(proof.item_s, quickest.get(variant, proof.item_s))
        for point, course in self._ledger.courses.items():
            item_s = quickest.get(point.variant)
            chunk = chunk_for(None if item_s is None else item_s * dearer(self.reference))
            course.chunk = self._ledger.chunks.get(point.variant, chunk)
            course.expect(self._proved.get((point.model, point.variant)), self.reference)
