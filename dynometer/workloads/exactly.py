"""Elementary functions that give the same bits on every machine, and for one float as for an array of them.

`math.exp` and NumPy's differ in the last bit, and so do two C libraries; sums that must be equal on every node
cannot rest on them.  Additions and multiplications are the same everywhere (IEEE 754).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np

Real = TypeVar("Real", float, "np.ndarray")


def exp(x: Real) -> Real:
    """e^x for |x| <= 100, with a relative error below 1e-12 for |x| <= 10 and below 1e-9 for the rest.

    e^x = (e^(x/1024))^1024: a Taylor polynomial of degree 7 for the small power, then ten squarings.
    """
    r = x * 0.0009765625  # exactly 1/1024
    p = 1.0 + r * (1.0 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040)))))))
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    p = p * p
    return p * p


def log2(x: Real, frexp: Callable[[Real], tuple[Any, Any]]) -> Real:
    """log2(x) for x > 0 within 0.01, which is enough for a shade; `frexp` is the one of `math` or of NumPy.

    Exact at the powers of two, and a parabola of the right bulge between them.
    """
    half, exponent = frexp(x)
    t = 2 * half - 1
    result: Real = exponent - 1 + t + 0.3437 * t * (1 - t)
    return result
