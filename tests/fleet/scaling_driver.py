"""A supervisor that reads its count of web nodes from stdin: `python -m tests.fleet.scaling_driver DATA`."""

import multiprocessing
import os
import sys
import threading
from pathlib import Path

from fleet.backoff import Backoff
from fleet.data_folder import DataFolder
from fleet.node import Surroundings
from fleet.role import Role
from fleet.supervisor import Supervisor

WEB = Role("web", ("/bin/sh", "-c", "echo up; exec sleep 1000"))


def main() -> None:
    folder = DataFolder(Path(sys.argv[1]))
    is_closing = multiprocessing.get_context("fork").Event()
    supervisor = Supervisor({WEB: 1}, Surroundings(folder.run, folder.log, is_closing, Backoff(), is_verbose=True))

    def obey() -> None:
        while said := os.read(0, 100):  # sys.stdin has a lock, and a fork would copy it held
            for line in said.split():
                supervisor.scale(WEB, int(line))
        os.kill(os.getpid(), 15)

    threading.Thread(target=obey, daemon=True).start()
    supervisor.run()


if __name__ == "__main__":
    main()
