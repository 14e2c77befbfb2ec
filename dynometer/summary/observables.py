"""What one and two workers show of a workload (science D.1)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from dynometer.advice.facts import Observables
from dynometer.measure.result import SweepResult
from dynometer.measure.trial import Trial

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
        run_delay_share=_worst(behind, lambda trial: trial.signals.run_delay_share),
        pressure_share=_worst(behind, lambda trial: trial.signals.cpu_pressure_share),
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


def _switches(trial: Trial) -> float | None:
    return trial.voluntary_switches / trial.items if trial.voluntary_switches is not None else None


def _middle(trials: Iterable[Trial], of: Callable[[Trial], float | None]) -> float | None:
    """The median over the windows that can tell."""
    values = [value for value in map(of, trials) if value is not None]
    return median(values) if values else None


def _ratio(above: Iterable[Trial], below: Iterable[Trial], of: Callable[[Trial], float | None]) -> float | None:
    top, bottom = _middle(above, of), _middle(below, of)
    return top / bottom if top is not None and bottom else None


def _worst(behind: Iterable[Sequence[Trial]], of: Callable[[Trial], float | None]) -> float | None:
    """The worst point's median: over its accepted windows, or over all when none was accepted.

    A window that was disturbed and then measured again in peace says nothing against the point.
    """
    used = ([trial for trial in trials if trial.is_accepted] or trials for trials in behind)
    middles = [middle for trials in used if (middle := _middle(trials, of)) is not None]
    return max(middles, default=None)
