"""Pictures: tiles in, PNG out."""

import io
from itertools import pairwise

import pytest
from PIL import Image

from dynometer.workloads import find
from dynometer.workloads.picture import blend, paint, read_tile, write_tile
from dynometer.workloads.workload import Tile

RED_AND_BLUE = bytes([255, 0, 0, 0, 0, 255]) + bytes(254 * 3)
LEFT, RIGHT = Tile(0, 0, 2, 3, bytes(6)), Tile(2, 0, 1, 3, b"\1\1\1")


def pixels(png):
    return Image.open(io.BytesIO(png)).convert("RGBA")


def test_tiles_land_where_they_belong():
    picture = pixels(paint((3, 3), RED_AND_BLUE, [RIGHT, LEFT]))

    assert picture.size == (3, 3)
    assert [picture.getpixel((x, 2)) for x in range(3)] == [(255, 0, 0, 255), (255, 0, 0, 255), (0, 0, 255, 255)]


def test_what_is_not_painted_yet_is_transparent():
    picture = pixels(paint((3, 3), RED_AND_BLUE, [RIGHT]))

    assert picture.getpixel((0, 0))[3] == 0
    assert picture.getpixel((2, 0)) == (0, 0, 255, 255)


def test_a_picture_without_tiles_is_a_picture():
    assert pixels(paint((4, 2), RED_AND_BLUE, [])).getextrema()[3] == (0, 0)


def test_a_tile_survives_its_journey_as_json():
    assert read_tile(write_tile((4, 5, 2, 3), b"abcdef")) == Tile(4, 5, 2, 3, b"abcdef")


@pytest.mark.parametrize("size", [(3, 3), (1, 1)])
def test_a_tile_whose_shades_do_not_fill_it_is_refused(size):
    value = write_tile((0, 0, *size), b"abcdef")
    value["width"], value["height"] = (3, 3)

    if size == (1, 1):
        value["shades"] = write_tile((0, 0, 1, 1), b"a")["shades"]
    with pytest.raises(ValueError, match="a tile of 3 x 3 pixels has"):
        read_tile(value)


def test_black_blends_into_white_through_the_grey_of_half_its_lightness():
    palette = blend([(0, 0x000000), (255, 0xFFFFFF)])

    assert palette[:3] == b"\0\0\0"
    assert palette[-3:] == b"\xff\xff\xff"
    assert len(palette) == 3 * 256
    assert palette[127 * 3:128 * 3] == bytes([99] * 3)  # (127 / 255)^3 of the light: 0.3864 x 255 in sRGB


def test_the_palette_of_the_set_has_no_visible_steps():
    palette = find("mandelbrot").picture.palette
    colours = [palette[i:i + 3] for i in range(3, 3 * 255, 3)]

    steps = [max(abs(a - b) for a, b in zip(one, other, strict=True))
             for one, other in pairwise(colours)]

    assert max(steps) <= 8
