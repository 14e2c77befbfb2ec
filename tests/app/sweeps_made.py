"""Sweeps made by hand, for charts and files: a whole one, one of hostile names, one with everything gone wrong."""

from dataclasses import replace

from dynometer.measure.trial import Point, Setback, Standing
from dynometer.report.report import Report, make_report
from tests.report.made import BASELINE, ENVIRONMENT, GIL, made, trial

HOSTILE = '=HYPERLINK("x")<script>alert(1)</script>|`*_[x](y)@all'
POOL_2, POOL_4 = Point("pool", "python", 2), Point("pool", "python", 4)
LOOP = Point("event-loop", "coroutine", 2)
BIG_MACHINE = replace(ENVIRONMENT, cpus_usable=8.0, cpus_online=8, cpus_affinity=8)
SETBACKS = (
    Setback(LOOP, Standing.VOID, "Its values are not those of the reference."),
    Setback(Point("pool", "python", 8), Standing.FAILED, "A worker died."),
    Setback(POOL_2, Standing.FAILED, "A worker died later."),
)


def usl(workers: int, gamma: float = 10.0, sigma: float = 0.03, kappa: float = 0.001) -> float:
    return gamma * workers / (1 + sigma * (workers - 1) + kappa * workers * (workers - 1))


def whole() -> Report:
    """The tutorial case on two CPUs."""
    return make_report(made(noise=0.01))


def troubled() -> Report:
    """Points that are void, that failed at once or later, and one whose windows were all rejected."""
    found = made(noise=0.01, setbacks=SETBACKS)
    lost = tuple(trial(Point("threads", "python", 8), block, 10.0, rejected=("Others used the CPU.",))
                 for block in range(3))  # fmt: skip
    return make_report(replace(found, trials=(*found.trials, *lost)))


def unfinished() -> Report:
    """Two worker counts, a window each."""
    return make_report(made({BASELINE: 10.0, Point("pool", "python", 1): 9.9, POOL_2: 19.0}, blocks=1, state="stopped"))


def empty() -> Report:
    return make_report(replace(made(state="stopped"), trials=(), probes=()))


def far() -> Report:
    """Six worker counts below the CPUs: the law may be extrapolated."""
    counts = {Point("pool", "python", workers): usl(workers) for workers in range(1, 7)}
    return make_report(made({BASELINE: 10.0, **counts}, noise=0.01, environment=BIG_MACHINE))


def many() -> Report:
    """Eight curves, one of them of a cluster."""
    models = ("threads", "interpreters", "pool", "process-executor", "processes-manager", "daemons")
    found = {BASELINE: 10.0, Point("vectorised", "numpy", 1): 50.0}
    for place, model in enumerate(models):
        found |= {Point(model, "python", workers): usl(workers, 10.0 + place) for workers in (1, 2, 4, 8)}
    result = made(found, noise=0.01, environment=BIG_MACHINE)
    on_nodes = tuple(replace(trial(Point("cluster", "python", 8), block, 90.0), nodes=2) for block in range(5))
    return make_report(replace(result, trials=(*result.trials, *on_nodes)))


def hostile() -> Report:
    """Every string that a user can choose, or that user code can say, is one that wants to do harm."""
    result = made(noise=0.01, setbacks=(Setback(LOOP, Standing.FAILED, HOSTILE),))
    plan = replace(result.plan, workload=HOSTILE, parameters={HOSTILE: HOSTILE})
    environment = replace(result.environment, cpu_model=HOSTILE)
    trials = tuple(replace(each, doubts=(HOSTILE,)) for each in result.trials)
    return make_report(replace(result, plan=plan, environment=environment, trials=trials))


CASES = {"whole": whole, "troubled": troubled, "unfinished": unfinished, "empty": empty, "far": far, "many": many,
         "hostile": hostile, "gil": lambda: make_report(made(GIL, blocks=2))}  # fmt: skip
