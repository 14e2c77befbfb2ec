"""The machine and the interpreter behind the numbers."""

import json
import multiprocessing
import os
import platform
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path

import dynometer
from dynometer.measure import cgroup, readings, surroundings

COMPUTING = ("numpy", "scipy", "numba", "gilknocker", "psutil")  # packages that may change a number
MAY_DIFFER = {"hash_seed", "load_before", "pressure_before", "memory_bytes", "memory_limit_bytes", "cpus_online",
              "cpus_affinity"}
VIRTUAL_VENDORS = {"KVM": "kvm", "QEMU": "qemu", "VMware": "vmware", "Xen": "xen", "VirtualBox": "virtualbox",
                   "Microsoft Corporation": "hyperv", "Amazon EC2": "amazon", "Google": "google"}
BLAS_SCRIPT = "import json, numpy; print(json.dumps(numpy.show_config(mode='dicts')['Build Dependencies']['blas']))"


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
    memory_limit_bytes: int | None = None  # of the cgroup; None: no limit


def environment(library_threads: int = 1, root: Path = readings.ROOT) -> Environment:
    """The facts of this machine and interpreter, now."""
    pressure = readings.pressure(root)
    return Environment(
        cpu_model=_cpu_model(root), cpus_online=os.cpu_count() or 1, cpus_affinity=_affinity(),
        cpu_quota=cgroup.quota_cores(root), cpus_usable=cpus_usable(root), memory_bytes=_memory_bytes(),
        virtualisation=_virtualisation(root), clock_policy=_clock_policy(root), system=_system(),
        python=platform.python_version(), implementation=platform.python_implementation(), build=_build(),
        is_gil_enabled=is_gil_enabled(),
        switch_interval_s=sys.getswitchinterval(),
        start_method_default=multiprocessing.get_context().get_start_method(),
        blas=_blas(), library_threads=library_threads, hash_seed=surroundings.hash_seed(), versions=_versions(),
        load_before=os.getloadavg()[0], pressure_before=pressure[0] if pressure else None,
        memory_limit_bytes=cgroup.memory_limit_bytes(root),
    )


def cpus_usable(root: Path = readings.ROOT) -> float:
    """Cores that this process can really keep busy: the smallest of those online, its affinity and its quota."""
    return float(min(cpus_here(), cgroup.quota_cores(root) or float("inf")))


def cpus_here() -> int:
    """CPUs that this process shares with others: those online and in its affinity.  A quota leaves their number."""
    return min(os.cpu_count() or 1, _affinity())


def is_gil_enabled() -> bool:
    """Now: an extension may switch it back on when it is loaded."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def differences(one: Environment, other: Environment) -> tuple[str, ...]:
    """The facts that forbid to compare numbers of `one` with numbers of `other`; packages as "versions.numpy"."""
    unlike = [field.name for field in fields(Environment) if field.name not in MAY_DIFFER | {"versions"}
              and getattr(one, field.name) != getattr(other, field.name)]
    packages = sorted(one.versions.keys() | other.versions.keys())
    return (*unlike, *(f"versions.{name}" for name in packages if one.versions.get(name) != other.versions.get(name)))


def _affinity() -> int:
    return len(readings.usable_cpus() or ()) or os.cpu_count() or 1


def _cpu_model(root: Path) -> str | None:
    for line in readings.read(root / "proc/cpuinfo").splitlines():
        name, _, model = line.partition(":")
        if name.strip() in ("model name", "Model", "cpu model"):
            return model.strip()
    return platform.processor() or None


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _virtualisation(root: Path) -> str | None:
    """Of what the firmware says, else of the CPU's own flag; None on what looks like bare metal."""
    said = " ".join(readings.read(root / "sys/class/dmi/id" / name) for name in ("sys_vendor", "product_name"))
    for word, name in VIRTUAL_VENDORS.items():
        if word in said:
            return name
    if (kind := readings.read(root / "sys/hypervisor/type").strip()):
        return kind
    return "virtual" if " hypervisor" in readings.read(root / "proc/cpuinfo") else None


def _clock_policy(root: Path) -> str | None:
    return readings.read(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None


def _system() -> str:
    """Without the patch level, which changes no curve: "Linux 6.18 x86_64"."""
    release = ".".join(platform.release().split("-")[0].split(".")[:2])
    return f"{platform.system()} {release} {platform.machine()}"


def _build() -> str:
    flags = [name for name, variable in (("free-threaded", "Py_GIL_DISABLED"), ("debug", "Py_DEBUG"))
             if sysconfig.get_config_var(variable)]
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    flags += [name for name in ("--enable-optimizations", "--with-lto", "--enable-experimental-jit")
              if name in options]
    return ", ".join([platform.python_compiler(), *flags])


def _blas() -> str | None:
    """Asked of another process: loading NumPy here would slow every start, and its threads would live on."""
    import subprocess

    if "numpy" not in _versions():
        return None
    try:
        said = subprocess.run([sys.executable, "-c", BLAS_SCRIPT], env=surroundings.for_child(1), capture_output=True,
                              text=True, check=True, timeout=20)
        about = json.loads(said.stdout)
        return f"{about['name']} {about['version']}"
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def _versions() -> dict[str, str]:
    found = {"dynometer": dynometer.__version__}
    for name in COMPUTING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
