"""How soon each point of a tile escapes: the arithmetic of the Mandelbrot set, for one float and for arrays of them.

z becomes z^2 + c, from 0; c is inside the set if |z| stays bounded.  Both variants do the same additions and
multiplications in the same order, so they paint the same shades on every machine.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from dynometer.workloads.exactly import Real, log2
from dynometer.workloads.picture import write_tile
from dynometer.workloads.workload import Call, Json

BAND = 1 << 14  # pixels computed at a time: they stay in the cache, and memory does not grow with the tile
INSIDE = 0  # the shade of points that never escape; the others take 1 to 254
FAR2 = 65536.0  # |z|^2 at which a point has escaped: far out, so that the smooth shades join without a step


class View(Protocol):
    """What is looked at: the parameters of `mandelbrot`."""

    width: int
    height: int
    centre_x: float
    centre_y: float
    span: float
    max_iterations: int


def python(parameters: View) -> Call:
    limit = parameters.max_iterations
    scale = _shades_per_octave(limit)

    def shade(real: float, imaginary: float) -> int:
        x = y = 0.0
        for step in range(limit):
            xx, yy = x * x, y * y
            if xx + yy > FAR2:
                return int(_depth(step, xx + yy, scale, math.frexp))
            y = (x + x) * y + imaginary
            x = xx - yy + real
        return INSIDE

    def call(item: Json) -> Json:
        return write_tile(item, b"".join(bytes(shade(real, imaginary) for imaginary in rows for real in columns)
                                     for columns, rows in _bands(item, parameters)))

    return call


def numpy(parameters: View) -> Call:
    """The same float arithmetic in the same order for all pixels of a band at once; escaped pixels leave the arrays."""
    import numpy as np

    limit = parameters.max_iterations
    scale = _shades_per_octave(limit)

    def shades(columns: Sequence[float], rows: Sequence[float]) -> bytes:
        pixels = len(columns) * len(rows)
        painted = np.full(pixels, INSIDE, np.uint8)
        where: np.ndarray = np.arange(pixels)
        real: np.ndarray = np.tile(columns, len(rows))
        imaginary: np.ndarray = np.repeat(rows, len(columns))
        x: np.ndarray = np.zeros(pixels)
        y: np.ndarray = np.zeros(pixels)
        for step in range(limit):
            xx, yy = x * x, y * y
            r2 = xx + yy
            is_far = r2 > FAR2
            if is_far.any():
                painted[where[is_far]] = _depth(step, r2[is_far], scale, np.frexp).astype(np.uint8)
                stays = ~is_far
                where, x, y, xx, yy, real, imaginary = (a[stays] for a in (where, x, y, xx, yy, real, imaginary))
                if not len(where):
                    break
            y = (x + x) * y + imaginary
            x = xx - yy + real
        return painted.tobytes()

    def call(item: Json) -> Json:
        return write_tile(item, b"".join(shades(columns, rows) for columns, rows in _bands(item, parameters)))

    return call


def _bands(item: Json, parameters: View) -> Iterator[tuple[list[float], list[float]]]:
    """The real parts of a tile's columns and the imaginary parts of its rows, some rows at a time."""
    left, top, width, height = item
    pixel = parameters.span / parameters.width
    columns = [parameters.centre_x + (left + i + 0.5 - parameters.width / 2) * pixel for i in range(width)]
    rows = [parameters.centre_y - (top + i + 0.5 - parameters.height / 2) * pixel for i in range(height)]
    rows_at_once = max(1, BAND // width)
    for start in range(0, height, rows_at_once):
        yield columns, rows[start:start + rows_at_once]


def _shades_per_octave(limit: int) -> float:
    return 252 / math.log2(limit + 1)  # not 253: the approximate logarithm may be a shade too large


def _depth(step: int, r2: Real, scale: float, frexp: Callable[[Real], tuple[Any, Any]]) -> Real:
    """The shade, from 1 to below 255, of a point that is at |z|^2 = `r2` after `step` steps.

    The usual smooth count is step + 1 - log2(log |z| / log |far|); equal ratios of counts get equal steps of shade.
    """
    return 1 + scale * log2(step + 2 - log2(log2(r2, frexp) * 0.0625, frexp), frexp)
