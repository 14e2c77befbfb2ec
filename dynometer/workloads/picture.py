"""Pictures that items paint tile by tile: the grid, the JSON of a tile, the palette, the PNG."""

import base64
import io
import math
import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from dynometer.workloads.workload import Json, Tile

UNPAINTED = 255  # the palette index that no tile uses

Vector = tuple[float, float, float]


def tile_box(index: int, tiles: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height [px] of tile `index` when `tiles` of them cover the picture exactly once.

    round(sqrt(tiles)) rows of equal height share the tiles as evenly as whole numbers allow.
    """
    rows = round(math.sqrt(tiles))
    row = ((index + 1) * rows - 1) // tiles  # the row r with r x tiles / rows <= index < (r + 1) x tiles / rows
    first, after = row * tiles // rows, (row + 1) * tiles // rows
    left, right = ((index - first + step) * width // (after - first) for step in (0, 1))
    top, bottom = ((row + step) * height // rows for step in (0, 1))
    return left, top, right - left, bottom - top


def write_tile(box: Sequence[int], shades: bytes) -> Json:
    """The JSON value of the tile at `box` (left, top, width, height)."""
    left, top, width, height = box
    packed = base64.b64encode(zlib.compress(shades)).decode()
    return {"left": left, "top": top, "width": width, "height": height, "shades": packed}


def read_tile(value: Json) -> Tile:
    """The tile that `write_tile` wrote.  Raises ValueError if its shades do not fill it."""
    width, height = value["width"], value["height"]
    shades = zlib.decompressobj().decompress(base64.b64decode(value["shades"]), max(1, width * height))
    if len(shades) != width * height:
        raise ValueError(f"a tile of {width} x {height} pixels has {len(shades)} shades")
    return Tile(value["left"], value["top"], width, height, shades)


def paint(size: tuple[int, int], palette: bytes, tiles: Iterable[Tile]) -> bytes:
    """`tiles` on a picture of `size` (width, height) [px] as the bytes of a PNG; what they leave out is transparent."""
    from PIL import Image  # here, not above: listing workloads must not load Pillow

    picture = Image.new("P", size, UNPAINTED)
    picture.putpalette(palette)
    missing = size[0] * size[1]
    for tile in tiles:
        shades = Image.frombytes("P", (tile.width, tile.height), tile.shades)
        picture.paste(shades, (tile.left, tile.top))
        missing -= tile.width * tile.height
    png = io.BytesIO()
    if missing > 0:
        picture.save(png, "PNG", transparency=UNPAINTED)
    else:
        picture.save(png, "PNG")
    return png.getvalue()


def blend(stops: Sequence[tuple[int, int]]) -> bytes:
    """A palette of 256 x RGB through `stops` (index, 0xRRGGBB), in steps that look even between each two of them.

    Blended in Oklab (B. Ottosson, A perceptual color space for image processing, 2020).
    """
    palette = bytearray()
    for (start, first), (end, last) in pairwise(stops):
        one, other = _oklab(first), _oklab(last)
        for index in range(start, end):
            share = (index - start) / (end - start)
            palette += _rgb(tuple(a + (b - a) * share for a, b in zip(one, other, strict=True)))
    return bytes(palette + stops[-1][1].to_bytes(3, "big"))


def _oklab(colour: int) -> Vector:
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
               for c in (channel / 255 for channel in colour.to_bytes(3, "big")))
    long, medium, short = (math.cbrt(light) for light in (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b))
    return (0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short)


def _rgb(lab: Sequence[float]) -> bytes:
    lightness, a, b = lab
    long, medium, short = ((lightness + x * a + y * b) ** 3 for x, y in (
        (0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.2914855480)))
    linear = (4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
              -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
              -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)
    shown = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in linear)
    return bytes(min(255, max(0, round(255 * c))) for c in shown)
