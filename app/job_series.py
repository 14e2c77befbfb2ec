"""A job's throughput as JSON for the chart on its page, for programs and for tables."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask import Response

from app.conditional import unless_known
from app.current import database
from app.job_view import visible_job
from tasks.throughput import Throughput, throughput_of

DIGITS = 6  # more than a rate deserves, fewer than a float has


def series_answer(job_id: int, since: str) -> Response:
    """What came since the cursor of the last answer; 304 when that is nothing."""
    with database().reading() as session:
        job = visible_job(session, job_id)
        found = throughput_of(session, job, since)
    body = json.dumps(series_json(found), separators=(",", ":"))
    return unless_known(hashlib.blake2b(body.encode(), digest_size=12).hexdigest(), lambda: body, "application/json")


def series_json(found: Throughput) -> dict[str, Any]:
    """Rates by bin, then by node in the order of `nodes`."""
    return {
        "bin_s": found.bin_s,
        "first_bin": found.first,
        "ends_s": round(found.ends_s, DIGITS),
        "nodes": list(found.nodes),
        "rates_per_s": [[float(f"{rate:.{DIGITS}g}") for rate in rates] for rates in found.rates],
        "cursor": found.cursor,
        "is_final": found.is_final,
    }


@dataclass(frozen=True)
class SeriesTable:
    """The chart's numbers as people read them."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def series_table(found: Throughput) -> SeriesTable:
    """The sum first, then each node when there are several."""
    nodes = found.nodes if len(found.nodes) > 1 else ()
    rows = []
    for row, (rates, total) in enumerate(zip(found.rates, found.totals, strict=True)):
        start, end = found.span(row)
        cells = (total, *rates) if nodes else (total,)
        rows.append((f"{short(start)} to {short(end)}", *map(short, cells)))
    return SeriesTable(("Seconds", "Items/s", *nodes), tuple(rows))


def short(number: float) -> str:
    """Three significant digits, as chart.js writes them; the seconds of a long job in whole."""
    rounded = float(f"{number:.3g}")
    return f"{number:,.0f}" if number >= 100 else f"{rounded:g}"
