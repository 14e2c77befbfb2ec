"""Multiplies matrices with NumPy: a library that lets go of the interpreter's lock."""

from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LEFT, RIGHT = 7, 5  # entries stay below these, so every sum is a whole number that a float holds exactly


@dataclass(frozen=True)
class Parameters:
    size: int = param(400, "Rows and columns of each matrix.", unit="rows", low=1, high=1_500)


def numpy(parameters: Parameters) -> Call:
    """Whole numbers in floats: any order of adding up, so any BLAS, gives the same answer."""
    import numpy as np

    size = parameters.size
    rows = np.arange(size)
    columns = np.arange(2 * size)
    left = ((3 * rows[:, None] + rows[None, :]) % LEFT).astype(np.float64)
    wide = ((rows[:, None] + 2 * columns[None, :]) % RIGHT).astype(np.float64)

    def call(item: int) -> Json:
        """Trace and sum of left x right, where right is a window of a wider matrix that begins at column `item`."""
        start = item % size
        product = left @ wide[:, start:start + size]
        return {"trace": int(np.trace(product)), "sum": int(product.sum())}

    return call


WORKLOAD = Workload(
    key="matrix-product",
    title="Matrix product",
    description="Multiplies matrices of floats with NumPy and its BLAS library.",
    teaches="A library that lets go of the interpreter's lock scales with threads, if it has no threads of its own.",
    parameters=Parameters,
    variants={"numpy": numpy},
    vectorised=frozenset({"numpy"}),
    native=frozenset({"numpy"}),
    item_at=lambda index, parameters: index,
    default_items=500,
    item_help="One product; the item's index chooses the right-hand matrix. Generated only.",
    known_answer=KnownAnswer(
        items=2, parameters={"size": 2}, value=[{"trace": 19, "sum": 26}, {"trace": 15, "sum": 33}],
        source="by hand: (0 1; 3 4) x (0 2; 1 3) = (1 3; 4 18), and (0 1; 3 4) x (2 4; 3 0) = (3 0; 18 12)",
    ),
)
