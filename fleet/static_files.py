"""The app's static files as nginx serves them: each beside its gzipped twin, so that nobody compresses at a request."""

import gzip
import hashlib
import os
import shutil
from pathlib import Path

from settings import ConfigError

SMALLEST_BYTES = 256  # below that a twin saves nothing
NAME = "static"
OLD_STAMP = "made-from"  # beside a folder that an earlier version made


def compress(source: Path, root: Path) -> Path:
    """Copy `source` to `root`/static, with twins, unless that is done already; `root`, for nginx.

    `root`/static leads to a folder beside it that is whole before, so no request finds it missing or half done; nothing
    else in `root` is touched.  Raises ConfigError when there is a `static` that this did not make.
    """
    made, before = root / f".{NAME}-{state_of(source)[:16]}", made_before(root)
    if before == made and made.is_dir():
        return root
    new, link = root / f".{NAME}.new-{os.getpid()}", root / f".{NAME}.link-{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(made, ignore_errors=True)  # nothing leads there
    shutil.copytree(source, new)
    for path in [path for path in new.rglob("*") if path.is_file()]:
        add_twin(path)
    new.replace(made)
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    if before == root / NAME:  # a folder gives way to no link
        before = before.replace(root / f".{NAME}.old-{os.getpid()}")
        (root / OLD_STAMP).unlink()
    link.replace(root / NAME)
    for folder in {*root.glob(f".{NAME}-*"), *root.glob(f".{NAME}.old-*")} - {made, before}:
        shutil.rmtree(folder, ignore_errors=True)  # the one before stays: a request may have read the link just now
    return root


def made_before(root: Path) -> Path | None:
    """The folder that is served as `root`/static now; None when there is none."""
    served = root / NAME
    if not os.path.lexists(served):
        return None
    if served.is_symlink() and (target := str(served.readlink())).startswith(f".{NAME}-") and "/" not in target:
        return root / target
    if not served.is_symlink() and (root / OLD_STAMP).is_file():
        return served
    raise ConfigError(
        f"{served} is there and is not of ours; nothing of it was changed. Name another folder, or move it away."
    )


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
