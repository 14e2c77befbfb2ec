"""From what a user asks for to a plan: everything is checked here, before anything starts."""

import difflib
import math
import multiprocessing
import random
from collections.abc import Iterable, Mapping, Sequence

from dynometer import execution
from dynometer.errors import InvalidInput
from dynometer.execution.model import ExecutionModel, Needs, Work
from dynometer.measure import machine
from dynometer.measure.inspection import inspected
from dynometer.measure.items_file import infinite_at
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point, Setback, Standing
from dynometer.workloads.workload import Json, Workload

DEFAULT_MODELS = ("sequential", "threads", "event-loop", "processes-manager", "pool", "vectorised", "native")
DEFAULT_BUDGET_S = 55.0
BASELINE_MODEL = "sequential"
MOST_WORKERS = 1024
PROCESSES_PER_CPU, FEWEST_MOST_PROCESSES = 8, 16  # beyond, a machine swaps before it measures
SPREAD = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)  # science A.3
MOST_BUDGET_S = 7 * 24 * 3600.0
MOST_LIMIT_SHARE = 0.25  # of the budget: the proof, which is cut at half of it, must see an item hang
ITEM_LIMIT_SHARE, FEWEST_LIMIT_S, MOST_LIMIT_S = 0.2, 10.0, 300.0  # of the budget, unless the user says
DIAGNOSTIC_PROCESSES = ("pool", "process-executor", "processes-manager")  # the first that can be had
DIAGNOSTIC_WORKERS = (1, 2)


def make_plan(workload: str, *, parameters: Mapping[str, object] | None = None, models: Sequence[str] | None = None,
              variants: Sequence[str] | None = None, workers: Sequence[int] | None = None, items: int | None = None,
              inputs: Sequence[Json] | None = None, budget_s: float = DEFAULT_BUDGET_S, seed: int | None = None,
              start_method: str | None = None, library_threads: int = 1, item_limit_s: float | None = None,
              precision: float = 0.03, diagnoses: bool = True, inputs_file: str = "") -> Plan:
    """The plan of a sweep; what is not given has a default that suits this machine.

    Without `variants`, each model runs the first variant that it can: the default one for most.  Points that can't be
    had here are setbacks in the plan.  Raises NotFound and InvalidInput, in one sentence each.
    """
    found = inspected(workload)
    inputs = _checked_inputs(found, inputs)
    count = items if items is not None else len(inputs) if inputs else found.default_items
    given = vars(found.accept(parameters or {}, count))
    budget_s = _number("budget", budget_s, 0.0, MOST_BUDGET_S, "s")
    usual_s = min(MOST_LIMIT_S, max(FEWEST_LIMIT_S, ITEM_LIMIT_SHARE * budget_s), MOST_LIMIT_SHARE * budget_s)
    limit_s = usual_s if item_limit_s is None else (
        _number("item limit", item_limit_s, 0.0, MOST_BUDGET_S, "s"))
    chosen = _models(models) if models is not None else _fitting(found, Work(workload, "", given), variants)
    points, setbacks = _points(found, Work(workload, "", given), chosen, variants, _workers(workers))
    baseline = _baseline(found, Work(workload, "", given), points)
    diagnostic = _diagnostic(Work(workload, baseline.variant, given), points) if diagnoses else []
    return Plan(
        workload=workload, parameters=given, items=count, inputs=inputs,
        points=tuple(dict.fromkeys([baseline, *points, *diagnostic])), baseline=baseline, budget_s=budget_s,
        seed=_seed(seed), start_method=_start_method(start_method),
        library_threads=int(_number("number of library threads", library_threads, 0.5, MOST_WORKERS, "")),
        precision=_number("precision", precision, 0.0, 1.0, ""), item_limit_s=limit_s, diagnoses=diagnoses,
        setbacks=tuple(setbacks), diagnostic=tuple(diagnostic), inputs_file=inputs_file,
    )


def default_workers(cpus: float) -> tuple[int, ...]:
    """1, 2, 4 on two CPUs; more counts on more of them, up to twice their number: that shows where they end."""
    if cpus <= 2:
        return (1, 2, 4)
    most = math.ceil(cpus)
    return tuple(sorted({count for count in SPREAD if count < most} | {most, 2 * most}))


def _checked_inputs(workload: Workload, inputs: Sequence[Json] | None) -> tuple[Json, ...] | None:
    if inputs is None:
        return None
    if workload.read_item is None:
        raise _refusal("items", f"{workload.title} makes its items itself and takes none.", "Leave the items out.")
    if not inputs:
        raise _refusal("items", "There is no item among the items.")
    checked = []
    for index, item in enumerate(inputs):
        if infinite_at(item) is not None:
            raise _refusal("items", f"Item {index} holds a number that JSON has not: infinity or NaN.",
                           workload.item_help)
        try:
            checked.append(workload.read_item(item))
        except InvalidInput as error:
            raise _refusal("items", f"Item {index} {error}.".replace("..", "."), workload.item_help) from None
    return tuple(checked)


def _models(keys: Sequence[str]) -> dict[str, ExecutionModel]:
    """In the order given.  Raises NotFound with a hint."""
    if not keys:
        raise _refusal("models", "There is no execution model to measure.", f"There are {', '.join(execution.MODELS)}.")
    return {key: execution.find(key) for key in keys}


