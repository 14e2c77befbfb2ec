"""`python -m bench.peers KEY BROKER_URL DATABASE_URL`: the client of one engine; does the jobs it's told by lines."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from time import perf_counter

from bench.lines import answers, orders
from bench.peers.engine import Run, Services
from bench.spin import Mix, digest

WARM_ITEMS = 64


def main(key: str, services: Services) -> None:
    """Start the engine, then say how long each job took, from having the items to having all values in order."""
    with answers() as say:
        try:
            started: Callable[[Services], AbstractContextManager[Run]] = import_module(f"bench.peers.{key}").started
        except ImportError as error:
            say({"missing": str(error.name)})
            return
        with started(services) as run:
            run(Mix(steps=1000).all_of(WARM_ITEMS))
            say({"ready": True})
            for order in orders():
                steps = Mix(**order["mix"]).all_of(order["items"])
                start = perf_counter()
                values = run(steps)
                say({"taken_s": perf_counter() - start, "digest": digest(values)})


if __name__ == "__main__":
    main(sys.argv[1], Services(broker_url=sys.argv[2], database_url=sys.argv[3]))
