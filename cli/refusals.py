"""What a command can't do, and the exit status that says so to scripts."""

from typing import ClassVar

from dynometer.errors import DynometerError, InvalidInput
from settings import ConfigError

UNEXPECTED, USAGE, JOB_FAILED, UNREACHABLE, INTERRUPTED, PIPE_CLOSED = 1, 2, 3, 5, 130, 141


class Unreachable(DynometerError):
    """The server does not answer."""


class Busy(Unreachable):
    """The server can't do it just now."""


class Refused(DynometerError):
    """The server refuses this."""


class TimedOut(DynometerError):
    """It took longer than the command was told to wait."""

    exit_status: ClassVar[int] = 6


class PipeClosed(Exception):
    """Who read our standard output has had enough, as `head` has."""


def exit_status(error: DynometerError) -> int:
    """The status for an error nobody handled."""
    match error:
        case Unreachable():
            return UNREACHABLE
        case ConfigError() | InvalidInput() | Refused():
            return USAGE
    return getattr(error, "exit_status", UNEXPECTED)
