"""Execution models: ways to spread calls over workers, one file each.  Importing this loads none of them."""

import importlib
from collections.abc import Mapping

from dynometer.errors import NotFound
from dynometer.execution.model import ExecutionModel

MODELS: Mapping[str, str] = {  # key -> module:class, the simplest first: ties are won by the earlier one
    "sequential": "sequential:Sequential",
    "vectorised": "vectorised:Vectorised",
    "native": "native:Native",
    "threads": "threads:Threads",
    "daemon-threads": "daemon_threads:DaemonThreads",
    "event-loop": "event_loop:EventLoop",
    "event-loop-threads": "event_loop_threads:EventLoopThreads",
    "interpreters": "interpreters:Interpreters",
    "pool": "pool:Pool",
    "process-executor": "process_executor:ProcessExecutor",
    "processes-manager": "processes_manager:ProcessesManager",
    "daemons": "daemons:Daemons",
    "cluster": "cluster:Cluster",
    "simulated": "simulated:Simulated",
}


def all_models() -> Mapping[str, ExecutionModel]:
    """Key -> model."""
    return {key: find(key) for key in MODELS}


def find(key: str) -> ExecutionModel:
    """The model of that key; "simulated:sigma=0.05" is a simulated one with that law.

    Raises NotFound, with a hint when the key looks like a slip of the pen; InvalidInput on a law that is none.
    """
    name, _, law = key.partition(":")
    if name == "simulated" and law:
        from dynometer.execution.simulated import Simulated, law_named

        return Simulated(law_named(law))
    if key not in MODELS:
        import difflib  # here, not above: slips of the pen are rare, and every measuring process starts here

        close = difflib.get_close_matches(key[:80], MODELS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(MODELS)}."
        raise NotFound(f"There is no execution model {key[:80]!a}.", hint=hint)
    module, _, name = MODELS[key].partition(":")
    model: ExecutionModel = getattr(importlib.import_module(f"dynometer.execution.{module}"), name)()
    return model
