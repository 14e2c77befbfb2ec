"""The Mandelbrot set, tile by tile: items of very uneven cost that paint one picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dynometer.errors import InvalidInput
from dynometer.workloads.escape_time import INSIDE, numpy, python
from dynometer.workloads.parameters import param
from dynometer.workloads.picture import blend, read_tile, tile_box
from dynometer.workloads.workload import Json, KnownAnswer, Tile, Workload

DEFAULT_TILES = 256


@dataclass(frozen=True)
class Parameters:
    width: int = param(1200, "Width of the picture.", unit="px", low=16, high=4096)
    height: int = param(900, "Height of the picture.", unit="px", low=16, high=4096)
    centre_x: float = param(-0.65, "Real part of the point in the middle.", low=-4.0, high=4.0)
    centre_y: float = param(0.0, "Imaginary part of the point in the middle.", low=-4.0, high=4.0)
    span: float = param(3.4, "Width of the view in the complex plane: the smaller, the deeper.", low=1e-10, high=16.0)
    max_iterations: int = param(1000, "After how many steps a point counts as inside.", unit="steps",
                                low=1, high=100_000)
    tiles: int = param(0, "Into how many tiles the picture is cut; 0 stands for one per item of the job.",
                       unit="tiles", low=0, high=65_536)


def item_at(index: int, parameters: Parameters) -> Json:
    """Tile `index` as [left, top, width, height]; after the last they start again, so that trials never run out."""
    tiles = parameters.tiles or DEFAULT_TILES
    return list(tile_box(index % tiles, tiles, parameters.width, parameters.height))


class Area:
    """How much of what is painted lies inside the set."""

    def partial(self, values: Sequence[Json]) -> Json:
        shades = [read_tile(value).shades for value in values]
        return [sum(map(len, shades)), sum(tile.count(INSIDE) for tile in shades)]

    def merge(self, left: Json, right: Json) -> Json:
        return [left[0] + right[0], left[1] + right[1]]

    def value(self, partial: Json) -> Json:
        pixels, inside = partial
        return {"pixels": pixels, "inside": inside, "share_inside": inside / pixels}

    def sentence(self, value: Json) -> str:
        return f"{value['pixels']:,} pixels are painted; {value['share_inside']:.2%} of them lie inside the set."


class Painting:
    """Night blue far away, then ice, sand and amber towards the set, which is almost black.

    Blue against yellow, with strong steps of lightness: told apart with any kind of colour blindness.
    """

    palette = blend([(0, 0x03060E), (1, 0x040A1E), (50, 0x071A42), (72, 0x15559A), (102, 0x45A3D0), (134, 0xEAF6F2),
                     (158, 0xF7D88E), (190, 0xDD862E), (222, 0x7F3014), (254, 0x1E0A12), (255, 0x808080)])

    def size(self, parameters: Parameters) -> tuple[int, int]:
        return parameters.width, parameters.height

    def tile(self, value: Json) -> Tile:
        return read_tile(value)


def check(parameters: Parameters, items: int) -> None:
    wrong = {}
    if parameters.tiles != items:
        wrong["tiles"] = f"must be left out or be the number of items, which is {items:,}"
    rows = round(math.sqrt(items))
    if rows > parameters.height or math.ceil(items / rows) > parameters.width:
        wrong["items"] = f"must leave each tile at least one pixel of {parameters.width} x {parameters.height}"
    if wrong:
        sentences = "; ".join(f"{name} {sentence}" for name, sentence in wrong.items())
        raise InvalidInput(f"Parameters do not fit: {sentences}.", fields=wrong)


WORKLOAD = Workload(
    key="mandelbrot",
    title="Mandelbrot set",
    description="Paints the Mandelbrot set, one tile per item; the result is a picture.",
    teaches="Items of uneven cost need small chunks at the end, or all workers wait for the slowest.",
    parameters=Parameters,
    variants={"python": python, "numpy": numpy},
    vectorised=frozenset({"numpy"}),
    item_at=item_at,
    default_items=DEFAULT_TILES,
    item_help="One tile of the picture: [left, top, width, height] in pixels. Generated only.",
    known_answer=KnownAnswer(
        items=9, tolerance=0.02,
        parameters={"width": 160, "height": 160, "centre_x": -0.75, "span": 3.0, "max_iterations": 400},
        value={"pixels": 25_600, "inside": 4285, "share_inside": 0.16739},
        source="T. Foerstemann (2012): the area is 1.506592; here in a view of 3 x 3, with a tolerance for its grid",
    ),
    combine=Area(),
    picture=Painting(),
    max_items=65_536,
    check=check,
    items_parameter="tiles",
)
