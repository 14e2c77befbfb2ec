"""The supervisor of one fleet: Cotyledon's ServiceManager over nodes.  It runs in a process of its own."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

import cotyledon

from fleet.node import Node, Surroundings
from fleet.role import Role

LAST_RESORT_S = 60  # Cotyledon ends a wrapper that is still there after so long; each node is killed well before


class Supervisor(cotyledon.ServiceManager):
    """Keeps `counts[role]` nodes of each role up.  One per process."""

    def __init__(self, counts: Mapping[Role, int], around: Surroundings) -> None:
        # fork: the nodes' wrappers share this process's memory, and nothing has to be pickled
        super().__init__(graceful_shutdown_timeout=LAST_RESORT_S, mp_context=multiprocessing.get_context("fork"))
        self.around = around
        self.service_of = {role: self.add(Node, count, args=(role, around)) for role, count in counts.items()}
        self.role_of = {service: role for role, service in self.service_of.items()}
        self.counts = dict(counts)
        self.register_hooks(on_terminate=around.is_closing.set, on_dead_worker=self._note_end)

    def scale(self, role: Role, count: int) -> None:
        """Change how many nodes of `role` there are; those with the highest numbers go first."""
        self.counts[role] = count
        self.reconfigure(self.service_of[role], count)
        os.kill(os.getpid(), signal.SIGCHLD)  # it looks at its counts only when a child has ended

    def _note_end(self, service: Any, worker_id: int, exit_code: int) -> None:
        role = self.role_of[service]
        self.around.backoff.ended(role.node_name(worker_id))
        # forgets Cotyledon's own brake, which holds up every other node for 5 s as well
        self.reconfigure(service, self.counts[role])

    def _start_worker(self, service_id: Any, worker_id: Any) -> None:
        # Cotyledon 2.2 starts a node again that it has just stopped for a smaller count
        if worker_id < self.counts[self.role_of[service_id]]:
            super()._start_worker(service_id, worker_id)


def supervise(counts: Mapping[Role, int], around: Surroundings, leash: int) -> None:
    """Run the fleet in this process until SIGTERM, or until the other end of the pipe `leash` is closed."""
    sys.argv[:1] = ["dyno"]  # Cotyledon puts it into the process titles
    supervisor = Supervisor(counts, around)
    threading.Thread(target=_stop_when_let_go, args=(leash,), daemon=True).start()
    supervisor.run()


def _stop_when_let_go(leash: int) -> None:
    os.read(leash, 1)
    os.kill(os.getpid(), signal.SIGTERM)
