"""Does the broker at that URL answer?  By hand: Celery would wait for it without a word, and for ever."""

import socket
from contextlib import closing
from urllib.parse import SplitResult, unquote, urlsplit

from settings import ConfigError

WITHIN_S = 4.0  # a host that drops packets must not make a start hang
GREETINGS = {"amqp": b"AMQP\x00\x00\x09\x01", "redis": b"PING\r\n"}  # a broker answers these to strangers too,
ANSWERS = {"amqp": b"\x01", "redis": b"+-"}  # with one of these first: Connection.Start; +PONG or -NOAUTH
FAMILIES = {
    "amqp": "amqp", "pyamqp": "amqp", "amqps": "amqp", "redis": "redis", "rediss": "redis", "valkey": "redis",
    "valkeys": "redis", "sentinel": "redis",
}  # fmt: skip
PORTS = {"amqp": 5672, "pyamqp": 5672, "amqps": 5671, "sentinel": 26379}
ENCRYPTED = ("amqps", "rediss", "valkeys")  # then an open port has to do


def check_broker(url: str) -> None:
    """Return when somebody answers at `url`, or at one of those in it.  Raises ConfigError that says who does not."""
    silent = [reason for reason in map(silence, url.split(";")) if reason]
    if len(silent) == len(url.split(";")):
        raise ConfigError(
            f"The broker can't be used: {'; '.join(silent)}.",
            hint="Does it run, and is BROKER_URL right?  Without BROKER_URL, `up` starts a broker of its own.",
        )


def silence(url: str) -> str:
    """Why nothing answers at `url`; empty when something does.  Says nothing of the URL's password."""
    parts = urlsplit(url)
    scheme = parts.scheme.split("+")[0]
    family = FAMILIES.get(scheme)
    if family is None:
        given = f"begins with {parts.scheme}://" if parts.scheme else "is no URL"
        return f"BROKER_URL {given}, and only amqp:// and redis:// are spoken here"
    try:
        with closing(connect(parts, scheme)) as connection:
            if scheme in ENCRYPTED:
                return ""
            connection.sendall(GREETINGS[family])
            answer = connection.recv(1)
            is_one = answer != b"" and answer in ANSWERS[family]
            return "" if is_one else f"what listens at {place(parts, scheme)} does not speak {scheme}"
    except TimeoutError:
        return f"nobody answers at {place(parts, scheme)} within {WITHIN_S:g} s"
    except (OSError, ValueError) as error:  # ValueError: a port that is no number
        return f"nobody answers at {place(parts, scheme)} ({getattr(error, 'strerror', None) or error})"


def connect(parts: SplitResult, scheme: str) -> socket.socket:
    """Raises OSError when there is nobody, ValueError on a port that is none."""
    if parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or PORTS.get(scheme, 6379)), timeout=WITHIN_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(WITHIN_S)
    try:
        connection.connect(unquote(parts.path))
    except OSError:
        connection.close()
        raise
    return connection


def where(url: str) -> str:
    """The broker's places as people write them, without a password."""
    each = map(urlsplit, url.split(";"))
    return " or ".join(place(parts, parts.scheme.split("+")[0]) for parts in each)


def place(parts: SplitResult, scheme: str) -> str:
    """host:port or the socket's path."""
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return unquote(parts.path)
    return host if parts.hostname != host.lower() else f"{host}:{PORTS.get(scheme, 6379)}"
