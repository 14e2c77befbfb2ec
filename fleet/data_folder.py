"""The data folder of one fleet: who may use it, and what lies where in it."""

import fcntl
import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from settings import ConfigError

SOCKET_PATH_MAX_BYTES = 100  # macOS takes 104, Linux 108; longer names are cut or refused
LONGEST_SOCKET = "broker.sock"


@dataclass(frozen=True)
class Running:
    """What a running fleet leaves for commands that want to reach it."""

    url: str
    pid: int
    database_url: str
    broker_url: str
    web: int
    worker: int


class DataFolder:
    """Paths in one data folder; only its owner may look inside.

    Raises ConfigError when it can't be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for folder in (path, self.log, self.temp):
            make_private(folder)
        for file in path.glob("dynometer.db*"):  # older versions left them to the umask
            file.chmod(0o600)
        self.run = self._run_folder()

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def temp(self) -> Path:
        return self.path / "tmp"

    @property
    def broker(self) -> Path:
        """Where the embedded broker keeps its log of changes."""
        make_private(self.path / "broker")
        return self.path / "broker"

    def _run_folder(self) -> Path:
        """A folder for sockets and pid files: in the data folder, or short when that one's path is too long."""
        inside = self.path / "run"
        if len(os.fsencode(inside / LONGEST_SOCKET)) > SOCKET_PATH_MAX_BYTES:
            digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
            inside = Path(tempfile.gettempdir()) / f"dyno-{os.geteuid()}-{digest}"
        make_private(inside)
        return inside

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one fleet.

        Forked children hold it too, so it's free only when the last of them is gone, however they ended.
        Raises ConfigError naming the process that has it.
        """
        with (self.path / "up.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise ConfigError(
                    f"`./dyno up` runs already on {self.path} (process {lock.read().strip() or 'unknown'}).",
                    hint="Stop it with Ctrl+C or `kill`, or give this one another folder with --data.",
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def secret_key(self) -> str:
        """The key that signs sessions: made once, then kept, so that a restart signs nobody out."""
        path = self.path / "secret-key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def publish(self, running: Running) -> None:
        """Let other commands of this user find the fleet."""
        write_private(self.path / "up.json", json.dumps(asdict(running), indent=2))

    def withdraw(self) -> None:
        (self.path / "up.json").unlink(missing_ok=True)

    def is_migrated(self, schema: str) -> bool:
        """Whether a fleet has started here with this `schema` before."""
        try:
            return (self.path / "schema").read_text().strip() == schema
        except OSError:
            return False

    def note_migrated(self, schema: str) -> None:
        write_private(self.path / "schema", schema)


def read_running(path: Path) -> Running | None:
    """The fleet that runs on the data folder at `path`; None when none does.  Makes and changes nothing."""
    try:
        running = Running(**json.loads((path / "up.json").read_text()))
        os.kill(running.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return running


def make_private(folder: Path) -> None:
    """`folder`, open to its owner only."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
            raise ConfigError(f"{folder} belongs to another user.", hint="Give a folder of your own with --data.")
        if facts.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise ConfigError(
            f"The data folder {folder} can't be used: {error.strerror or error}.",
            hint="Give one that you may write with --data.",
        ) from None


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step by `text`, for its owner only."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    new.replace(path)
