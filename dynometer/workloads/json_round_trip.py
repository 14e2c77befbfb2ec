"""Writes rows as JSON and reads them back: library code in C that keeps the interpreter's lock."""

import json
from dataclasses import dataclass

from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import generator
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload


@dataclass(frozen=True)
class Parameters:
    rows: int = param(4_000, "How many rows the document has.", unit="rows", low=1, high=100_000)
    seed: int = param(1, "The same seed makes the same rows.", low=0, high=2**63 - 1)


def python(parameters: Parameters) -> Call:
    draw = generator(parameters.seed)
    rows = [{"id": number, "name": f"row {number}", "share": draw.randrange(1000) / 1000, "tags": ["a", "b"],
             "is_new": draw.random() < 0.5} for number in range(parameters.rows)]

    def call(item: int) -> Json:
        """What the document says of itself when it was read back."""
        read = json.loads(json.dumps({"item": item, "rows": rows}))
        return {"item": read["item"], "rows": len(read["rows"]), "last": read["rows"][-1]["name"],
                "is_equal": read["rows"] == rows}

    return call


WORKLOAD = Workload(
    key="json-round-trip",
    title="JSON round trip",
    description="Writes a document of many rows as JSON and reads it back.",
    teaches="Code in C is no help to threads while it keeps the interpreter's lock, as the JSON library does.",
    parameters=Parameters,
    variants={"python": python},
    item_at=lambda index, parameters: index,
    default_items=200,
    item_help="One round trip of the same document, with the item's index in it. Generated only.",
    known_answer=KnownAnswer(
        items=2, parameters={"rows": 3},
        value=[{"item": item, "rows": 3, "last": "row 2", "is_equal": True} for item in (0, 1)],
        source="RFC 8259: what is written as JSON is read back as it was; rows count from 0",
    ),
)
