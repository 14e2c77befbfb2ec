"""`python -m bench.front_door`: what the micro-cache is worth, measured side by side in one run.

The same live fragment of one running job: from a web node directly, through nginx without the cache, and through it;
then 1,000 watchers who ask once a second.  Writes its table into docs/performance.md with --write.
"""

import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import click
import psutil

from bench.door_stage import Door, open_door
from bench.load import cpu_use, tree
from bench.requests import Load, blast
from bench.watchers import FEEDS, watch
from bench.working_node import working

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- front door: begin -->", "<!-- front door: end -->"
ROUNDS, SECONDS, QUICK_SECONDS = 5, 3.0, 0.5
WATCHERS, WATCH_S = 1_000, 10.0
UPSTREAM_GOAL_PER_S, RATIO_GOAL = 3.0, 30.0


@dataclass(frozen=True)
class Trial:
    """One way, for some seconds."""

    per_s: float
    per_cpu_s: float  # requests for each CPU second of nginx and the web node
    p99_ms: float


@click.command()
@click.option("--quick", is_flag=True, help="One short round: shows that all of it runs.")
@click.option("--write", is_flag=True, help="Put the table into docs/performance.md.")
def main(quick: bool, write: bool) -> None:
    """Measure the front door."""
    seconds, rounds = (QUICK_SECONDS, 1) if quick else (SECONDS, ROUNDS)
    with ExitStack() as stack:
        door = open_door(stack, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dyno-bench-"))))
        before = cpu_use()
        trials: dict[str, list[Trial]] = {name: [] for name in door.ways}
        for _ in range(rounds):  # interleaved: a change of the machine's speed meets all alike
            for name, load in door.ways.items():
                trials[name].append(trial(door, load, seconds))
        upstream_per_s, asked, late_ms = watched(door, WATCH_S if not quick else 2.0)
        others = cpu_use().others_since(before)
    text = report(trials, upstream_per_s, asked, late_ms, others)
    print(text)
    if write:
        put(text)


def trial(door: Door, load: Load, seconds: float) -> Trial:
    blast(load, 0.2)  # warms
    used = cpu_s(door)
    start = perf_counter()
    answers = blast(load, seconds)
    took = perf_counter() - start
    spent = max(cpu_s(door) - used, 1e-3)
    return Trial(answers.count / took, answers.count / spent, answers.p99_s * 1000)


def cpu_s(door: Door) -> float:
    """CPU seconds of nginx and the web node so far."""
    times = [each.cpu_times() for pid in door.pids for each in tree(psutil.Process(pid))]
    return sum(each.user + each.system for each in times)


def watched(door: Door, seconds: float) -> tuple[float, int, float]:
    """Requests a second that reached the web node, while 1,000 watchers of a running job asked for its
    three feeds once a second; how many they asked, and
    the 99th percentile of how long each waited."""
    before, start = door.asked(), perf_counter()
    with working(door.settings, door.job_id):
        answers = watch(door.watched_port, door.link, WATCHERS, seconds)
    return (door.asked() - before) / (perf_counter() - start), answers.count, answers.p99_s * 1000


def report(trials: dict[str, list[Trial]], upstream_per_s: float, asked: int, late_ms: float, others: float) -> str:
    base = trials["web node alone"]
    headings = ("the same live fragment", "requests/s", "against the web node", "requests per CPU second", "p99 ms")
    lines = [f"| {' | '.join(headings)} |", "|---|---|---|---|---|"]
    for name, found in trials.items():
        ratio = median([ours.per_s / theirs.per_s for ours, theirs in zip(found, base, strict=True)])
        cpu = median([ours.per_cpu_s / theirs.per_cpu_s for ours, theirs in zip(found, base, strict=True)])
        lines.append(f"| {name} | {spread([each.per_s for each in found])} | {ratio:.1f} times | "
                     f"{median([each.per_cpu_s for each in found]):,.0f} ({cpu:.1f} times) | "
                     f"{median([each.p99_ms for each in found]):.1f} |")  # fmt: skip
    return (
        "\n".join(lines)
        + "\n\n"
        + (
            f"{WATCHERS:,} watchers of one running job, each asking for {len(FEEDS)} feeds (fragment, chart, picture) "
            f"once a second: {asked:,} requests, of which "
            f"**{upstream_per_s:.2f} a second** reached the web node (goal: at most {UPSTREAM_GOAL_PER_S:g}); "
            f"p99 {late_ms:.1f} ms. Others kept {others:.2f} cores busy meanwhile."
        )
    )


def spread(values: list[float]) -> str:
    return f"{median(values):,.0f} ({min(values):,.0f}-{max(values):,.0f})"


def put(text: str) -> None:
    """Into its place in the document."""
    document = DOCUMENT.read_text()
    DOCUMENT.write_text(re.sub(f"{BEGIN}.*{END}", lambda found: f"{BEGIN}\n{text}\n{END}", document, flags=re.DOTALL))


if __name__ == "__main__":
    main()
