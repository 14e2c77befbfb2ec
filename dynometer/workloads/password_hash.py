"""Hashes passwords with scrypt: native code that lets go of the interpreter's lock."""

import hashlib
from dataclasses import dataclass

from dynometer.errors import InvalidInput
from dynometer.workloads import items
from dynometer.workloads.parameters import param
from dynometer.workloads.seeds import seed_of
from dynometer.workloads.workload import Call, Json, KnownAnswer, Workload

LONGEST_PASSWORD_BYTES = 1024
MOST_MEMORY_BYTES = 64 * 1024 * 1024
DIGEST_BYTES = 64


@dataclass(frozen=True)
class Parameters:
    n: int = param(16_384, "Cost: how many blocks of memory each hash fills. A power of two.", low=2, high=262_144)
    r: int = param(8, "Size of a block, in units of 128 bytes.", low=2, high=32)  # r = 1 would forbid n above 2^15
    p: int = param(1, "How often the whole is repeated, one after the other.", low=1, high=16)
    salt: str = param("", "The salt of every password; empty: each has its own salt, made of itself and the seed.")
    seed: int = param(1, "The same seed makes the same passwords and salts, however the job is split.",
                      low=0, high=2**63 - 1)


def item_at(index: int, parameters: Parameters) -> Json:
    return f"password-{seed_of(parameters.seed, index):016x}"


def python(parameters: Parameters) -> Call:
    p = parameters

    def call(item: str) -> str:
        """The hash as 128 hexadecimal digits."""
        salt = p.salt.encode() or seed_of(p.seed, item).to_bytes(8, "big")
        # The library wants a limit, and counts a little more than the 128 x n x r bytes that fill up.
        digest = hashlib.scrypt(item.encode(), salt=salt, n=p.n, r=p.r, p=p.p,
                                maxmem=2 * MOST_MEMORY_BYTES, dklen=DIGEST_BYTES)
        return digest.hex()

    return call


def read_item(given: Json) -> Json:
    return items.text(given, LONGEST_PASSWORD_BYTES)


def check(parameters: Parameters, items: int) -> None:
    sentence = ""
    if parameters.n & parameters.n - 1:
        sentence = f"must be a power of two, such as {1 << parameters.n.bit_length() - 1:,}"
    elif 128 * parameters.n * parameters.r > MOST_MEMORY_BYTES:
        most = MOST_MEMORY_BYTES // 128 // parameters.r
        sentence = f"must be at most {most:,} when r is {parameters.r}, or a hash would take more than 64 MiB"
    if sentence:
        raise InvalidInput(f"Parameters do not fit: n {sentence}.", fields={"n": sentence})


WORKLOAD = Workload(
    key="password-hash",
    title="Password hash",
    description="Hashes passwords with scrypt, which costs memory as well as time.",
    teaches="Native code that releases the interpreter's lock scales with plain threads, until memory is the limit.",
    parameters=Parameters,
    variants={"python": python},
    native=frozenset({"python"}),
    item_at=item_at,
    default_items=200,
    item_help=f"A text of at most {LONGEST_PASSWORD_BYTES:,} bytes. Items are stored: send no password that is in use.",
    known_answer=KnownAnswer(
        items=1, parameters={"n": 1024, "r": 8, "p": 16, "salt": "NaCl"}, inputs=("password",),
        value=[("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")],
        source="RFC 7914, section 12, second vector",
    ),
    read_item=read_item,
    check=check,
)
