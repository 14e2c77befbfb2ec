"""What a workload is: a function applied to items, with typed parameters."""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import read_parameters

Json = Any  # what json.dumps says: None, bool, int, float, str, list, dict
Call = Callable[[Json], Json]  # one item -> its value
CoroutineCall = Callable[[Json], Awaitable[Json]]


class Combine(Protocol):
    """Folds the values of many items into one: associative and commutative, so any split gives the same answer.

    A partial is JSON and small: it is stored, sent and merged in any order.
    """

    def partial(self, values: Sequence[Json]) -> Json:
        """The partial of some items' values (at least one)."""

    def merge(self, left: Json, right: Json) -> Json:
        """One partial that stands for both."""

    def value(self, partial: Json) -> Json:
        """The combined value that users see."""

    def sentence(self, value: Json) -> str:
        """`value` in one line of words, for pages and the command line."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of a picture: `shades` holds width x height palette indices from 0 to 254, row by row.

    Index 255 stays free: it marks what is not painted yet.
    """

    left: int
    top: int
    width: int
    height: int
    shades: bytes


class Picture(Protocol):
    """How a workload's values paint one picture, tile by tile."""

    palette: bytes  # 256 x RGB

    def size(self, parameters: Any) -> tuple[int, int]:
        """Width and height in pixels."""

    def tile(self, value: Json) -> Tile:
        """The rectangle that one item's value paints."""


@dataclass(frozen=True)
class KnownAnswer:
    """A small case whose answer is known from outside this code: what tests and the self-check compare with."""

    items: int
    parameters: Mapping[str, object]
    value: Json  # the combined value, or the list of values where nothing combines
    source: str
    tolerance: float = 0.0  # relative; 0 means exact
    inputs: tuple[Json, ...] | None = None  # a user's items instead of generated ones; `items` counts them

    def agrees(self, value: Json) -> bool:
        """Whether `value` is the known one: numbers within the tolerance, everything else exactly."""
        return _agree(value, self.value, self.tolerance)


@dataclass(frozen=True)
class Workload:
    """A function applied to items.  One file in `dynometer/workloads/`, or an installed package, makes one."""

    key: str  # kebab-case; what URLs, the API and the command line say
    title: str
    description: str  # one or two sentences for a page
    teaches: str  # what its scaling curve teaches, one sentence
    parameters: type  # a frozen dataclass of `param` fields
    variants: Mapping[str, Callable[[Any], Call]]  # key -> prepare(parameters) -> call; the first is the default
    item_at: Callable[[int, Any], Json]  # (index, parameters) -> item that the generator makes
    default_items: int
    item_help: str  # what one item is, and what a user may send in its place
    known_answer: KnownAnswer | None  # None: a user's own function, which nobody else can judge
    read_item: Callable[[Json], Json] | None = None  # a user's item, checked; raises InvalidInput; None: generated only
    combine: Combine | None = None
    picture: Picture | None = None
    max_items: int = 1_000_000_000
    check: Callable[[Any, int], None] | None = field(default=None)  # (parameters, items); raises InvalidInput
    items_parameter: str = ""  # the parameter that holds the number of items; 0 in it is filled in by `accept`
    coroutines: Mapping[str, Callable[[Any], CoroutineCall]] = field(default_factory=dict)  # variants for event loops
    extras: Mapping[str, Callable[[Any], Call]] = field(default_factory=dict)  # variants that need a package
    vectorised: frozenset[str] = frozenset()  # variants whose loop runs inside a library such as NumPy
    native: frozenset[str] = frozenset()  # variants that compiled code computes
    tolerance: float = 0.0  # relative, between variants; 0: they agree to the last bit

    @property
    def default_variant(self) -> str:
        return next(iter(self.variants))

    def accept(self, given: Mapping[str, object], items: int) -> Any:
        """The checked parameters of a job of `items` items: what a job keeps, and calls are prepared with.

        Raises InvalidInput that names the wrong fields, `items` among them.
        """
        if type(items) is not int or not 1 <= items <= self.max_items:  # True is no number of items
            sentence = f"must be a whole number from 1 to {self.max_items:,}"
            raise InvalidInput(f"The number of items {sentence}.", fields={"items": sentence})
        parameters: Any = read_parameters(self.parameters, given)
        if self.items_parameter and not getattr(parameters, self.items_parameter):
            parameters = replace(parameters, **{self.items_parameter: items})
        if self.check:
            self.check(parameters, items)
        return parameters

    def prepare(self, variant: str, parameters: Any) -> Call:
        """The function of one item.  Raises InvalidInput on an unknown variant, ImportError on an extra's package."""
        known = {**self.variants, **self.extras}
        if variant not in known:
            sentence = f"must be one of {', '.join(self.variants)}"
            raise InvalidInput(f"{self.title}: variant {sentence}.", fields={"variant": sentence})
        return known[variant](parameters)

    def prepare_coroutine(self, variant: str, parameters: Any) -> CoroutineCall:
        """The coroutine function of one item.  Raises InvalidInput on an unknown variant."""
        if variant not in self.coroutines:
            sentence = f"must be one of {', '.join(self.coroutines)}" if self.coroutines else "has no coroutines"
            raise InvalidInput(f"{self.title}: variant {sentence}.", fields={"variant": sentence})
        return self.coroutines[variant](parameters)

    def reference(self, parameters: Any, items: Iterable[Json], variant: str | None = None) -> list[Json]:
        """Every value in order, computed one after the other: what any execution must equal."""
        return list(map(self.prepare(variant or self.default_variant, parameters), items))

    def known_value(self, variant: str | None = None) -> Json:
        """What `variant` answers to the known case, to be judged by `known_answer.agrees`.

        Raises InvalidInput when there is none.
        """
        known = self.known_answer
        if known is None:
            raise InvalidInput(f"{self.title} has no known answer.")
        parameters = self.accept(known.parameters, known.items)
        items = known.inputs or [self.item_at(index, parameters) for index in range(known.items)]
        values = self.reference(parameters, items, variant)
        return self.combine.value(self.combine.partial(values)) if self.combine else values


def _agree(value: Json, known: Json, tolerance: float) -> bool:
    if isinstance(known, dict):
        return (isinstance(value, dict) and value.keys() == known.keys()
                and all(_agree(value[key], known[key], tolerance) for key in known))
    if isinstance(known, list):
        return (isinstance(value, list) and len(value) == len(known)
                and all(map(_agree, value, known, [tolerance] * len(known))))
    if tolerance and isinstance(known, int | float) and isinstance(value, int | float):
        return math.isclose(value, known, rel_tol=tolerance)
    return bool(value == known)
