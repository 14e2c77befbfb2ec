"""`./dyno up`: one command from a checkout to a fleet that answers, and back to nothing at Ctrl+C.

This process, the front, prepares and reports.  It forks the supervisor, which keeps the nodes up; each ends when the
other is gone, however that happened.
"""

import hashlib
import os
from contextlib import closing
from pathlib import Path

from fleet.broker_probe import check_broker
from fleet.data_folder import DataFolder, Running
from fleet.fleet import Fleet
from fleet.nginx_config import CHECKOUT
from fleet.node_log import say
from fleet.plan import Counts, Plan, full_name, make_plan
from fleet.preparation import Joined, Preparation
from settings import ConfigError, Settings

MIGRATE_WITHIN_S = 600.0  # a large database may take its time


def up(settings: Settings, counts: Counts, *, uses_nginx: bool = True, is_verbose: bool = False) -> int:
    """Start a fleet and stay until it's told to stop; the exit status.

    Raises ConfigError when it can't start; then nothing of it is left running.
    """
    folder = DataFolder(settings.data_dir)
    with folder.locked():
        clear(folder.run)
        is_migrated = folder.is_migrated(schema_of(settings))
        workers = frozenset(full_name(f"worker.{number}") for number in range(1, counts.worker + 1))
        with closing(Preparation(settings, workers, is_known=is_migrated)) as preparation:
            plan = make_plan(settings, folder, counts, uses_nginx=uses_nginx)
            say("up", f"Starting on {folder.path}: broker ({plan.broker.source}), {front_door(plan)}, "
                f"{counts.web} web and {counts.worker} worker node(s)")  # fmt: skip
            if not plan.broker.command:
                check_broker(plan.broker.url)
            if not is_migrated and preparation.answer(MIGRATE_WITHIN_S) is None:
                raise ConfigError("The database did not answer in time.")
            fleet = Fleet(plan, folder, is_verbose=is_verbose)
            try:
                joined = fleet.wait_until_ready(preparation)
            except ConfigError:
                fleet.stop()
                fleet.wait_until_stopped()
                raise
        if joined:
            folder.note_migrated(schema_of(settings))
            folder.publish(
                Running(plan.url, os.getpid(), settings.database_url, plan.broker.url, counts.web, counts.worker)
            )
            announce(plan.url, joined)
        try:
            return fleet.wait_until_stopped()
        finally:
            folder.withdraw()


def clear(run: Path) -> None:
    """Remove what a killed fleet left in its run folder, which is ours now."""
    for old in (*run.glob("*.pid"), *run.glob("*.sock")):
        old.unlink(missing_ok=True)


def schema_of(settings: Settings) -> str:
    """Names a database and the tables this version wants in it.

    A fleet that has started with the same name before starts its nodes at once, while the database is looked at: that
    saves a second.  Should the database be another one after all, the nodes come back when it's migrated.
    """
    versions = sorted(path.name for path in (CHECKOUT / "store" / "migrations" / "versions").glob("*.py"))
    is_there = not settings.is_sqlite or Path(settings.database_url.removeprefix("sqlite:///")).exists()
    return hashlib.sha256(repr((settings.database_url, versions, is_there)).encode()).hexdigest()


def front_door(plan: Plan) -> str:
    return "nginx" if plan.has_nginx else "no nginx (web nodes share the port)"


def announce(url: str, joined: Joined) -> None:
    """Tell the user where to go, and what goes on."""
    print(f"\nDynometer is ready:  {url}", flush=True)
    if joined.jobs_open:
        print("1 job goes on." if joined.jobs_open == 1 else f"{joined.jobs_open:,} jobs go on.")
    if joined.setup_code:
        print("First time here?  Make your account with this link (once, within 30 minutes):")
        print(f"  {url}/setup#{joined.setup_code}")
    print("Ctrl+C stops it.\n", flush=True)
