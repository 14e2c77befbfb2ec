"""The machine and the interpreter behind the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Environment:
    """What two sweeps must share to be compared; None where this machine can't tell."""

    cpu_model: str | None
    cpus_online: int
    cpus_affinity: int
    cpu_quota: float | None  # cores, of the cgroup; None: no limit
    cpus_usable: float  # the smallest of the three
    memory_bytes: int | None
    virtualisation: str | None
    clock_policy: str | None  # the frequency governor
    system: str  # e.g. "Linux 6.18 x86_64"
    python: str  # e.g. "3.11.7"
    implementation: str  # e.g. "CPython"
    build: str  # compiler and the flags that matter
    is_gil_enabled: bool
    switch_interval_s: float
    start_method_default: str
    blas: str | None  # name and version NumPy was built with
    library_threads: int
    hash_seed: str
    versions: Mapping[str, str]  # dynometer and the packages that compute
    load_before: float | None  # one-minute load average
    pressure_before: float | None  # "some" CPU pressure, average over 10 s, as a share
