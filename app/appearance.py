"""What a person chose for their browser: the colours, and whether single keys do something."""

from flask import request

CHOICES = {"theme": ("system", "light", "dark"), "keys": ("on", "off")}  # cookie -> values; the first needs no cookie


def theme() -> str:
    """The server writes it into the page, so that no wrong colour flashes up."""
    return chosen("theme")


def has_keys() -> bool:
    """Speech input types letters, so single keys can be switched off (WCAG 2.1.4)."""
    return chosen("keys") == "on"


def chosen(name: str) -> str:
    value = request.cookies.get(name, "")
    return value if value in CHOICES[name] else CHOICES[name][0]
