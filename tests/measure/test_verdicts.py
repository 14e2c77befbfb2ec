"""Each detector: a window that it lets pass, one that it doubts, one that it rejects."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from dynometer.measure.trial import Signals
from dynometer.measure.verdicts import DETECTORS, Seen, Verdict, judge
from tests.measure.known import QUIET

SEEN = Seen(signals=QUIET, workers=2, cpus_usable=2.0, cpus_here=2, own_cores=2.0, cpu_per_item_s=0.01, items=60,
            items_rule=60, wall_s=0.5, window_s=0.5, best_cpu_per_item_s=0.01, best_spin_s=0.003)
BLIND = Signals(**dict.fromkeys(field.name for field in fields(Signals)))


def seen(*, others=None, **changes):
    signals = {name: changes.pop(name) for name in list(changes) if name in {field.name for field in fields(Signals)}}
    if others is not None:
        signals["others_cores"] = others
    return replace(SEEN, signals=replace(QUIET, **signals), **changes)


def outcome(window):
    verdict = judge(window)
    return "rejected" if verdict.rejected else "doubted" if verdict.doubts else "clean"


@pytest.mark.parametrize(("window", "expected"), [
    (seen(), "clean"),
    (seen(run_delay_share=0.02), "clean"),
    (seen(run_delay_share=0.03), "doubted"),
    (seen(run_delay_share=0.06, others=0.1), "rejected"),
    (seen(run_delay_share=0.06, others=0.0), "doubted"),  # its own processes queued
    (seen(run_delay_share=0.5, workers=4), "clean"),  # more workers than CPUs must queue
    (seen(cpu_pressure_share=0.06, others=0.1), "doubted"),
    (seen(cpu_pressure_share=0.3, others=0.1), "rejected"),
    (seen(cpu_pressure_share=0.3, others=0.0), "clean"),  # the parent of its workers waited
    (seen(others=0.15), "clean"),
    (seen(others=0.2), "rejected"),
    (seen(others=0.2, own_cores=1.0), "doubted"),  # a CPU is idle
    (seen(others=0.2, own_cores=1.0, cpus_usable=1.0, cpu_quota=1.0), "doubted"),  # a quota of 1 leaves one idle too
    (seen(others=0.9, own_cores=2.0, cpus_usable=2.0, cpus_here=4, cpu_quota=2.0), "doubted"),
    (seen(cpu_per_item_s=0.0105), "clean"),
    (seen(cpu_per_item_s=0.0115), "doubted"),
    (seen(cpu_per_item_s=0.013), "rejected"),
    (seen(cpu_per_item_s=0.016, spin_s=0.0048), "doubted"),  # the whole machine is slower: ratios hold
    (seen(cpu_per_item_s=0.02, best_cpu_per_item_s=None, best_spin_s=None), "clean"),  # the first window
    (seen(throttled_periods=1), "rejected"),
    (seen(throttled_periods=1, cpu_quota=1.0), "doubted"),  # what is measured is the quota
    (seen(throttled_periods=1, cpu_quota=2.0), "doubted"),  # as many workers as it has cores, and their parent
    (seen(throttled_periods=1, cpu_quota=2.5), "rejected"),
    (seen(steal_share=0.02), "doubted"),
    (seen(steal_share=0.06), "rejected"),
    (seen(clock_change=0.02), "clean"),
    (seen(clock_change=0.5), "clean"),  # the work itself took the CPU time that it always takes
    (seen(clock_change=-0.04, cpu_per_item_s=0.0107), "doubted"),
    (seen(clock_change=0.12, cpu_per_item_s=0.0107), "rejected"),
    (seen(clock_change=0.02, best_cpu_per_item_s=None), "clean"),
    (seen(clock_change=0.5, best_cpu_per_item_s=None), "doubted"),  # the first window: nothing to compare it with
    (seen(major_faults=1), "doubted"),
    (seen(major_faults=101), "rejected"),
    (seen(items=8), "doubted"),
    (seen(wall_s=0.3), "doubted"),
    (replace(SEEN, signals=BLIND), "clean"),  # what can't be read is not held against anybody
])
def test_a_window_is(window, expected):
    assert outcome(window) == expected


def test_all_reasons_are_told_at_once():
    verdict = judge(seen(run_delay_share=0.3, others=1.0, clock_change=0.2, cpu_per_item_s=0.0107, items=8))

    reasons = [sentence.split(":")[0] for sentence in verdict.rejected]
    assert reasons == ["Run-queue delay", "CPU used by others", "Clock"]
    assert [sentence.split(":")[0] for sentence in verdict.doubts] == ["Few items"]


def test_sentences_begin_with_the_detectors_name_and_end_like_sentences():
    worst = seen(run_delay_share=0.3, cpu_pressure_share=0.9, others=1.0, cpu_per_item_s=0.1, throttled_periods=3,
                 steal_share=0.2, clock_change=0.5, major_faults=999, items=1, wall_s=0.1)

    verdict: Verdict = judge(worst)

    sentences = [*verdict.rejected, *verdict.doubts]
    assert [sentence.split(":")[0].lower() for sentence in sentences] == [name.lower() for name in DETECTORS]
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


def test_the_method_explains_every_detector():
    method = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")

    assert [name for name in DETECTORS if f"**{name}**" not in method] == []
