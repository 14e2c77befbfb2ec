"""`python -m bench.pages`: how long the pages of jobs take on one sync worker over PostgreSQL.

The database holds 10,000 ended jobs, one of 100,000 chunks that runs, and one that has ended.  A figure is the time of
a whole request over loopback, a new connection in it, so the server's own time is below it.
"""

import http.client
import json
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.figures import percentile
from fleet.parent_death import dies_with_parent
from settings import child_environment
from store.accounts import create_token, service_account
from store.database import Database
from store.job_rows import clock
from store.migrate import upgrade
from store.models import Chunk, ChunkResult, ChunkState, Job, JobShare, JobState
from store.nodes import NodeFacts, join
from tests.services import Postgres, free_port, until

ROOT = Path(__file__).resolve().parent.parent
JOBS, CHUNKS, NODES, SECONDS = 10_000, 100_000, 4, 3600.0
WORKLOADS = ("wait", "random-sum", "factorise", "mandelbrot", "word-count")
STATES = (JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED)
WARMING = 10
GOALS_MS = {"job page": 40, "live fragment": 15, "list of 10,000": 60}


@click.command()
@click.option("--requests", default=200, show_default=True, help="How often each page is asked for.")
def main(requests: int) -> None:
    """Seed, serve, ask, print."""
    with ExitStack() as stack:
        postgres = Postgres()
        stack.callback(postgres.remove)
        postgres.start()
        url = postgres.new_database()
        upgrade(url)
        token, running, ended = seed(Database(url))
        port = serve(stack, url)
        table = Table("page", "p50 [ms]", "p95 [ms]", "goal [ms]")
        for what, path in pages(running, ended):
            times = [1000 * each for each in asked(port, token, path, requests)]
            goal = next((str(most) for name, most in GOALS_MS.items() if what.startswith(name)), "")
            table.add_row(what, f"{percentile(times, 50):.1f}", f"{percentile(times, 95):.1f}", goal)
        Console().print(table)


def pages(running: int, ended: int) -> Iterator[tuple[str, str]]:
    yield "job page, ended", f"/jobs/{ended}"
    yield "job page, 100,000 chunks, running", f"/jobs/{running}"
    yield "live fragment, 100,000 chunks", f"/jobs/{running}/live"
    yield "feed of the chart, 100,000 chunks", f"/jobs/{running}/series?since=32:100"
    yield "list of 10,000, newest", "/jobs"
    for query in ("sort=took", "sort=items", "state=failed&workload=wait", "q=bench", "q=mandel&sort=took"):
        yield f"list of 10,000, {query}", f"/jobs?{query}"


def seed(database: Database) -> tuple[str, int, int]:
    """A token, a running job, an ended one."""
    with database.writing() as session:
        owner_id = service_account(session).id
        token, now = create_token(session, owner_id, "bench"), clock(session)
        nodes = [join(session, NodeFacts(f"worker.{n}", "worker", "here", n, 2, 2.0, 10**9, {})) for n in range(NODES)]
        usual = {"owner_id": owner_id, "variant": "python", "parameters": {}, "items_total": 1000, "next_item": 1000}
        session.execute(insert(Job), [ended_job(number, now) | usual for number in range(JOBS)])
        job_ids = list(session.scalars(insert(Job).returning(Job.id), [
            usual | {"workload": "wait", "items_total": 20 * CHUNKS, "state": JobState.RUNNING,
                     "created_at": now - SECONDS, "started_at": now - SECONDS, "ended_at": None},
            usual | {"workload": "wait", "state": JobState.SUCCEEDED,
                     "created_at": now - 60, "started_at": now - 60, "ended_at": now},
        ]))  # fmt: skip
        add_shares(session, range(1, JOBS + 1), nodes)
        add_chunks(session, job_ids[0], CHUNKS, 10, now - SECONDS, SECONDS, nodes)
        add_chunks(session, job_ids[1], 100, 10, now - 60, 60.0, nodes)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return token, job_ids[0], job_ids[1]


def ended_job(number: int, now: float) -> dict[str, object]:
    began = now - 60 * (JOBS - number)
    return {"workload": WORKLOADS[number % 5], "state": STATES[number % 7 % 5], "created_at": began,
            "started_at": began + 1, "ended_at": began + 2 + number % 997}  # fmt: skip


def add_shares(session: Session, job_ids: range, nodes: list[int]) -> None:
    rows = [
        {"job_id": job_id, "node_id": node, "slot": 0, "items_done": 250, "items_failed": 0, "chunks_done": 9,
         "busy_s": 5.0} for job_id in job_ids for node in nodes
    ]  # fmt: skip
    session.execute(insert(JobShare), rows)


def add_chunks(
    session: Session, job_id: int, chunks: int, items: int, began: float, seconds: float, nodes: list[int]
) -> None:
    rows = [
        {"job_id": job_id, "first_item": number * items, "item_count": items, "state": ChunkState.DONE, "fence": 1,
         "attempt": 1, "node_id": nodes[number % len(nodes)], "budget_s": 2.0, "busy_s": seconds / chunks * 3,
         "done_at": began + seconds * (number + 1) / chunks, "items_failed": 0} for number in range(chunks)
    ]  # fmt: skip
    session.execute(insert(Chunk), rows)
    values = json.dumps([1.5] * items)
    first = [{"job_id": job_id, "first_item": row["first_item"], "values": values} for row in rows[:100]]
    session.execute(insert(ChunkResult), first)
    done = chunks * items // len(nodes)
    session.execute(insert(JobShare), [
        {"job_id": job_id, "node_id": node, "slot": 0, "items_done": done, "items_failed": 0,
         "chunks_done": chunks // len(nodes), "busy_s": seconds} for node in nodes
    ])  # fmt: skip


def serve(stack: ExitStack, url: str) -> int:
    """The port of one sync worker; `stack` ends it."""
    port, folder = free_port(), stack.enter_context(tempfile.TemporaryDirectory(prefix="dyno-bench-"))
    environment = child_environment(
        DATABASE_URL=url, DYNOMETER_DATA_DIR=folder, DYNOMETER_SECRET_KEY=secrets.token_urlsafe(48),
        DYNOMETER_BIND=f"127.0.0.1:{port}", WEB_CONCURRENCY="1", BROKER_URL="memory://",
    )  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--worker-class", "sync",
               "--max-requests", "0", "wsgi:app"]  # fmt: skip
    with (Path(folder) / "web.log").open("wb") as log:
        gunicorn = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                                    preexec_fn=dies_with_parent(signal.SIGTERM))  # fmt: skip
    stack.callback(gunicorn.wait)
    stack.callback(gunicorn.terminate)
    until(lambda: answers(port), "the web node answers", within_s=30)
    return port


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def asked(port: int, token: str, path: str, requests: int) -> list[float]:
    """Seconds of each request after some that warm up.  Raises RuntimeError when one is no success."""
    times = []
    for _ in range(WARMING + requests):
        began = perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        response.read()
        times.append(perf_counter() - began)
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
    return times[WARMING:]


if __name__ == "__main__":
    main()
