"""A sweep's cluster points: each window is a job over the whole fleet, measured from outside its workers.

Nobody waits for the job: every look of a steward takes one step, and all it needs to know is in the database.  So
the loss of any process costs nothing, and no worker process is kept from computing by watching others compute.
"""

import math
from collections.abc import Sequence

from sqlalchemy.orm import Session

from dynometer.measure.events import Event, kind_of
from dynometer.measure.grades import accepted, throughput
from dynometer.measure.plan import Plan
from dynometer.measure.trial import Point, Setback, Signals, Standing, Trial
from dynometer.workloads import find
from settings import Settings
from store import cancellation, jobs, nodes, sweep_jobs, sweeps
from store.database import Database
from store.models import Job, JobState
from store.sweep_models import Sweep, SweepJob, SweepState
from store.sweeps import Held
from tasks import jobs as job_tasks
from tasks.advance import advance
from tasks.doorbell import Doorbell
from tasks.jobs import JobRequest
from tasks.sweep_end import conclude
from tasks.sweep_result import as_text, event_of, plan_of

CLUSTER = "cluster"
BLOCKS = 4  # windows of each point: three count at least, and the first one warms the worker processes up
LEAST_JOB_S = 1.5  # a shorter job would measure its own start
LONGEST_JOB_S = 60.0
MOST_ATTEMPTS = 3
BUDGET_SHARE = 1.0  # of the sweep's budget, on top of it
NOTHING = Signals()  # nobody looks at the machines of a whole fleet


def step(database: Database, doorbell: Doorbell, settings: Settings, sweep_id: int) -> None:
    """Record the window that has ended, begin the next, or conclude the sweep."""
    rings_for, is_over = None, False
    with database.writing() as session:
        sweep = sweep_jobs.locked_in_fleet_phase(session, sweep_id)
        if sweep is None:
            return
        events = [event_of(row) for row in sweeps.events_of(session, sweep_id, sweep.epoch)]
        window = sweep_jobs.window_of(session, sweep_id)
        if window is not None:
            job = jobs.job_of(session, window.job_id)
            if job is not None and not job.state.is_final:
                return
            events += record(session, sweep, window, job)
        rings_for, is_over = begin_next(session, sweep, events, settings)
    if rings_for is not None:
        advance(database, doorbell, rings_for)
    if is_over:
        conclude(database, sweep_id, SweepState.FINISHED, None)


def record(session: Session, sweep: Sweep, window: SweepJob, job: Job | None) -> list[Event]:
    """The ended job as a trial, or as the reason why its point has none; the job goes."""
    point = point_of(sweep, window.workers)
    event: Event
    if job is None or job.state is not JobState.SUCCEEDED:
        why = (job.failure if job else None) or "Its job was cancelled or deleted."
        event = Setback(point, Standing.FAILED, f"Its job did not succeed: {why}")
    else:
        event = trial_of(session, point, window, job)
    keep(session, sweep, event)
    sweep_jobs.forget(session, window)
    return [event]


def trial_of(session: Session, point: Point, window: SweepJob, job: Job) -> Trial:
    """From the moment it was accepted to its verdict, by the database's clock."""
    assert job.ended_at is not None, "it has its verdict"
    done = jobs.totals(session, job.id)
    return Trial(
        point=point, block=window.block, place=window.place, attempt=window.attempt, items=job.items_total, chunk=0,
        wall_s=max(1e-6, job.ended_at - job.created_at), cpu_s=done.busy_s, system_cpu_s=0.0, worker_cpu_s=None,
        voluntary_switches=None, signals=NOTHING, rejected=tuple(rejections(session, window, job)),
        nodes=window.nodes,
    )  # fmt: skip


def rejections(session: Session, window: SweepJob, job: Job) -> list[str]:
    """Why the window does not count."""
    said = []
    if sweep_jobs.others_computed(session, job):
        said.append("Another job computed on the fleet meanwhile.")
    if sweep_jobs.others_measured(session, job, window.sweep_id):
        said.append("Another sweep had a node to itself meanwhile.")
    if nodes.workers_alive(session) != window.nodes:
        said.append(f"The fleet changed: it had {window.nodes} worker nodes when the window began.")
    return said


