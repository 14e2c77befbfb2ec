"""MDN's HTTP Observatory, as far as our answers go: its modifiers, its grades, the check of the certificate set aside.

Rules: https://github.com/mdn/mdn-http-observatory, src/grader/charts.js (modifiers and grades), src/analyzer/tests/
(what earns them); https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring explains them.  A rule that we
don't meet in full counts as its worst case here, so this score is never better than theirs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BASE, BONUS_FROM, SIX_MONTHS_S = 100, 90, 15_768_000
GRADES = ((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (0, "worse"))
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
BROAD = {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:", "blob:"}


@dataclass(frozen=True)
class Answer:
    """One answer over https, after all redirects, with every cookie that was set on the way."""

    headers: Mapping[str, str]
    cookies: Sequence[str]  # Set-Cookie lines
    html: str
    plain_led_to: str  # where plain HTTP was sent
    url: str


def modifiers(answer: Answer) -> dict[str, int]:
    """What each test adds or takes."""
    headers, policy = answer.headers, directives(answer.headers.get("Content-Security-Policy", ""))
    return {
        "content-security-policy": content_policy(policy),
        "cookies": cookies(answer.cookies),
        "cross-origin-resource-sharing": -50 if "Access-Control-Allow-Origin" in headers else 0,
        "redirection": 0 if answer.plain_led_to == answer.url else -20,
        "referrer-policy": 5 if headers.get("Referrer-Policy") in PRIVATE else -5,
        "strict-transport-security": 0
        if max_age(headers.get("Strict-Transport-Security", "")) >= SIX_MONTHS_S
        else -20,
        "subresource-integrity": own_scripts(answer.html),
        "x-content-type-options": 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        "x-frame-options": 5 if policy.get("frame-ancestors") in (["'none'"], ["'self'"]) else -20,
        "cross-origin-resource-policy": 10 if headers.get("Cross-Origin-Resource-Policy") == "same-origin" else 0,
    }


def score(found: Mapping[str, int]) -> int:
    """Bonuses count only for those who are good without them."""
    without = BASE + sum(value for value in found.values() if value < 0)
    return without + sum(value for value in found.values() if value > 0) if without >= BONUS_FROM else max(0, without)


def grade(points: int) -> str:
    return next(name for least, name in GRADES if points >= least)


def directives(policy: str) -> dict[str, list[str]]:
    words = [part.split() for part in policy.split(";") if part.strip()]
    return {first.lower(): rest for first, *rest in words}


def content_policy(policy: Mapping[str, list[str]]) -> int:
    if not policy:
        return -25
    if BROAD & {source.lower() for sources in policy.values() for source in sources}:
        return -20
    is_closed = policy.get("default-src") == ["'none'"] and policy.get("form-action") in (["'none'"], ["'self'"])
    return 10 if is_closed else 5


def cookies(lines: Sequence[str]) -> int:
    if not lines:
        return 0
    flags = [{part.strip().lower() for part in line.split(";")[1:]} for line in lines]
    good = all({"secure", "httponly"} <= each and each & {"samesite=lax", "samesite=strict"} for each in flags)
    return 5 if good else -40


def max_age(header: str) -> int:
    found = re.search(r"max-age=(\d+)", header)
    return int(found[1]) if found else 0


def own_scripts(html: str) -> int:
    """No bonus, no loss, while every script is ours."""
    sources = re.findall(r"<script[^>]*\ssrc=\"([^\"]+)\"", html)
    return 0 if all(re.match(r"/(?!/)", source) for source in sources) else -50
