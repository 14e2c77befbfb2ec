"""Randomness that belongs to the item, not to the process: any split of a job draws the same numbers."""

import hashlib
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def seed_of(*parts: object) -> int:
    """A 64-bit seed from e.g. (the job's seed, the item's index): alike on every machine and Python."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def generator(*parts: object) -> random.Random:
    """A Mersenne Twister seeded by `parts`."""
    return random.Random(seed_of(*parts))


def numpy_generator(*parts: object) -> "np.random.Generator":
    """The same Mersenne Twister in NumPy: its 32-bit words and its `random()` are those of `generator(*parts)`.

    Both libraries run MT19937 and make a float from two words in the same way, so copying the state is enough.
    """
    import numpy as np  # here, not above: listing workloads must not load NumPy

    *key, position = generator(*parts).getstate()[1]
    twister = np.random.MT19937(0)
    twister.state = {"bit_generator": "MT19937", "state": {"key": np.array(key, np.uint32), "pos": position}}
    return np.random.Generator(twister)
