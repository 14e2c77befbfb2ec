"""Vega-Lite's own description of what it takes."""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest


@pytest.fixture(scope="session")
def vega_lite() -> Any:
    """`validate(spec)` raises where Vega-Lite would not take it."""
    packed = Path(__file__).with_name("vega-lite-schema.json.gz").read_bytes()
    return jsonschema_rs.validator_for(json.loads(gzip.decompress(packed), object_hook=with_uri))


def with_uri(part: dict[str, Any]) -> dict[str, Any]:
    """Names such as Dict<string> are no URI references until they are quoted; the validator minds."""
    return part | {"$ref": quote(part["$ref"], safe="#/")} if "$ref" in part else part
