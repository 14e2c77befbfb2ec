"""`./dyno up` on a made environment: how soon it's ready, and what it costs while nothing is asked of it."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, sleep

import psutil

from bench.figures import Figure, Goal, Row
from bench.fleet import ROOT
from bench.load import tree, tree_s
from bench.stage import Plan, Stage
from fleet.parent_death import dies_with_parent
from settings import child_environment
from tests.services import free_port

IDLE_S, QUICK_IDLE_S = 20.0, 2.0
CALM_S = 2.0  # until all that a start sets off has ended
STOP_WITHIN_S = 60
READY = "Dynometer is ready"
MB = 1_000_000
# nothing that this shell may have: the embedded database and broker
EMBEDDED = dict.fromkeys(("DATABASE_URL", "BROKER_URL", "CLOUDAMQP_URL", "REDIS_URL", "PORT", "DYNO"), "")


@dataclass(frozen=True)
class Start:
    """One start, and the fleet's cost at rest."""

    ready_s: float
    idle_percent: float  # of one core
    pss_mb: float


def rows(stage: Stage, plan: Plan) -> Iterator[Row]:
    """1 web node, 1 worker node of 2 processes, its own broker; each start in an empty data folder."""
    idle_s = QUICK_IDLE_S if plan.is_quick else IDLE_S
    starts = [one_start(idle_s) for _ in range(plan.rounds)]
    ready = Figure(tuple(start.ready_s for start in starts))
    idle = Figure(tuple(start.idle_percent for start in starts))
    memory = Figure(tuple(start.pss_mb for start in starts))
    yield Row("./dyno up until ready, embedded", ready, Goal("<=", 4.0), "s")
    yield Row("./dyno up idle, CPU", idle, Goal("<=", 3.0), "% of a core", is_full=not plan.is_quick)
    yield Row("./dyno up idle, PSS of all processes", memory, Goal("<=", 400.0), "MB")


def one_start(idle_s: float) -> Start:
    with tempfile.TemporaryDirectory(prefix="dyno-bench-up-") as folder:
        begun = perf_counter()
        with up(folder) as process:
            ready_s = perf_counter() - begun
            sleep(CALM_S)
            root = psutil.Process(process.pid)
            before_s, since = tree_s(root), perf_counter()
            sleep(idle_s)
            idle_percent = 100 * (tree_s(root) - before_s) / (perf_counter() - since)
            return Start(ready_s, idle_percent, pss_mb(root))


@contextmanager
def up(folder: str) -> Iterator["subprocess.Popen[str]"]:
    """A fleet that has just said it's ready; stopped at the end as Ctrl+C does."""
    command = [str(ROOT / "dyno"), "up", "--data", folder, "--port", str(free_port())]
    environment = child_environment(**EMBEDDED, DYNOMETER_SLOTS="2")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
        start_new_session=True, preexec_fn=dies_with_parent(signal.SIGTERM),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        if not any(READY in line for line in process.stdout):
            raise RuntimeError(f"./dyno up ended: {process.stderr.read()[-2000:]}")
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=STOP_WITHIN_S)


def pss_mb(root: psutil.Process) -> float:
    """Memory of the whole tree, pages that several share counted once."""
    total = 0
    for process in tree(root):
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MB
