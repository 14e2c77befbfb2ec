"""A badge: how well a sweep scales, in a few words, coloured by what they mean."""

import json
from dataclasses import dataclass

from jinja2 import Environment

from dynometer.advice.options import BASELINE, SINGLE, Option, is_clearly_above, lead_of, measured
from dynometer.report.report import Report
from dynometer.summary.facts import most_useful_workers
from dynometer.wording import counted, is_unknown, times

LABEL = "scaling"
GOOD, FAIR, POOR, UNKNOWN = "#1a7340", "#8a5300", "#b3261e", "#55626f"  # white on them is 4.5:1 and more
GOOD_LEAST, FAIR_LEAST = 0.8, 0.5  # speed-up per worker, of those that the CPUs can serve
LETTER_PX, PAD_PX = 6.6, 7
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ left + right }}" height="20" role="img" aria-label="{{ label }}: \
{{ message }}"><title>{{ label }}: {{ message }}</title>\
<clipPath id="r"><rect width="{{ left + right }}" height="20" rx="4"/></clipPath>\
<g clip-path="url(#r)"><rect width="{{ left }}" height="20" fill="#38434d"/>\
<rect x="{{ left }}" width="{{ right }}" height="20" fill="{{ colour }}"/></g>\
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">\
<text x="{{ left / 2 }}" y="14" textLength="{{ left - 2 * pad }}">{{ label }}</text>\
<text x="{{ left + right / 2 }}" y="14" textLength="{{ right - 2 * pad }}">{{ message }}</text></g></svg>
"""
TEMPLATE = Environment(autoescape=True).from_string(SVG)


@dataclass(frozen=True)
class Badge:
    message: str
    colour: str


def badge_of(report: Report) -> Badge:
    """By the point that advice would take: the fewest workers that nothing clearly beats."""
    facts = report.summary.facts
    options = [option for option in measured(facts) if option.model not in SINGLE and option.gain]
    lead = lead_of(options)
    if lead is None or lead.gain is None:
        return Badge("not measured", UNKNOWN)
    where = f" on {counted(facts.cpus_usable, 'CPU')}"
    if not is_clearly_above(lead, BASELINE):
        is_open = any(option.gain and is_unknown(option.gain) for option in options)
        return Badge(f"too few windows{where}", UNKNOWN) if is_open else Badge(f"no clear gain{where}", POOR)
    if lead.model == "cluster":
        where = f" with {counted(lead.workers, 'worker')}"
    said = f"{times(lead.gain.value)} {lead.model}{where}"
    if report.result.state == "stopped":
        return Badge(f"{said}, unfinished", UNKNOWN)
    return Badge(said, colour_of(lead, most_useful_workers(facts.cpus_usable, facts.observables)))


def colour_of(lead: Option, most_useful: float) -> str:
    """By the gain of each worker that the CPUs can serve; of a cluster's, that are on other nodes, of each."""
    served = lead.workers if lead.model == "cluster" else min(lead.workers, most_useful)
    share = lead.gain.value / max(1.0, served) if lead.gain else 0.0
    return GOOD if share >= GOOD_LEAST else FAIR if share >= FAIR_LEAST else POOR


def badge_svg(report: Report) -> str:
    badge = badge_of(report)
    left, right = (round(2 * PAD_PX + LETTER_PX * len(text)) for text in (LABEL, badge.message))
    return TEMPLATE.render(
        label=LABEL, message=badge.message, colour=badge.colour, left=left, right=right, pad=PAD_PX
    )  # fmt: skip


def badge_json(report: Report) -> str:
    """As the endpoint of shields.io wants it."""
    badge = badge_of(report)
    return json.dumps({"schemaVersion": 1, "label": LABEL, "message": badge.message, "color": badge.colour})
