"""The Mersenne Twister in plain arithmetic, for compilers that can't see into Python's own (M. Matsumoto, T. Nishimura,
ACM TOMACS 8, 1998): it goes on from a state of `random.Random`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

WORDS = 624
MIDDLE = 397
TWIST = 0x9908B0DF


def add_up(state: "np.ndarray[Any, Any]", numbers: int, width: int, shift: int) -> int:
    """The sum of `numbers` whole numbers below `width`: the top bits of each 32-bit word, again if they reach `width`.

    `state` holds WORDS whole numbers of 64 bits, all used up, and is changed.  Made of what Numba compiles.
    """
    total = 0
    missing = numbers
    while missing:
        for i in range(WORDS):
            word = (state[i] & 0x80000000) | (state[(i + 1) % WORDS] & 0x7FFFFFFF)
            state[i] = state[(i + MIDDLE) % WORDS] ^ (word >> 1) ^ (TWIST if word & 1 else 0)
        for i in range(WORDS):
            word = state[i]
            word ^= word >> 11
            word ^= (word << 7) & 0x9D2C5680
            word ^= (word << 15) & 0xEFC60000
            word ^= word >> 18
            drawn = word >> shift
            if drawn < width:
                total += drawn
                missing -= 1
                if not missing:
                    break
    return total
