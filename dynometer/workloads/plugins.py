"""Workloads of installed packages: found by entry point, checked, and kept apart when broken."""

import re
from collections.abc import Collection, Mapping

from dynometer.workloads.parameters import declared, read_parameters
from dynometer.workloads.workload import Workload

GROUP = "dynometer.workloads"
KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_KEY = 60
LONGEST_REASON = 300  # characters of a stranger's error that pages repeat


class Unusable(ValueError):
    """What an entry point leads to is no workload that pages and jobs can rely on."""


def load(taken: Collection[str]) -> tuple[dict[str, Workload], dict[str, str]]:
    """Key -> workload, and "package: entry point" -> the sentence that says why it adds none.

    Keys that are `taken` stay with their owner; of two packages with one key, the first by name keeps it.
    """
    from importlib.metadata import entry_points  # here, not above: it costs more to import than all workloads

    added: dict[str, Workload] = {}
    broken: dict[str, str] = {}
    points = entry_points(group=GROUP)
    named = [(point.dist.name if point.dist else "?", point) for point in points]
    for package, point in sorted(named, key=lambda pair: (pair[0], pair[1].name)):
        try:
            workload = checked(point.load())
            if workload.key in taken or workload.key in added:
                raise Unusable(f"the key {workload.key} is taken by another workload")
            added[workload.key] = workload
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may do anything when it is imported
            reason = str(error) if isinstance(error, Unusable) else f"{type(error).__name__}: {error}"
            reason = reason[:LONGEST_REASON].rstrip(".")
            broken[f"{package}: {point.name}"] = f"The entry point {point.value} adds no workload: {reason}."
    return dict(sorted(added.items())), broken


def checked(found: object) -> Workload:
    """`found` if it is a workload that pages and jobs can rely on.  Raises Unusable with a sentence."""
    if not isinstance(found, Workload):
        raise Unusable(f"it is not a Workload but {type(found).__name__}")
    if not (KEY.fullmatch(found.key) and len(found.key) <= LONGEST_KEY):
        raise Unusable("its key must be of lower-case letters, digits and hyphens, at most 60")
    if not (isinstance(found.variants, Mapping) and found.variants and all(map(callable, found.variants.values()))):
        raise Unusable("its variants must be a mapping of names to functions")
    if not 1 <= found.default_items <= found.max_items:
        raise Unusable("its default_items must be from 1 to max_items")
    read_parameters(found.parameters, {parameter.name: parameter.default for parameter in declared(found.parameters)})
    return found
