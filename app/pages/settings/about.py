"""What this installation is made of, and under which licences; nothing secret."""

import json
import platform
from functools import lru_cache
from importlib.metadata import PackageMetadata, distributions
from typing import NamedTuple

from flask import render_template
from flask.typing import ResponseReturnValue

from app.assets import STATIC
from app.current import database, settings
from app.pages.settings.shell import section_blueprint
from store.database import kind_of

bp = section_blueprint("about")
BROKERS = {"redis": "Redis or Valkey", "rediss": "Redis or Valkey", "amqp": "RabbitMQ", "amqps": "RabbitMQ"}
LONGEST_LICENCE = 60  # some put the whole text there


class Part(NamedTuple):
    """A piece of somebody else's work."""

    name: str
    version: str
    licence: str


@bp.get("/about")
def show() -> ResponseReturnValue:
    with database().reading() as session:
        kept_in = kind_of(session)
    scheme = settings().broker_url.split(":")[0].split("+")[0]
    return render_template(
        "settings/about.html", python=f"{platform.python_implementation()} {platform.python_version()}",
        database=kept_in, broker=BROKERS.get(scheme, scheme or "none"), files=vendored(), packages=installed(),
    )  # fmt: skip


@lru_cache
def vendored() -> list[Part]:
    """The browser's libraries that come with us."""
    listed = json.loads((STATIC / "vendor" / "vendor.json").read_text())
    return [Part(entry["name"], entry["version"], entry["licence"]) for entry in listed]


@lru_cache
def installed() -> list[Part]:
    """The Python packages of this web node, by name."""
    found = {
        (distribution.metadata["Name"] or "").lower(): Part(
            distribution.metadata["Name"] or "", distribution.version, licence_of(distribution.metadata)
        )
        for distribution in distributions()
    }
    return [found[name] for name in sorted(found) if name]


def licence_of(metadata: PackageMetadata) -> str:
    """As the package says it itself: the expression, else the short field, else its classifiers."""
    for text in (str(metadata.json.get(name, "")) for name in ("license_expression", "license")):
        if 0 < len(text) <= LONGEST_LICENCE and text.upper() != "UNKNOWN":
            return text
    named = [line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier", []) if line.startswith("License")]
    return ", ".join(named) or "see the package"
