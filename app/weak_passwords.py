"""Passwords that are tried first: found by rule, offline.

A password is cut into pieces that an attacker's program knows as one: common words, parts of the owner's address, runs
along the keyboard or the alphabet, repetitions, years.  What is left counts letter by letter.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

PIECES_MIN = 6  # "correct horse" has eleven, "Summer2026!!" has three
RUN_MIN = 3
EMAIL_CHARS_MAX = 254  # no address is longer, and each of its parts is looked for at each place
PLAIN = str.maketrans("0134579@$!|+", "oieastgasllt")  # letters in disguise
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "yxcvbnm",
    "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp",
)  # fmt: skip
WORDS = (
    "password", "passwort", "passwd", "passphrase", "secret", "geheim", "letmein", "welcome", "willkommen", "admin",
    "administrator", "root", "user", "guest", "login", "access", "master", "super", "boss", "hello", "hallo",
    "change", "changeme", "default", "test", "testing", "temp", "qwerty", "qwertz", "azerty", "iloveyou", "loveyou",
    "love", "lovely", "princess", "prinzessin", "sunshine", "sonne", "summer", "sommer", "winter", "spring",
    "autumn", "herbst", "monday", "freitag", "friday", "january", "december", "dragon", "monkey", "tiger", "lion",
    "eagle", "shadow", "football", "fussball", "baseball", "soccer", "hockey", "superman", "batman", "pokemon",
    "starwars", "michael", "daniel", "jordan", "charlie", "thomas", "jessica", "ashley", "diamond", "flower",
    "cheese", "coffee", "computer", "internet", "server", "database", "network", "python", "flask", "celery",
    "nginx", "gunicorn", "dynometer", "worker", "company", "office", "home", "please", "trustno", "whatever",
    "nothing", "forever", "freedom", "the", "my", "is", "and",
)  # fmt: skip
YEAR = re.compile(r"(?:19|20)\d\d")
REPEATED = re.compile(r"(.{1,8}?)\1+")


def is_weak(password: str, email: str = "") -> bool:
    """Whether a guessing program would have it among its first tries, knowing the owner's address."""
    own = {part for part in re.split(r"[^a-z0-9]+", email[:EMAIL_CHARS_MAX].lower()) if len(part) >= RUN_MIN}
    return pieces(password.lower(), own) < PIECES_MIN


def pieces(text: str, own: Iterable[str] = ()) -> int:
    """How many pieces a guesser has to put together for `text`."""
    words = sorted({*WORDS, *own}, key=len, reverse=True)
    plain = text.translate(PLAIN)
    count = place = 0
    while place < len(text):
        word = next((word for word in words if text.startswith(word, place) or plain.startswith(word, place)), "")
        place += max(len(word), *_orderly_at(text, place))
        count += 1
    return count


def _orderly_at(text: str, place: int) -> Iterator[int]:
    """Lengths of what begins at `place` and has an order; one letter always has."""
    yield 1
    if year := YEAR.match(text, place):
        yield len(year[0])
    if (repeated := REPEATED.match(text, place)) and len(repeated[0]) >= RUN_MIN:
        yield len(repeated[0])
    yield from (_along(text, place, row) for row in (*ROWS, *(row[::-1] for row in ROWS)))


def _along(text: str, place: int, row: str) -> int:
    """How far `text` follows the row from `place` on, when that is a run."""
    at = row.find(text[place])
    if at < 0:
        return 0
    together = zip(text[place:], row[at:], strict=False)
    length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], together))
    return length if length >= RUN_MIN else 0
