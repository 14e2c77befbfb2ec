"""Work in a form that a fresh process can prepare for itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

from dynometer.errors import InvalidInput
from dynometer.execution.faults import Unavailable, words_of
from dynometer.execution.model import Needs, Work
from dynometer.workloads import resolve
from dynometer.workloads.parameters import read_parameters
from dynometer.workloads.workload import Call, CoroutineCall


def make_work(workload: str, variant: str, given: Mapping[str, object], items: int) -> Work:
    """The work of a job of `items` items; `workload` is what `resolve` takes.

    Raises what `resolve` and `accept` raise: NotFound, InvalidInput.
    """
    return Work(workload, variant, vars(resolve(workload).accept(given, items)))


def prepared(work: Work) -> Call:
    """The function of one item.  Raises NotFound, InvalidInput, and what the workload's own preparation raises."""
    workload = resolve(work.workload)
    return workload.prepare(work.variant, read_parameters(workload.parameters, work.parameters))


def prepared_coroutine(work: Work) -> CoroutineCall:
    """The coroutine function of one item.  Raises as `prepared` does."""
    workload = resolve(work.workload)
    return workload.prepare_coroutine(work.variant, read_parameters(workload.parameters, work.parameters))


def lack(work: Work, needs: Needs) -> str | None:
    """The sentence that says what `work` lacks for a model with such needs; None when it has it."""
    workload = resolve(work.workload)
    offered = workload.coroutines if needs is Needs.COROUTINE else {**workload.variants, **workload.extras}
    if work.variant in workload.extras and find_spec(work.variant) is None:
        package = work.variant
        return f"The variant {work.variant} of {work.workload} needs the package {package}, which is not installed."
    if work.variant in offered:
        return None
    if needs is Needs.COROUTINE:
        there = f"only {', '.join(offered)}" if offered else "none"
        return f"{work.workload} has no coroutine variant {work.variant}; there is {there}."
    return f"{work.workload} has no variant {work.variant} to call; there is {', '.join(offered)}."


@contextmanager
def starting(workers: int) -> Iterator[None]:
    """Around the start of workers: what the system refuses becomes Unavailable, in a sentence."""
    try:
        yield
    except (OSError, RuntimeError, AssertionError) as error:  # the last: of a daemonic process, which may start none
        raise Unavailable(f"{workers} workers could not be started: {words_of(error)}.",
                          hint="Try fewer; the system limits processes, threads and memory.") from error


def check_workers(workers: int, most: int | None) -> None:
    """Raises InvalidInput unless a model with at most `most` workers can start `workers`."""
    if workers < 1:
        raise InvalidInput(f"There must be at least 1 worker, not {workers}.", fields={"workers": "must be at least 1"})
    if most is not None and workers > most:
        sentence = f"must be at most {most}"
        raise InvalidInput(f"This model has no more than {most} worker, not {workers}.", fields={"workers": sentence})
