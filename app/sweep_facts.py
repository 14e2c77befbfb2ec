"""What a chart of a sweep must say for itself when no page is around it."""

from app.charts import Frame
from app.sweep_view import SweepView
from app.words import clock, plural
from dynometer.measure.result import SweepResult

WORDS = {"speedup": "speed-up", "efficiency": "efficiency", "throughput": "throughput", "time": "time per item"}


def frame_of(view: SweepView, chart: str, y: str = "speedup") -> Frame:
    sweep, result = view.sweep, view.result
    what = "worker lanes" if chart == "lanes" else f"{WORDS[y]} over workers"
    facts = facts_of(result) if result else ()
    return Frame(f"{sweep.name}: {what}", " \N{MIDDLE DOT} ".join(facts), source_of(view))


def facts_of(result: SweepResult) -> tuple[str, ...]:
    environment, plan = result.environment, result.plan
    windows = sum(trial.is_accepted for trial in result.trials)
    cpus = f"{environment.cpus_usable:g} usable CPU{'' if environment.cpus_usable == 1 else 's'}"
    return (
        f"{plan.workload}, {plural(plan.items, 'item')}", f"{environment.cpu_model or 'CPU not known'}, {cpus}",
        f"{environment.implementation} {environment.python}", plural(windows, "window"),
    )  # fmt: skip


def source_of(view: SweepView) -> str:
    began = clock(view.sweep.started_at or view.sweep.created_at)
    return f"Dynometer, measured {began}"