def _fitting(workload: Workload, work: Work, variants: Sequence[str] | None) -> dict[str, ExecutionModel]:
    """Those of the default models that can run a variant here: nobody asked for the others, so nobody misses them.

    What has no workers to add is left out where it would run the sequential model's own variant again.
    """
    known = variants or [*workload.variants, *workload.coroutines]
    found = {}
    for key in DEFAULT_MODELS:
        model = execution.find(key)
        fitting = [one for one in known if model.why_not(Work(work.workload, one, work.parameters)) is None]
        is_again = model.most_workers == 1 and key != BASELINE_MODEL and fitting == [workload.default_variant]
        if fitting and not is_again:
            found[key] = model
    return found


def _workers(counts: Sequence[int] | None) -> tuple[int, ...]:
    if counts is None:
        return default_workers(machine.cpus_usable())
    for count in counts or [0]:
        if type(count) is not int or not 1 <= count <= MOST_WORKERS:
            raise _refusal("workers", f"The number of workers must be a whole number from 1 to {MOST_WORKERS:,}, "
                                      f"not {str(count)[:20]}.")
    return tuple(sorted(set(counts)))


def _points(workload: Workload, work: Work, models: Mapping[str, ExecutionModel], variants: Sequence[str] | None,
            workers: Sequence[int]) -> tuple[list[Point], list[Setback]]:
    """Points that can be measured, and those that can't with the reason."""
    known = [*workload.variants, *workload.coroutines]
    for variant in variants or ():
        if variant not in known:
            close = difflib.get_close_matches(variant[:80], known, n=1)
            raise _refusal("variants", f"{workload.title} has no variant {variant[:80]!a}.",
                           f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}.")
    points, setbacks = [], []
    for key, model in models.items():
        for variant in variants or [_variant_for(model, work, known)]:
            counts = (1,) if model.most_workers == 1 else workers
            for point in [Point(key, variant, count) for count in counts]:
                reason = _why_not(model, Work(work.workload, variant, work.parameters), point.workers)
                if reason:
                    setbacks.append(Setback(point, Standing.UNAVAILABLE, reason))
                else:
                    points.append(point)
    return points, setbacks


def _variant_for(model: ExecutionModel, work: Work, known: Iterable[str]) -> str:
    """The first that the model can run; else the first, whose refusal is shown."""
    first = next(iter(known))
    fitting = (one for one in known if model.why_not(Work(work.workload, one, work.parameters)) is None)
    return next(fitting, first)


def _why_not(model: ExecutionModel, work: Work, workers: int) -> str | None:
    reason = model.why_not(work)
    most = max(FEWEST_MOST_PROCESSES, math.ceil(PROCESSES_PER_CPU * machine.cpus_usable()))
    if reason is None and model.uses_processes and workers > most:
        return f"This machine measures at most {most} worker processes, not {workers:,}."
    return reason


def _baseline(workload: Workload, work: Work, points: Sequence[Point]) -> Point:
    """The default variant, one call after the other; for what only event loops can run, one call in flight."""
    for key, variants in ((BASELINE_MODEL, workload.variants), ("event-loop", workload.coroutines)):
        for variant in variants:
            if execution.find(key).why_not(Work(work.workload, variant, work.parameters)) is None:
                return Point(key, variant, 1)
    if points:
        return min(points, key=lambda point: point.workers)
    raise _refusal("models", f"No execution model here can run {workload.title}.")


def _diagnostic(work: Work, points: Sequence[Point]) -> list[Point]:
    """Threads and processes with one and two workers, unless they are there: science D.1 compares them."""
    present = {point.model for point in points if point.variant == work.variant}
    processes = [key for key in present if execution.find(key).uses_processes] or [
        key for key in DIAGNOSTIC_PROCESSES if execution.find(key).why_not(work) is None]
    wanted = [Point(key, work.variant, count) for key in ("threads", *sorted(processes)[:1])
              for count in DIAGNOSTIC_WORKERS]
    models = {point.model: execution.find(point.model) for point in wanted}
    return [point for point in wanted if point not in points and models[point.model].needs is Needs.CALL
            and models[point.model].why_not(work) is None]


def _seed(seed: int | None) -> int:
    return random.SystemRandom().getrandbits(32) if seed is None else int(_number("seed", seed, -1, 2**63 - 1, ""))


def _start_method(name: str | None) -> str:
    known = multiprocessing.get_all_start_methods()
    if name is None:
        return known[0]
    if name not in known:
        hint = f"There are {', '.join(known)}."
        raise _refusal("start_method", f"There is no start method {name[:20]!a} here.", hint)
    return name


def _number(name: str, given: float, above: float, most: float, unit: str) -> float:
    """Raises InvalidInput unless it is a finite number > `above` and <= `most`."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not above < given <= most:  # NaN is not between any bounds
        bounds = f"above {above:g} and at most {most:g}{f' {unit}' if unit else ''}"
        raise _refusal(name.replace(" ", "_"), f"The {name} must be a number {bounds}, not {str(given)[:20]}.")
    return given


def _refusal(field: str, sentence: str, hint: str = "") -> InvalidInput:
    return InvalidInput(sentence, fields={field: sentence}, hint=hint)
