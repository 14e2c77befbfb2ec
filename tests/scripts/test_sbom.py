"""The list of what the software is made of: valid, complete, the same each time."""

import json
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts.sbom import document


def test_it_is_valid_by_the_published_schema():
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document()) is None


def test_it_names_every_pin_and_every_vendored_script(checkout: Path):
    named = {(each["name"], each["version"]) for each in json.loads(document())["components"]}

    lines = (checkout / "requirements.txt").read_text().splitlines()
    pins = [line.split(" ")[0].split("==") for line in lines if "==" in line
            and not line.startswith((" ", "#"))]  # fmt: skip
    scripts = json.loads((checkout / "app/static/vendor/vendor.json").read_text())

    assert len(pins) > 50
    assert named == {(name.split("[")[0], version.rstrip(";")) for name, version in pins} | {
        (part["name"], part["version"]) for script in scripts for part in [script, *script.get("contains", [])]
    }
    assert ("d3-array", "3.2.5") in named  # in the bundle of Vega


def test_every_part_has_a_hash_and_the_document_is_the_same_each_time(checkout: Path):
    parts = json.loads(document())["components"]

    scripts = json.loads((checkout / "app/static/vendor/vendor.json").read_text())
    inside = {part["name"] for script in scripts for part in script.get("contains", [])} - {"vega"}

    assert {part["name"] for part in parts if not part.get("hashes")} == inside
    assert document() == document()
