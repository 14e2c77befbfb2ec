"""Limits of the cgroups above this process, versions 1 and 2: CPU quota, how often it stopped us, and memory."""

from collections.abc import Iterator
from pathlib import Path

NO_MEMORY_LIMIT = 2**62  # version 1 says "none" by the largest number of pages


def quota_cores(root: Path = Path("/")) -> float | None:
    """The tightest CPU quota [cores] from this process's cgroup up to the root; None: no limit, or none to be read."""
    limits = [limit for folder in folders(root) if (limit := _limit_of(folder)) is not None]
    return min(limits, default=None)


def throttled_periods(root: Path = Path("/")) -> int | None:
    """Periods so far in which a quota stopped this process's cgroup or one above it; None where there is no count."""
    counts = [count for folder in folders(root) if (count := _throttled_in(folder)) is not None]
    return sum(counts) if counts else None


def memory_limit_bytes(root: Path = Path("/")) -> int | None:
    """The tightest memory limit from this process's cgroup up to the root; None: no limit, or none to be read."""
    limits = [limit for folder in folders(root, "memory") if (limit := _memory_limit_in(folder)) is not None]
    return min(limits, default=None)


def folders(root: Path = Path("/"), controller: str = "cpu") -> Iterator[Path]:
    """The folders of a controller: this process's own first, then each above it up to the mount."""
    paths = _own_paths(root, controller)
    for version, mount, mounted in _mounts(root, controller):
        path = paths.get(version)
        if path is None:
            continue
        # without a cgroup namespace, a container sees the host's path and a mount that begins inside of it
        inside = path.removeprefix(mounted) if mounted != "/" else path
        folder = mount / inside.strip("/")
        if not folder.is_dir() or ".." in inside:
            folder = mount
        while True:
            yield folder
            if folder == mount:
                break
            folder = folder.parent


def _own_paths(root: Path, controller: str) -> dict[int, str]:
    """Version -> path of this process's cgroup in the hierarchy that has the controller."""
    found: dict[int, str] = {}
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, path = (*line.split(":", 2), "", "")[:3]
        if number == "0" and not controllers:
            found[2] = path
        elif controller in controllers.split(","):
            found[1] = path
    return found


def _mounts(root: Path, controller: str) -> Iterator[tuple[int, Path, str]]:
    """(version, mount point, what of the hierarchy is mounted there) of each that may have the controller."""
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        place, kind = before.split(), after.split()
        if len(place) < 5 or len(kind) < 3:
            continue
        mount = root / place[4].lstrip("/")
        if kind[0] == "cgroup2":
            yield 2, mount, place[3]
        elif kind[0] == "cgroup" and controller in kind[2].split(","):
            yield 1, mount, place[3]


def _limit_of(folder: Path) -> float | None:
    words = _words(folder / "cpu.max")  # version 2: "200000 100000" or "max 100000"
    if not words:
        words = _words(folder / "cpu.cfs_quota_us") + _words(folder / "cpu.cfs_period_us")  # version 1; -1: none
    if len(words) != 2 or not (words[0].isdigit() and words[1].isdigit()) or int(words[1]) == 0:
        return None
    return int(words[0]) / int(words[1])


def _memory_limit_in(folder: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):  # versions 2 and 1
        words = _words(folder / name)
        if words and words[0].isdigit() and 0 < int(words[0]) < NO_MEMORY_LIMIT:
            return int(words[0])
    return None


def _throttled_in(folder: Path) -> int | None:
    for line in _lines(folder / "cpu.stat"):
        name, _, count = line.partition(" ")
        if name == "nr_throttled" and count.isdigit():
            return int(count)
    return None


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
