"""Before anything is timed: every variant and model must give the values of the reference (science C.4)."""

import time
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from statistics import median

from dynometer import execution, workloads
from dynometer.errors import DynometerError
from dynometer.execution.faults import named
from dynometer.execution.model import Crew
from dynometer.execution.proof import first_difference
from dynometer.measure.calibration import LARGEST_SAMPLE
from dynometer.measure.fitness import require_same, require_sayable
from dynometer.measure.naming import Names
from dynometer.measure.order import ProofOrder, Proved, Said
from dynometer.measure.spread import in_order
from dynometer.measure.trial import Point
from dynometer.measure.voice import Voice
from dynometer.measure.window import PATIENCE, START_EACH_S, START_LIMIT_S
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Json

MOST_ITEMS = 20
FEWEST_ITEMS = 2  # so that two workers have one each
REFERENCE_S = 0.3  # the reference stops here, once it has the fewest
SURVEY_S = 0.5  # then it goes on without proof: the mean cost of items of which few are dear needs many of them
UNEVEN, UNEVEN_SURVEY_S = 4.0, 2.0  # times the median item: so dear a one asks for a longer look


def prove(order: ProofOrder, voice: Voice) -> None:
    """Say for each point whether its values are the reference's; the reference itself comes first.

    What a point raises is its answer; only the reference's own error ends the proof.
    """
    workload = workloads.resolve(order.job.workload)
    parameters: object = read_parameters(workload.parameters, order.job.parameters)
    count = order.job.items
    supply = islice(in_order(workload, parameters, count, order.job.given()), min(count, LARGEST_SAMPLE))
    items = list(islice(supply, MOST_ITEMS))
    names = order.job.names(items)
    began = time.perf_counter()
    expected = _reference(order, items, supply, voice, names)
    took_s = time.perf_counter() - began
    for point in order.points:
        voice.stage(f"the start of {point.model} ({point.variant})", START_LIMIT_S + START_EACH_S * point.workers)
        try:
            with names.given():
                values, item_s = _values(order, point, items[:len(expected)], voice, PATIENCE * took_s)
        except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything, and it is told
            voice.say(Said("proved", proved=Proved(point, False, sentence_of(error), None, has_failed=True)))
            continue
        wrong = first_difference(expected, values, workload.tolerance, names.of)
        reason = f"{point.variant} under {point.model}: {wrong}" if wrong else ""
        voice.say(Said("proved", proved=Proved(point, wrong is None, reason, item_s)))


def sentence_of(error: BaseException) -> str:
    """The error in one sentence."""
    if isinstance(error, DynometerError):
        return str(error)
    return f"It raised {named(error)}."


def _reference(order: ProofOrder, items: Sequence[Json], further: Iterator[Json], voice: Voice,
               names: Names) -> list[Json]:
    """The values of the first items by the reference; what one takes is said, also of `further` items."""
    model, point = execution.find(order.reference.model), order.reference
    voice.stage("the start of the reference", START_LIMIT_S)
    with model.crew(order.job.work(point.variant), point.workers, order.job.start_method) as crew:
        values: list[Json] = []
        each_s: list[float] = []
        began_cpu_s = time.process_time()
        for place, item in enumerate(items):
            voice.stage(f"the reference's call of {names.of(place)}", items=1)
            start = time.perf_counter()
            with names.given(place):
                values += crew.run([item], 1)
            require_sayable(values[-1], names.of(place))
            each_s.append(time.perf_counter() - start)
            if sum(each_s) > REFERENCE_S and len(values) >= FEWEST_ITEMS:
                break
        activity = (time.process_time() - began_cpu_s) / sum(each_s)
        again, item_s = _warm_item_s(crew, items[:len(values)], sum(each_s))
        require_same(values[:len(again)], again, names, order.job.workload)
        mean_s, costs_s = _survey(crew, each_s, item_s, further, voice)
    voice.say(Said("proved", proved=Proved(point, True, "", item_s, activity=activity, mean_item_s=mean_s,
                                           costs_s=costs_s)))
    return values


def _values(order: ProofOrder, point: Point, items: Sequence[Json], voice: Voice,
            limit_s: float) -> tuple[list[Json], float]:
    """The values of a point, and what an item takes it [s]."""
    model = execution.find(point.model)
    with model.crew(order.job.work(point.variant), point.workers, order.job.start_method) as crew:
        voice.stage(f"the proof of {point.model} ({point.variant})", limit_s, items=1)
        start = time.perf_counter()
        values = crew.run(items, 1)
        return values, _warm_item_s(crew, items, time.perf_counter() - start)[1]


def _survey(crew: Crew, each_s: Sequence[float], item_s: float, further: Iterator[Json],
            voice: Voice) -> tuple[float, tuple[float, ...]]:
    """What an item takes on average, and the first 1, 2, 4, 8, ... together [s], of as many as time allows.

    `each_s` is what the first ones took, which were cold: together they take `item_s` each.
    """
    warmer = item_s * len(each_s) / sum(each_s)
    totals_s = [warmer * total_s for total_s in accumulate(each_s)]
    costs_s = [totals_s[(1 << power) - 1] for power in range(len(each_s).bit_length())]
    warm = each_s[1:] or each_s  # the first was cold
    is_uneven = max(warm) > UNEVEN * median(warm)
    limit_s, taken_s, count = UNEVEN_SURVEY_S if is_uneven else SURVEY_S, totals_s[-1], len(each_s)
    while taken_s < limit_s and (batch := list(islice(further, (1 << len(costs_s)) - count))):
        voice.stage("the survey of further items", PATIENCE * taken_s, items=1)
        start = time.perf_counter()
        try:
            crew.run(batch, 1)
        except DynometerError:
            break  # windows that hold this item will tell
        taken_s += getattr(crew, "dictated_s", time.perf_counter() - start)
        count += len(batch)
        costs_s += [taken_s] if count == 1 << len(costs_s) else []
    return taken_s / count, tuple(costs_s)


def _warm_item_s(crew: Crew, items: Sequence[Json], cold_s: float) -> tuple[list[Json], float]:
    """What an item takes [s], from a second run where the first was short: that one had all the loading in it.

    Before it the second run's values, where there was one.
    """
    start, cold = time.perf_counter(), getattr(crew, "dictated_s", cold_s)
    if cold_s < REFERENCE_S:
        values = crew.run(items, 1)
        return values, min(cold, getattr(crew, "dictated_s", time.perf_counter() - start)) / len(items)
    return [], float(cold) / len(items)
