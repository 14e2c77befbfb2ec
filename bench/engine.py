"""`python -m bench.engine`: the engine against its goals, side by side with others, in one run.

It starts all it needs and leaves nothing behind.  docs/performance.md says how the figures come about.
"""

import json
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

import click
from rich.console import Console

from bench import chunk_rate, efficiency, fairness, memory, mix, peers, polls, report, small_job, start
from bench.figures import Row, Section
from bench.load import cpu_use
from bench.stage import Plan, Stage

SECTIONS: dict[str, Callable[[Stage, Plan], Iterator[Row]]] = {
    "efficiency": efficiency.rows,
    "mix": mix.rows,
    "chunk-rate": chunk_rate.rows,
    "small-job": small_job.rows,
    "memory": memory.rows,
    "fairness": fairness.rows,
    "polls": polls.rows,
    "start": start.rows,
}
ROUNDS = 5
REPORT_WIDTH = 150
LIMIT_S, QUICK_LIMIT_S = 7200.0, 300.0  # of one section
QUICK_PEERS = ("pool", "celery_chunks", "celery_each")  # Dask and Ray take seconds to start


def listed(names: Iterable[str]) -> Callable[[click.Context, click.Parameter, str | None], tuple[str, ...] | None]:
    """Reads `a,b` as names out of `names`."""
    known = tuple(names)

    def read(context: click.Context, parameter: click.Parameter, given: str | None) -> tuple[str, ...] | None:
        if given is None:
            return None
        wanted = tuple(name.strip() for name in given.split(",") if name.strip())
        if unknown := [name for name in wanted if name not in known]:
            raise click.BadParameter(f"{', '.join(unknown)}: there are {', '.join(known)}")
        return wanted

    return read


@click.command()
@click.option("--quick", is_flag=True, help="One round of smaller runs, within a minute; most goals are not judged.")
@click.option("--json", "as_json", is_flag=True, help="One object on stdout instead of tables.")
@click.option("--rounds", type=click.IntRange(1), help=f"How often each is measured.  [default: {ROUNDS}, quick 1]")
@click.option("--only", callback=listed(SECTIONS), help=f"Sections out of {','.join(SECTIONS)}.")
@click.option("--peers", "wanted", callback=listed(peers.BY_KEY), help=f"Peers out of {','.join(peers.BY_KEY)}.")
def main(
    quick: bool, as_json: bool, rounds: int | None, only: tuple[str, ...] | None, wanted: tuple[str, ...] | None
) -> None:
    """Measure the engine and print it beside its goals.  The status is 1 when a section failed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves as orderly as with Ctrl+C
    chosen = wanted if wanted is not None else QUICK_PEERS if quick else tuple(peers.BY_KEY)
    rounds = rounds or (1 if quick else ROUNDS)
    plan = Plan(rounds, quick, tuple(peers.BY_KEY[key] for key in chosen))
    chosen_sections = [name for name in SECTIONS if only is None or name in only]
    sections = list(measured(plan, chosen_sections, Console(stderr=True)))
    if as_json:
        print(json.dumps(report.as_json(sections, rounds=rounds, is_quick=quick)))
    else:
        report.show(console(), sections, rounds=rounds, is_quick=quick)
    sys.exit(1 if any(section.failure for section in sections) else 0)


def console() -> Console:
    """Wide enough for the table where nobody reads along."""
    return Console(width=None if sys.stdout.isatty() else REPORT_WIDTH)


def measured(plan: Plan, names: Sequence[str], progress: Console) -> Iterator[Section]:
    """Each section in turn, on one stage."""
    with ExitStack() as stack:
        stage = Stage(stack)
        for name in names:
            yield one_section(stage, plan, name, progress)


@contextmanager
def ended_after(limit_s: float) -> Iterator[None]:
    """Raise TimeoutError in what takes longer: a job that never ends must not keep the others' figures."""

    def end(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not done after {limit_s:g} s")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def one_section(stage: Stage, plan: Plan, name: str, progress: Console) -> Section:
    """A section's rows.  One that fails says so, and the others go on."""
    found: list[Row] = []
    failure = None
    before = cpu_use()
    try:
        with ended_after(QUICK_LIMIT_S if plan.is_quick else LIMIT_S):
            for row in SECTIONS[name](stage, plan):
                found.append(row)
                progress.print(f"{name}: {row.what}: {report.spread(row.figure, row.unit)}", highlight=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other sections' figures are worth having
        failure = f"{type(error).__name__}: {error}"
        progress.print(traceback.format_exc(), highlight=False, markup=False)
    after = cpu_use()
    return Section(name, found, after.others_since(before), after.at_s - before.at_s, failure)


if __name__ == "__main__":
    main()
