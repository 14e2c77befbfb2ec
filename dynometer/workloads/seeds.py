"""Randomness that belongs to the item, not to the process: any split of a job draws the same numbers."""

import hashlib
import random


def seed_of(*parts: object) -> int:
    """A 64-bit seed from e.g. (the job's seed, the item's index): alike on every machine and Python."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


def generator(*parts: object) -> random.Random:
    """A Mersenne Twister seeded by `parts`."""
    return random.Random(seed_of(*parts))
