"""What a worker node says of itself, and whether it runs already."""

import os
import platform
import socket
from contextlib import suppress
from importlib.metadata import version

import psutil

from dynometer.workloads import all_workloads
from store import nodes
from store.models import Node

WORKER = "tasks.worker"  # in the command line of every worker node


def facts_of(name: str) -> nodes.NodeFacts:
    """What this node says of itself; how many processes it has, it says when they stand."""
    return nodes.NodeFacts(
        name=name, role="worker", host=socket.gethostname(), pid=os.getpid(), slots=0,
        cpus_usable=float(usable_cpus()),
        memory_bytes=psutil.virtual_memory().total,
        versions={"python": platform.python_version(), "celery": version("celery")}, workloads=tuple(all_workloads()),
    )  # fmt: skip


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def living_twin(known: Node | None) -> int | None:
    """The process id of a worker node that runs on this host under the same name."""
    if known is None or not known.state.is_alive or known.host != socket.gethostname() or known.pid == os.getpid():
        return None
    with suppress(psutil.Error):
        process = psutil.Process(known.pid)
        if process.status() != psutil.STATUS_ZOMBIE and WORKER in " ".join(process.cmdline()):
            return known.pid
    return None