def begin_next(session: Session, sweep: Sweep, events: Sequence[Event], settings: Settings) -> tuple[int | None, bool]:
    """The job of the next window; or that there is none left to do."""
    plan = plan_of(sweep)
    base = throughput(each for each in accepted(trials_of(events)) if each.point == plan.baseline)
    windows = [each for each in trials_of(events) if each.point.model == CLUSTER]
    stopped = {each.point.workers for each in events if isinstance(each, Setback) and each.point.model == CLUSTER}
    left_s = plan.budget_s * BUDGET_SHARE - sum(each.wall_s for each in windows)
    for block in range(BLOCKS):
        for workers in sweep.cluster_workers:
            tries = [each for each in windows if each.point.workers == workers and each.block == block]
            if workers in stopped or any(each.is_accepted for each in tries) or len(tries) >= MOST_ATTEMPTS:
                continue
            rate_per_s = rate_of(windows, workers) or (base.value * workers if base else 0.0)
            items, job_s = size_of(plan, rate_per_s)
            if base is None or job_s > left_s or job_s > LONGEST_JOB_S:
                if block == 0:
                    keep(session, sweep, too_long(sweep, workers, items, job_s, left_s, is_known=base is not None))
                    stopped.add(workers)
                continue
            job_id = admit(session, sweep, plan, items, workers, block, len(tries) + 1, len(windows), settings)
            return job_id, False
    return None, True


def trials_of(events: Sequence[Event]) -> list[Trial]:
    return [event for event in events if isinstance(event, Trial)]


def rate_of(windows: Sequence[Trial], workers: int) -> float | None:
    """What this point has reached [items/s]."""
    return max((each.throughput_per_s for each in windows if each.point.workers == workers), default=None)


def size_of(plan: Plan, rate_per_s: float) -> tuple[int, float]:
    """Items of the job, and how long it may take [s].

    The sweep's own job, again and again when it is too short to measure; but not where the items are parts of one
    whole, such as the tiles of a picture, or the user's own.
    """
    if rate_per_s <= 0:
        return plan.items, math.inf
    workload = find(plan.workload)
    wanted = math.ceil(LEAST_JOB_S * rate_per_s / plan.items) * plan.items
    is_divisible = plan.inputs is None and not workload.items_parameter
    items = min(workload.max_items, wanted) if is_divisible else plan.items
    return items, items / rate_per_s


def admit(
    session: Session, sweep: Sweep, plan: Plan, items: int, workers: int, block: int, attempt: int, place: int,
    settings: Settings,
) -> int:  # fmt: skip
    """The job of one window, and the row that says so, in one transaction."""
    request = JobRequest(
        plan.workload, variant=point_of(sweep, workers).variant, parameters=dict(plan.parameters),
        items=None if plan.inputs else items, inputs=list(plan.inputs) if plan.inputs else None, max_workers=workers,
    )  # fmt: skip
    job = job_tasks.admit(session, sweep.owner_id, request, settings).job
    session.add(SweepJob(
        sweep_id=sweep.id, job_id=job.id, workers=workers, block=block, place=place, attempt=attempt,
        nodes=nodes.workers_alive(session),
    ))  # fmt: skip
    session.flush()
    return job.id


def point_of(sweep: Sweep, workers: int) -> Point:
    """In the baseline's variant, where jobs can run it."""
    plan = plan_of(sweep)
    workload = find(plan.workload)
    variant = plan.baseline.variant if plan.baseline.variant in workload.variants else workload.default_variant
    return Point(CLUSTER, variant, workers)


def too_long(sweep: Sweep, workers: int, items: int, job_s: float, left_s: float, *, is_known: bool) -> Setback:
    if not is_known:
        why = "The baseline has no window that counts, so nothing can be set against it."
    else:
        most_s = max(0.0, min(left_s, LONGEST_JOB_S))
        why = (f"Its job of {items:,} items would take about {job_s:.0f} s with {workers} worker processes, and "
               f"{most_s:.0f} s are left for it. Raise the budget, or ask for fewer items.")
    return Setback(point_of(sweep, workers), Standing.NOT_BEGUN, why)


def keep(session: Session, sweep: Sweep, event: Event) -> None:
    """One more event of a sweep that is locked."""
    held = Held(sweep.id, sweep.fence)
    counts = int(isinstance(event, Trial) and event.is_accepted)
    took_s = event.wall_s if isinstance(event, Trial) else 0.0
    sweeps.record(session, held, sweep.events + 1, kind_of(event), as_text(event), spent_s=sweep.spent_s + took_s,
                  windows=counts)  # fmt: skip
    session.refresh(sweep)


def cancel_window(session: Session, sweep_id: int) -> None:
    """End the job of a sweep that was cancelled."""
    window = sweep_jobs.window_of(session, sweep_id)
    if window is not None:
        jobs.end(session, window.job_id, JobState.CANCELLED, "Its sweep was cancelled.")
        cancellation.cancel_open(session, window.job_id)
