"""The app's static files as nginx serves them: each beside its gzipped twin, so that nobody compresses at a request."""

import gzip
import hashlib
import os
import shutil
from pathlib import Path

SMALLEST_BYTES = 256  # below that a twin saves nothing
STAMP = "made-from"


def compress(source: Path, root: Path) -> Path:
    """Copy `source` to `root`/static, with twins, unless that is done already; `root`, for nginx.

    Nothing half done is ever seen under that name: it is made beside it first.
    """
    wanted = state_of(source)
    if is_made(root, wanted):
        return root
    new, old = root.with_name(f"{root.name}.new-{os.getpid()}"), root.with_name(f"{root.name}.old-{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(source, new / "static")
    for path in [path for path in (new / "static").rglob("*") if path.is_file()]:
        add_twin(path)
    (new / STAMP).write_text(wanted)
    if root.exists():
        root.replace(old)
    new.replace(root)
    shutil.rmtree(old, ignore_errors=True)
    return root


def add_twin(path: Path) -> None:
    """`path`.gz with the same modification time, if it's smaller."""
    plain = path.read_bytes()
    small = gzip.compress(plain, 9, mtime=0)
    if len(plain) < SMALLEST_BYTES or len(small) >= len(plain):
        return
    twin = path.with_name(path.name + ".gz")
    twin.write_bytes(small)
    shutil.copystat(path, twin)


def state_of(source: Path) -> str:
    """Changes whenever a file does."""
    files = sorted((str(path.relative_to(source)), path.stat()) for path in source.rglob("*") if path.is_file())
    return hashlib.sha256(repr([(name, each.st_size, each.st_mtime_ns) for name, each in files]).encode()).hexdigest()


def is_made(root: Path, wanted: str) -> bool:
    try:
        return (root / STAMP).read_text() == wanted
    except OSError:
        return False
