"""What a workload is: a function applied to items, with typed parameters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dynometer.errors import InvalidInput

Json = Any  # what json.dumps says: None, bool, int, float, str, list, dict
Call = Callable[[Json], Json]  # one item -> its value


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
    """A rectangle of a picture: `shades` holds width x height palette indices, row by row."""

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
    known_answer: KnownAnswer
    read_item: Callable[[Json], Json] | None = None  # a user's item, checked; raises InvalidInput; None: generated only
    combine: Combine | None = None
    picture: Picture | None = None
    max_items: int = 1_000_000_000
    check: Callable[[Any, int], None] | None = field(default=None)  # (parameters, items); raises InvalidInput

    @property
    def default_variant(self) -> str:
        return next(iter(self.variants))

    def prepare(self, variant: str, parameters: Any) -> Call:
        """The function of one item.  Raises InvalidInput on an unknown variant."""
        if variant not in self.variants:
            sentence = f"must be one of {', '.join(self.variants)}"
            raise InvalidInput(f"{self.key} has no variant {variant}: variant {sentence}.", fields={"variant": sentence})
        return self.variants[variant](parameters)

    def reference(self, parameters: Any, items: Iterable[Json], variant: str | None = None) -> list[Json]:
        """Every value in order, computed one after the other: what any execution must equal."""
        return list(map(self.prepare(variant or self.default_variant, parameters), items))
