"""The Procfile: what a platform runs, and what `./dyno up` runs in the same words."""

import re
from pathlib import Path

from settings import ConfigError

LINE = re.compile(r"(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>\S.*)")
NEEDED = ("web", "worker")


def read_procfile(path: Path) -> dict[str, str]:
    """Process type -> shell command.  Raises ConfigError naming the first line that is neither one nor a comment."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from None
    commands: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = LINE.fullmatch(line.rstrip())
        if found is None:
            raise ConfigError(f"{path.name}, line {number}: expected `name: command`, got {line!r}.")
        commands[found["name"]] = found["command"]
    if missing := [name for name in NEEDED if name not in commands]:
        raise ConfigError(f"{path.name} has no line for {' and '.join(missing)}.")
    return commands
