"""What the system tells about CPUs and processes; every reader answers None where there is nothing to read."""

import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ROOT = Path("/")
IS_LINUX = sys.platform == "linux"
PRESSURE = re.compile(r"^some .*?avg10=(?P<average>[\d.]+).*?total=(?P<total_us>\d+)", re.MULTILINE)


def descendants(pid: int, root: Path = ROOT) -> list[int]:
    """The processes below `pid`, without itself."""
    children = root / "proc" / str(pid) / "task" / str(pid) / "children"
    if not children.exists():
        return _descendants_by_psutil(pid) if root == ROOT else []
    found, waiting = [], [pid]
    while waiting:
        for child in _children(waiting.pop(), root):
            found.append(child)
            waiting.append(child)
    return found


def run_delays_ns(pids: Iterable[int], root: Path = ROOT) -> dict[int, int] | None:
    """Thread id -> ns that it has been runnable without running so far, of all threads of `pids`."""
    found: dict[int, int] = {}
    for task in _tasks(pids, root):
        words = read(task / "schedstat").split()
        if len(words) == 3:
            found[int(task.name)] = int(words[1])
    return found or None


def voluntary_switches(pids: Iterable[int], root: Path = ROOT) -> dict[int, int] | None:
    """Thread id -> how often it has waited of its own accord so far, of all threads of `pids`."""
    found: dict[int, int] = {}
    for task in _tasks(pids, root):
        _, name, rest = read(task / "status").rpartition("\nvoluntary_ctxt_switches:")
        if name:
            found[int(task.name)] = int(rest.split(maxsplit=1)[0])
    return found or None


def pressure(root: Path = ROOT) -> tuple[float, float] | None:
    """CPU pressure "some": (average over 10 s as a share, total so far [s])."""
    found = PRESSURE.search(read(root / "proc/pressure/cpu"))
    return (float(found["average"]) / 100, int(found["total_us"]) / 1e6) if found else None


def system_cpu_s(root: Path = ROOT, cpus: Iterable[int] | None = None) -> tuple[float, float] | None:
    """(busy, stolen) CPU seconds so far of `cpus`, by default those that this process may use."""
    wanted = {f"cpu{cpu}" for cpu in (cpus if cpus is not None else usable_cpus() or ())}
    busy = stolen = 0
    seen = False
    for line in read(root / "proc/stat").splitlines():
        name, *words = line.split()
        if name in wanted and len(words) >= 8:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, words[:8])
            busy += user + nice + system + irq + softirq
            stolen += steal
            seen = True
    return (busy * TICK_S, stolen * TICK_S) if seen else None


def cpu_time_s(pid: int) -> float:
    """CPU seconds of a process's threads so far, the ended ones too; 0 when it is gone."""
    if IS_LINUX:
        try:
            return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of another process: see clock_getcpuclockid(3)
        except OSError:
            return 0.0
    user, system = _times_by_psutil(pid)
    return user + system


def kernel_time_s(pid: int, root: Path = ROOT) -> float:
    """The part of `cpu_time_s` spent in the kernel, to a tick."""
    if IS_LINUX:
        words = _stat_words(pid, root)
        return int(words[12]) * TICK_S if len(words) > 12 else 0.0
    return _times_by_psutil(pid)[1]


def major_faults(pids: Iterable[int], root: Path = ROOT) -> int | None:
    """Pages so far that had to come from a disk."""
    found = [int(words[9]) for pid in pids if len(words := _stat_words(pid, root)) > 9]
    return sum(found) if found else None


def memory_pss_bytes(pids: Iterable[int], root: Path = ROOT) -> int | None:
    """Memory of `pids`, each shared page divided among those that share it; a sum of RSS counts it again and again."""
    found = []
    for pid in pids:
        _, name, rest = read(root / "proc" / str(pid) / "smaps_rollup").partition("\nPss:")
        if name:
            found.append(int(rest.split(maxsplit=1)[0]) * 1024)
    return sum(found) if found else None


def usable_cpus() -> set[int] | None:
    """The CPUs that this process may run on; None where the system doesn't tell."""
    return os.sched_getaffinity(0) if IS_LINUX else None


def task_count(root: Path = ROOT) -> int | None:
    """Processes and threads of the whole system: one small file, so that it may be read often."""
    words = read(root / "proc/loadavg").split()
    if len(words) < 4 or "/" not in words[3]:
        return None
    return int(words[3].partition("/")[2])


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # a process that ended meanwhile, or a system without this file


def _tasks(pids: Iterable[int], root: Path) -> Iterator[Path]:
    for pid in pids:
        try:
            yield from (root / "proc" / str(pid) / "task").iterdir()
        except OSError:
            continue  # it has ended


def _children(pid: int, root: Path) -> list[int]:
    return [int(child) for task in _tasks([pid], root) for child in read(task / "children").split()]


def _stat_words(pid: int, root: Path) -> list[str]:
    """From the third field on: the second, the name, may hold anything."""
    return read(root / "proc" / str(pid) / "stat").rpartition(")")[2].split()


def _descendants_by_psutil(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def _times_by_psutil(pid: int) -> tuple[float, float]:
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0, 0.0
    return times.user, times.system
