"""mandelbrot: tiles that cover the picture, and shades with the symmetry of the set."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.escape_time import BAND, INSIDE
from dynometer.workloads.picture import tile_box

WORKLOAD = find("mandelbrot")


def painted(items=1, variant="numpy", **given):
    """The rows of shades of a whole picture."""
    parameters = WORKLOAD.accept(given, items)
    boxes = [WORKLOAD.item_at(index, parameters) for index in range(items)]
    rows = [bytearray(parameters.width) for _ in range(parameters.height)]
    for value in WORKLOAD.reference(parameters, boxes, variant):
        shades = zlib.decompress(base64.b64decode(value["shades"]))
        left, width = value["left"], value["width"]
        for row in range(value["height"]):
            rows[value["top"] + row][left:left + width] = shades[row * width:][:width]
    return rows


@settings(max_examples=60, deadline=None, database=None)
@given(tiles=st.integers(1, 256), width=st.integers(16, 70), height=st.integers(16, 70))
def test_any_number_of_tiles_covers_every_pixel_once(tiles, width, height):
    covered = [bytearray(width) for _ in range(height)]

    for index in range(tiles):
        left, top, tile_width, tile_height = tile_box(index, tiles, width, height)
        for row in covered[top:top + tile_height]:
            row[left:left + tile_width] = (count + 1 for count in row[left:left + tile_width])

    assert all(row == b"\1" * width for row in covered)


@pytest.mark.parametrize(("tiles", "boxes"), [  # rows of 1; 1 + 2; 2 + 2 and so on, in a picture of 60 x 40
    (1, [(0, 0, 60, 40)]),
    (2, [(0, 0, 30, 40), (30, 0, 30, 40)]),
    (3, [(0, 0, 60, 20), (0, 20, 30, 20), (30, 20, 30, 20)]),
    (4, [(0, 0, 30, 20), (30, 0, 30, 20), (0, 20, 30, 20), (30, 20, 30, 20)]),
])
def test_tiles_lie_in_near_square_rows(tiles, boxes):
    assert [tile_box(index, tiles, 60, 40) for index in range(tiles)] == boxes


def test_the_number_of_tiles_does_not_change_the_picture():
    view = {"width": 48, "height": 32, "max_iterations": 50}

    assert painted(items=7, **view) == painted(items=1, **view)


def test_the_set_is_symmetric_about_the_real_axis():
    rows = painted(width=64, height=48, max_iterations=100)

    assert rows == rows[::-1]
    assert len(set(b"".join(rows))) > 20


def test_a_disc_of_radius_a_quarter_lies_inside():
    rows = painted(width=16, height=16, span=0.3, centre_x=0.0, max_iterations=200)  # corners at 0.15 x sqrt(2) = 0.21

    assert set(b"".join(rows)) == {INSIDE}


def test_nothing_lies_inside_beyond_a_distance_of_two():
    rows = painted(width=16, height=16, span=0.5, centre_x=3.0, max_iterations=200)

    assert INSIDE not in b"".join(rows)


@pytest.mark.parametrize("given", [
    {"width": BAND // 64 + 40, "height": 100, "max_iterations": 15},  # more than one band
    {"width": 16, "height": 400, "span": 16.0, "max_iterations": 3},  # far outside: |c| up to 200
    {"width": 40, "height": 40, "centre_x": -0.743643887, "centre_y": 0.131825904, "span": 1e-4, "max_iterations": 400},
    {"width": 16, "height": 16, "max_iterations": 1},
    {"width": 16, "height": 4096, "span": 16.0, "max_iterations": 2},
])
def test_numpy_paints_what_python_paints(given):
    assert painted(variant="numpy", **given) == painted(variant="python", **given)


@pytest.mark.parametrize("limit", [2, 3, 4, 7, 1000])
def test_shades_stay_off_the_index_of_what_is_not_painted(limit):
    rows = painted(width=64, height=512, span=16.0, max_iterations=limit)

    assert max(b"".join(rows)) < 255


def test_more_tiles_than_pixels_are_refused():
    with pytest.raises(InvalidInput, match="at least one pixel of 16 x 16") as refusal:
        WORKLOAD.accept({"width": 16, "height": 16}, 257)

    assert "items" in refusal.value.fields


def test_as_many_tiles_as_pixels_are_accepted():
    assert WORKLOAD.accept({"width": 16, "height": 16}, 256).tiles == 256


def test_tiles_that_are_not_the_number_of_items_are_refused():
    with pytest.raises(InvalidInput, match="the number of items, which is 8") as refusal:
        WORKLOAD.accept({"tiles": 9}, 8)

    assert "tiles" in refusal.value.fields
