"""The workloads: what is built in, and what installed packages add.  Importing this loads no NumPy and no framework."""

import dataclasses
import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from dynometer.errors import NotFound
from dynometer.workloads import plugins
from dynometer.workloads.parameters import declared
from dynometer.workloads.workload import Workload

KEYS = ("random-sum", "mandelbrot", "option-price", "factorise", "word-count", "password-hash", "wait",
        "json-round-trip", "matrix-product", "key-derivation", "compression", "memory-bandwidth", "lock-and-wait",
        "mixed")


class BuiltIn(Mapping[str, Workload]):
    """Key -> workload.  Each module is loaded when it is asked for: every measuring process starts here."""

    def __getitem__(self, key: str) -> Workload:
        if key not in KEYS:
            raise KeyError(key)
        workload: Workload = importlib.import_module(f"{__name__}.{key.replace('-', '_')}").WORKLOAD
        return workload

    def __iter__(self) -> Iterator[str]:
        return iter(KEYS)

    def __len__(self) -> int:
        return len(KEYS)


BUILT_IN = BuiltIn()


def all_workloads() -> Mapping[str, Workload]:
    """Key -> workload: the built-in ones first, then those of installed packages by key."""
    return _found()[0]


def broken_workloads() -> Mapping[str, str]:
    """Package and entry point -> why it adds no workload, in one sentence."""
    return _found()[1]


def find(key: str) -> Workload:
    """The workload of that key.  Raises NotFound, with a hint when the key looks like a slip of the pen."""
    if key in BUILT_IN:
        return BUILT_IN[key]  # without a look at what is installed
    known = all_workloads()
    if key in known:
        return known[key]
    import difflib  # here, not above: slips of the pen are rare

    close = difflib.get_close_matches(key[:80], known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}."
    raise NotFound(f"There is no workload {key[:80]!a}.", hint=hint)


def resolve(text: str) -> Workload:
    """The workload that `text` names: a key, "path/to/file.py:function" or "package.module:function".

    Raises NotFound, and InvalidInput when the user's own module can't be imported or its function does not fit.
    """
    from dynometer.workloads import own  # here, not above: those who run known workloads don't need it

    return own.load(text) if own.is_own(text) else find(text)


def describe(workload: Workload) -> dict[str, Any]:
    """`workload` as JSON: what the API and `python -m dynometer workloads --json` say of it."""
    parameters = []
    for parameter in declared(workload.parameters):
        about = dataclasses.asdict(parameter) | {"type": parameter.type.__name__, "choices": list(parameter.choices)}
        parameters.append(about)
    return {
        "key": workload.key, "title": workload.title, "description": workload.description, "teaches": workload.teaches,
        "parameters": parameters, "variants": list(workload.variants), "default_items": workload.default_items,
        "max_items": workload.max_items, "item_help": workload.item_help,
        "takes_items": workload.read_item is not None, "combines": workload.combine is not None,
        "paints": workload.picture is not None,
    }


@cache
def _found() -> tuple[Mapping[str, Workload], Mapping[str, str]]:
    """Looked up once: packages installed later count from the next start of the process."""
    added, broken = plugins.load(BUILT_IN)
    return MappingProxyType({**BUILT_IN, **added}), MappingProxyType(broken)
