"""Numbers, times and states as people read them: the filters of all templates."""

from datetime import UTC, datetime

from flask import Flask, g
from markupsafe import Markup, escape

from dynometer import __version__
from dynometer.wording import gain

NOTHING = "\N{EN DASH}"
CODE = Markup("<code>{}</code>")


def set_up(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        {
            words.__name__: words
            for words in (count, duration, wait, rate, ticks, stamp, clock, ago, size, plural, percent)
        }
    )
    app.jinja_env.filters.update(day=day, is_past=is_past, gain=gain)
    app.jinja_env.globals.update(version=__version__, request_id=lambda: g.get("request_id", ""))


def count(number: float | None) -> str:
    return NOTHING if number is None else f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """1 item, 2 items."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(part: int, whole: int) -> str:
    """Whole percent, of long jobs first with a decimal; 100 only when all is done."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths / 10:.1f}" if 0 < tenths < 100 and whole >= 1000 else str(tenths // 10)


def rate(per_s: float | None) -> str:
    """Three significant digits, per second."""
    if per_s is None:
        return NOTHING
    return f"{per_s:,.0f}/s" if per_s >= 100 else f"{per_s:.3g}/s"


def duration(seconds: float | None) -> str:
    """850 ms, 12 s, 1:40 min, 2:05 h."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    if whole < 48 * 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02} h"
    return f"{whole / 86400:,.0f} days"


def wait(seconds: float) -> str:
    """Whole seconds, for what is nothing most of the time: 0 s, 12 s, 1:40 min."""
    return f"{seconds:.0f} s" if seconds < 59.5 else duration(seconds)


def ticks(text: str) -> Markup:
    """What stands between back-ticks as code; the rest is text, whoever wrote it."""
    parts = [CODE.format(part) if place % 2 else escape(part) for place, part in enumerate(text.split("`"))]
    return Markup("").join(parts)


def size(number: int) -> str:
    """In powers of 1000."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def stamp(epoch_s: float | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    if epoch_s is None:
        return None
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%-d %b %Y, %H:%M:%S UTC")


def day(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%-d %b %Y")


def is_past(epoch_s: float) -> bool:
    return epoch_s < datetime.now(UTC).timestamp()


def ago(epoch_s: float) -> str:
    """How long ago, roughly."""
    seconds = max(0.0, datetime.now(UTC).timestamp() - epoch_s)
    for unit_s, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            return f"{plural(int(seconds // unit_s), word)} ago"
    return "just now" if seconds < 10 else f"{int(seconds)} seconds ago"
