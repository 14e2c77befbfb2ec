"""`python -m bench.chunk_writer DATABASE_URL NODE_ID WRITERS`: worker processes without Celery around them.

Told `{"job": id, "counters": n}` they work on that job until it's over, with n counter rows among them; told
`{"bare": commits}` each commits that many single rows.
"""

import os
import sys
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import sleep
from typing import Any

import psycopg2

from bench.lines import answers, orders
from settings import Settings
from store import jobs
from store.database import Database
from store.values import Slot
from tasks.doorbell import Doorbell
from tasks.shift import Worker, work

BARE = "INSERT INTO bare (value) VALUES ('the value of an item, about as long as a number is')"


def main(database_url: str, node_id: int, writers: int) -> None:
    """Pass what is said on to each process, and the sum of their answers back."""
    context = get_context("fork")
    pipes = []
    for index in range(writers):
        ours, theirs = context.Pipe()
        context.Process(target=write, args=(theirs, database_url, node_id, index), daemon=True).start()
        pipes.append(ours)
    with answers() as say:
        for order in orders():
            for pipe in pipes:
                pipe.send(order)
            say({"done": sum(pipe.recv() for pipe in pipes)})


def write(orders: Connection, database_url: str, node_id: int, index: int) -> None:
    """One process: its own connections, its own place on the node."""
    settings = Settings(database_url=database_url, broker_url="memory://", shift_s=3600.0)
    database, doorbell = Database(database_url, pool_size=1), Doorbell(settings)
    with closing(psycopg2.connect(database_url.replace("+psycopg2", ""))) as connection:
        while True:
            order = orders.recv()
            if "bare" in order:
                orders.send(commit_rows(connection, order["bare"]))
            else:
                slot = Slot(node_id, index % order["counters"], os.getpid())
                orders.send(work_on(Worker(settings, database, doorbell, slot), order["job"]))


def work_on(worker: Worker, job_id: int) -> int:
    """Shift after shift until the job has its verdict; how many chunks were recorded here."""
    recorded = 0
    while True:
        recorded += work(worker)
        with worker.database.reading() as session:
            job = jobs.job_of(session, job_id)
        if job is None or job.state.is_final:
            return recorded
        sleep(0.002)


def commit_rows(connection: Any, commits: int) -> int:
    """What the database allows: one small row and one commit at a time."""
    with connection.cursor() as cursor:
        for _ in range(commits):
            cursor.execute(BARE)
            connection.commit()
    return commits


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
