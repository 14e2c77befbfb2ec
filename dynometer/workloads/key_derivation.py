"""Derives keys with PBKDF2: hashing that lets go of the interpreter's lock and needs no memory."""

import hashlib
from dataclasses import dataclass

from dynometer.workloads import items
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import seed_of
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LONGEST_PASSWORD_BYTES = 1024
KEY_BYTES = 64


@dataclass(frozen=True)
class Parameters:
    rounds: int = param(20_000, "Cost: how often each text is hashed.", unit="rounds", low=1, high=10_000_000)
    salt: str = param("NaCl", "The salt of every key.")
    seed: int = param(1, "The same seed makes the same texts, however the job is split.", low=0, high=2**63 - 1,
                      only_generated=True)


def item_at(index: int, parameters: Parameters) -> Json:
    return f"password-{seed_of(parameters.seed, index):016x}"


def python(parameters: Parameters) -> Call:
    salt, rounds = parameters.salt.encode(), parameters.rounds

    def call(item: str) -> str:
        """The key as 128 hexadecimal digits."""
        return hashlib.pbkdf2_hmac("sha256", item.encode(), salt, rounds, KEY_BYTES).hex()

    return call


def read_item(given: Json) -> Json:
    return items.text(given, LONGEST_PASSWORD_BYTES)


WORKLOAD = Workload(
    key="key-derivation",
    title="Key derivation",
    description="Derives keys from texts with PBKDF2-HMAC-SHA-256, which costs time but no memory.",
    teaches="Native code that lets go of the interpreter's lock scales with plain threads, up to the cores.",
    parameters=Parameters,
    variants={"python": python},
    native=frozenset({"python"}),
    item_at=item_at,
    default_items=500,
    item_help=f"A text of at most {LONGEST_PASSWORD_BYTES:,} bytes. Items are stored: send no password that is in use.",
    known_answer=KnownAnswer(
        items=1, parameters={"rounds": 80_000, "salt": "NaCl"}, inputs=("Password",),
        value=[("4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
                "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d")],
        source="RFC 7914, section 11, second vector",
    ),
    read_item=read_item,
)
