"""Compresses text with zlib and reads it back."""

import zlib
from dataclasses import dataclass

from dynometer.workloads import items
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LONGEST_TEXT_BYTES = 65_536
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

    def call(item: int | str) -> Json:
        """Size and CRC-32 of the text when it was read back; what it was compressed to differs between libraries."""
        data = _turned(made, item) if isinstance(item, int) else item.encode()
        read = zlib.decompress(zlib.compress(data, parameters.level))
        return {"bytes": len(read), "crc32": f"{zlib.crc32(read):08x}"}

    return call


def _turned(made: bytes, item: int) -> bytes:
    """Every item has a text of its own, which costs no more than a copy."""
    start = 97 * item % len(made)
    return made[start:] + made[:start]


def read_item(given: Json) -> Json:
    return items.text(given, LONGEST_TEXT_BYTES)


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
    item_help=f"A text of at most {LONGEST_TEXT_BYTES:,} bytes; generated ones are made of {len(WORDS)} words.",
    known_answer=KnownAnswer(
        items=1, parameters={}, inputs=("123456789",), value=[{"bytes": 9, "crc32": "cbf43926"}],
        source="the check value of CRC-32 (ITU-T V.42) in every catalogue of checksums",
    ),
    read_item=read_item,
)
