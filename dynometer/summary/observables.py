"""What one and two workers show of a workload (science D.1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from dynometer.advice.facts import Observables
from dynometer.advice.thresholds import OTHERS_LEAST
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Signals, Trial

THREADS = ("threads", "daemon-threads")  # the first that was measured with one worker speaks for its kind
PROCESSES = ("process-executor", "pool", "processes-manager")
BUSY = 0.2  # cores per worker; below it work counts as waiting (science R1)


class Windows:
    """A sweep's windows of one variant, by model and workers."""

    def __init__(self, trials: Iterable[Trial], variant: str) -> None:
        self._trials: dict[tuple[str, int], list[Trial]] = {}
        for trial in trials:
            if trial.point.variant == variant:
                self._trials.setdefault((trial.point.model, trial.point.workers), []).append(trial)

    def of(self, model: str | None, workers: int) -> list[Trial]:
        """The accepted ones."""
        return [trial for trial in self.all_of(model, workers) if trial.is_accepted]

    def all_of(self, model: str | None, workers: int) -> list[Trial]:
        return self._trials.get((model or "", workers), [])

    def first_of(self, models: Sequence[str]) -> str | None:
        """The first of `models` with one and two workers, else with one."""
        both = (model for model in models if self.all_of(model, 1) and self.all_of(model, 2))
        one = (model for model in models if self.all_of(model, 1))
        return next(both, None) or next(one, None)

    def worker_counts(self, model: str | None) -> list[int]:
        return sorted(workers for name, workers in self._trials if name == model and self.of(model, workers))


def observables(result: SweepResult) -> Observables:
    """Medians over accepted windows of the baseline's variant; None for what was not measured."""
    plan, cpus = result.plan, result.environment.cpus_usable
    windows = Windows(result.trials, plan.baseline.variant)
    threads, processes = windows.first_of(THREADS), windows.first_of(PROCESSES)
    alone = windows.of(plan.baseline.model, 1)
    thread_1, thread_2, thread_4 = (windows.of(threads, workers) for workers in (1, 2, 4))
    process_1, process_2 = (windows.of(processes, workers) for workers in (1, 2))
    most = max(windows.worker_counts(threads), default=1)
    fitting = max((count for count in windows.worker_counts(threads) if count <= max(2, cpus)), default=1)
    behind = [windows.all_of(plan.baseline.model, 1)]
    behind += [windows.all_of(model, workers) for model in (threads, processes) for workers in (1, 2)
               if workers <= cpus]  # beyond the CPUs a delay is our own doing
    worst = _disturbance(behind)
    seen = Observables(
        activity=_middle(alone or thread_1, _activity),
        thread_use_ratio=_ratio(thread_2, thread_1, _cores_in_use),
        thread_speedup=_ratio(thread_2, thread_1, _throughput),
        thread_speedup_4=_ratio(thread_4, thread_1, _throughput),
        process_speedup=_ratio(process_2, process_1, _throughput),
        process_cpu_ratio=_ratio(process_2, process_1, _cpu_per_item),
        thread_cpu_ratio=_ratio(thread_2, thread_1, _cpu_per_item),
        process_overhead=_ratio(process_1, alone, _cpu_per_item),
        hidden_threads=_middle(windows.of(threads, fitting) or alone, _hidden), library_workers=fitting,
        switches_1=_middle(thread_1, _switches),
        switches_4=_middle(windows.of(threads, most), _switches) if most > 1 else None,
        call_s=_middle(alone, lambda trial: trial.wall_s / trial.items), call_cpu_s=_middle(alone, _cpu_per_item),
        system_share=_middle(alone or thread_1, _system_share),
        run_delay_share=worst.run_delay_share, pressure_share=worst.cpu_pressure_share, others_cores=worst.others_cores,
        parent_cores=_middle(process_2, _beside_workers) if plan.library_threads == 1 else None,
        throttled=any(trial.signals.throttled_periods for trials in behind for trial in trials),
        chunk=process_1[-1].chunk if process_1 else None,
        cpu_quota=result.environment.cpu_quota, library_threads=plan.library_threads,
    )
    probe = next((probe for probe in result.probes if probe.variant == plan.baseline.variant), None)
    return seen if probe is None else replace(
        seen, pickle_s=probe.pickle_cpu_s, tick_overshoot_s=probe.tick_overshoot_s, gil_share=probe.gil_share)


def _activity(trial: Trial) -> float | None:
    running = trial.wall_s * (1 - (trial.signals.run_delay_share or 0.0))
    return trial.cpu_s / running if running > 0 else None


def _cores_in_use(trial: Trial) -> float | None:
    return trial.worker_cpu_s / trial.wall_s if trial.worker_cpu_s is not None else None


def _throughput(trial: Trial) -> float | None:
    return trial.throughput_per_s


def _cpu_per_item(trial: Trial) -> float | None:
    return trial.cpu_s / trial.items


def _system_share(trial: Trial) -> float | None:
    return trial.system_cpu_s / trial.cpu_s if trial.cpu_s else None


def _hidden(trial: Trial) -> float | None:
    """None for windows that hardly compute: of their little CPU time much is that of handing out the items."""
    is_busy = trial.cpu_s >= BUSY * trial.wall_s * trial.point.workers
    return trial.cpu_s / trial.worker_cpu_s if is_busy and trial.worker_cpu_s else None


def _beside_workers(trial: Trial) -> float | None:
    """Cores in use that are not the workers': their parent's, as long as libraries have one thread."""
    return max(0.0, trial.cpu_s - trial.worker_cpu_s) / trial.wall_s if trial.worker_cpu_s is not None else None


def _switches(trial: Trial) -> float | None:
    return trial.voluntary_switches / trial.items if trial.voluntary_switches is not None else None


def _middle(trials: Iterable[Trial], of: Callable[[Trial], float | None]) -> float | None:
    """The median over the windows that can tell."""
    return _median(map(of, trials))


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _ratio(above: Iterable[Trial], below: Iterable[Trial], of: Callable[[Trial], float | None]) -> float | None:
    top, bottom = _middle(above, of), _middle(below, of)
    return top / bottom if top is not None and bottom else None


def _disturbance(behind: Iterable[Sequence[Trial]]) -> Signals:
    """Run delay, pressure and the cores of others at one point: the one that others disturbed most.

    Medians over its accepted windows, or over all when none was accepted: a window that was disturbed and then measured
    again in peace says nothing against the point.  All three are of one point: what queues where nobody else computes
    are our own processes.
    """
    points = []
    for trials in behind:
        used = [trial.signals for trial in trials if trial.is_accepted] or [trial.signals for trial in trials]
        points.append(Signals(run_delay_share=_median(each.run_delay_share for each in used),
                              cpu_pressure_share=_median(each.cpu_pressure_share for each in used),
                              others_cores=_median(each.others_cores for each in used)))

    def disturbed(seen: Signals) -> tuple[bool, float, float]:
        is_blamed = seen.others_cores is None or seen.others_cores > OTHERS_LEAST
        return is_blamed, max(seen.run_delay_share or 0.0, seen.cpu_pressure_share or 0.0), seen.others_cores or 0.0

    return max((seen for seen in points if seen != Signals()), key=disturbed, default=Signals())
