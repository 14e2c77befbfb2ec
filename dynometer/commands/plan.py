"""`python -m dynometer plan`: how many servers a load needs."""

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dynometer.commands.errors import refuses
from dynometer.errors import InvalidInput

if TYPE_CHECKING:
    from dynometer.capacity.plan import CapacityPlan
    from dynometer.capacity.service import Service
    from dynometer.capacity.station import Load
    from dynometer.capacity.web_tier import WebNode


WOULD_NOT_DO = 4  # the status of a gate that is not met: a build may ask


@click.command("plan")
@click.option("--arrival", "arrival_per_s", type=float, required=True, metavar="PER_S", help="Arrivals per second.")
@click.option("--service", "service_s", type=float, metavar="S", help="Mean service time of one arrival, in seconds.")
@click.option("--service-cv2", type=float, metavar="C", help="Its variance over squared mean; 1 is exponential.  [1]")
@click.option("--service-times", type=click.Path(path_type=Path), metavar="FILE",
              help="Measured times instead, in seconds: one per line, or a JSON list; - is stdin.")
@click.option("--arrival-cv2", type=float, default=1.0, metavar="C", help="The same of the gaps; 1 is Poisson.  [1]")
@click.option("--batch", type=int, default=1, metavar="B", help="So many arrive together.  [1]")
@click.option("--backlog", "places", type=int, metavar="N", help="Only so many can wait; the rest is turned away.")
@click.option("--wait", "wait_s", type=float, metavar="S", help="Target: the quantile of the wait, at most.")
@click.option("--response", "response_s", type=float, metavar="S", help="Target: the quantile of wait and service.")
@click.option("--quantile", type=float, default=0.95, metavar="Q", help="Of wait and response.  [0.95]")
@click.option("--utilisation", type=float, metavar="RHO", help="Target: utilisation, at most.")
@click.option("--rejected", "rejected_share", type=float, metavar="SHARE", help="Target: share turned away, at most.")
@click.option("--threads", type=int, metavar="T", help="Plan web processes with T threads each.")
@click.option("--service-cpu", "service_cpu_s", type=float, metavar="S", help="What a request computes, in seconds.")
@click.option("--wait-share", type=float, metavar="SHARE", help="Or the share of its service that it only waits.")
@click.option("--processes", type=int, metavar="P", help="Web processes per node.  [1]")
@click.option("--cores", type=float, metavar="C", help="Cores per node.  [one per process]")
@click.option("--servers", type=int, metavar="N", help="Judge this many instead of searching.")
@click.option("--spare", type=int, default=0, metavar="N", help="So many may be lost.  [0]")
@click.option("--max-servers", type=int, default=100_000, metavar="N", help="Do not look beyond.  [100000]")
@click.option("--simulate", "is_simulated", is_flag=True, help="Check the answer by simulation too.")
@click.option("--seed", type=int, default=1, metavar="N", help="Of the simulation.  [1]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
@refuses
def plan(as_json: bool, **options: Any) -> None:
    """How many servers keep waits or responses within a target.

    Ends with status 4 when the answer is no: no number reaches the target, none up to --max-servers, or not --servers.

    \b
    python -m dynometer plan --arrival 5 --service 3 --wait 2 --quantile 0.95
    python -m dynometer plan --arrival 200 --service-times times.txt --response 0.2
    python -m dynometer plan --arrival 120 --service 0.05 --threads 4 --wait-share 0.8 --processes 2 --response 0.2
    """
    from dynometer.capacity.plan_text import plan_json, sentences

    answer = _answer(options)
    if as_json:
        click.echo(json.dumps(plan_json(answer), indent=2, allow_nan=False))
    else:
        for sentence in (*sentences(answer), *(f"Caution: {warning}" for warning in answer.warnings)):
            click.echo(sentence)
    if not answer.is_feasible:
        raise SystemExit(WOULD_NOT_DO)


def _answer(options: dict[str, Any]) -> "CapacityPlan":
    from dynometer.capacity.checks import whole
    from dynometer.capacity.plan import judge, make_plan, simulated
    from dynometer.capacity.target import Target

    whole("seed", options["seed"], 0)
    load = _load(options)
    node = _node(options, load)
    target = Target(**{name: options[name] for name in TARGETS}, is_free=options["servers"] is not None)
    if options["servers"] is None:
        found = make_plan(load, target, node=node, spare=options["spare"], max_servers=options["max_servers"])
    else:
        found = judge(load, target, options["servers"], node=node, spare=options["spare"])
    return simulated(found, seed=options["seed"]) if options["is_simulated"] else found


TARGETS = ("quantile", "wait_s", "response_s", "utilisation", "rejected_share")


def _load(options: dict[str, Any]) -> "Load":
    from dynometer.capacity.station import Load

    if not 0 < options["arrival_per_s"] < math.inf:
        raise InvalidInput(f"--arrival must be a finite number above 0, not {options['arrival_per_s']:g}.",
                           hint="Give the arrivals per second, such as 0.5 for one every two seconds.")
    return Load(
        options["arrival_per_s"], _service(options), options["arrival_cv2"], options["batch"], options["places"]
    )


def _service(options: dict[str, Any]) -> "Service":
    from dynometer.capacity.measured import Measured, parse_times
    from dynometer.capacity.service import service_of

    mean_s, cv2, path = options["service_s"], options["service_cv2"], options["service_times"]
    if path is None and mean_s is None:
        raise InvalidInput("no service time is given", hint="Give --service SECONDS or --service-times FILE.")
    if path is None:
        return service_of(mean_s, 1.0 if cv2 is None else cv2)
    if mean_s is not None or cv2 is not None:
        raise InvalidInput(
            "--service-times has mean and cv2 of its own", hint="Leave out --service and --service-cv2."
        )
    return Measured(parse_times(_text(path)))


def _text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"can't read {path}: {error}", hint="Name a text file with one time per line.") from None


def _node(options: dict[str, Any], load: "Load") -> "WebNode | None":
    from dynometer.capacity.web_tier import WebNode

    threads, cpu_s, share = options["threads"], options["service_cpu_s"], options["wait_share"]
    if threads is None:
        if any(options[name] is not None for name in ("service_cpu_s", "wait_share", "processes", "cores")):
            raise InvalidInput(
                "--service-cpu, --wait-share, --processes and --cores are of web nodes", hint="Add --threads."
            )
        return None
    if (cpu_s is None) == (share is None):
        raise InvalidInput(
            "how much of a request computes is needed once", hint="Give either --service-cpu or --wait-share."
        )
    if share is not None and not 0 <= share <= 1:
        raise InvalidInput(f"--wait-share must be between 0 and 1, got {share}")
    mean_s = load.service.mean_s
    computing_s = mean_s * (1 - share) if cpu_s is None else cpu_s
    processes = 1 if options["processes"] is None else options["processes"]
    return WebNode(processes, threads, mean_s, computing_s, options["cores"])
