"""What a sweep does not tell, said with it (science C.4)."""

from collections.abc import Iterator

from dynometer.summary.facts import Summary
from dynometer.wording import counted

CANT_TELL = {  # signal -> words; a spin around each window is always there
    "run_delay_share": "the run-queue delay of its own tasks", "cpu_pressure_share": "CPU pressure",
    "others_cores": "CPU used by others", "throttled_periods": "throttling by a quota", "steal_share": "stolen time",
    "clock_change": "changes of the clock", "major_faults": "major page faults",
}
STATES = {
    "budget": "The budget ended first: points without grade A have wider intervals than asked for.",
    "stopped": "It was stopped: points hold what was measured until then.",
}


def not_measured(summary: Summary) -> Iterator[str]:
    """Sentences."""
    result = summary.result
    if result.state in STATES:
        yield STATES[result.state]
    if result.ending:
        yield result.ending
    sample, items = max((trial.sample for trial in result.trials), default=0), result.plan.items
    if 0 < sample < items:
        yield (f"{items - sample:,} of the job's {items:,} items: all windows hold the same {counted(sample, 'item')}, "
               "an even sample, so that every point does the same work.")
    started = {point.point for point in summary.points} | {setback.point for setback in result.setbacks}
    missing = [point for point in result.plan.points if point not in started]
    if missing:
        names = ", ".join(f"{point.model} ({point.variant}) with {point.workers}" for point in missing)
        yield f"Not begun: {names}."
    if not result.plan.diagnoses:
        yield "Diagnosis: its points and probes were left out (--no-diagnosis)."
    if blind := [words for name, words in CANT_TELL.items()
                 if result.trials and all(getattr(trial.signals, name) is None for trial in result.trials)]:
        yield f"This machine can't tell {', '.join(blind)}: a disturbance that shows only there went unnoticed."
    if result.trials and all(trial.memory_pss_bytes is None for trial in result.trials):
        yield "Memory: this system does not tell the shared part of it."
    if most := max((point.point.workers for point in summary.points if point.accepted), default=0):
        yield f"More than {most} workers, and more machines than this one: nothing here was measured beyond."
    yield "Start-up of workers is outside the clock; the table says how long it took."

