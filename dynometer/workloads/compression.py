"""Compresses text with zlib and reads it back."""

import zlib
from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

WORDS = ("ash", "beech", "birch", "cedar", "elm", "fir", "hazel", "holly", "juniper", "larch", "lime", "maple", "oak",
         "olive", "pine", "plane", "poplar", "rowan", "spruce", "willow", "yew")
BLOCK_BYTES = 100_000  # of made-up text, then again from its beginning: further away than zlib can look back


@dataclass(frozen=True)
class Parameters:
    kilobytes: int = param(600, "Size of a generated text.", unit="kB", low=1, high=16_000)
    level: int = param(6, "How hard zlib tries.", low=0, high=9)
    seed: int = param(1, "The same seed makes the same text.", low=0, high=2**63 - 1)


def python(parameters: Parameters) -> Call:
    size = 1_000 * parameters.kilobytes
    draw = generator(parameters.seed).randrange
    block = " ".join(WORDS[draw(len(WORDS))] for _ in range(BLOCK_BYTES // 3)).encode()[:BLOCK_BYTES]
    made = (block * (size // BLOCK_BYTES + 1))[:size]

    def call(item: int) -> Json:
        """What became of the text; not the size it was compressed to, which differs between versions of zlib."""
        start = 97 * item % size
        text = made[start:] + made[:start]  # every item has its own, for the price of a copy
        read = zlib.decompress(zlib.compress(text, parameters.level))
        return {"item": item, "bytes": len(read), "is_equal": read == text}

    return call


WORKLOAD = Workload(
    key="compression",
    title="Compression",
    description="Compresses texts with zlib and reads them back.",
    teaches="Compression lets go of the interpreter's lock: plain threads scale, up to the cores.",
    parameters=Parameters,
    variants={"python": python},
    native=frozenset({"python"}),
    item_at=lambda index, parameters: index,
    default_items=200,
    item_help="One text of made-up words, which the item's index turns. Generated only.",
    known_answer=KnownAnswer(
        items=2, parameters={"kilobytes": 101},
        value=[{"item": item, "bytes": 101_000, "is_equal": True} for item in (0, 1)],
        source="RFC 1950: what is inflated is what was deflated",
    ),
)
