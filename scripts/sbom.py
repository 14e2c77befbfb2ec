"""What this software is made of, as a CycloneDX document on stdout: `.venv/bin/python -m scripts.sbom > sbom.json`.

Read from the pins and from vendor.json, so it says the same on every machine: it has no time and no random number.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

CHECKOUT = Path(__file__).parent.parent
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]+\])?==(?P<version>[^\s;\\]+)[^\n]*(?P<hashes>(\n +--hash=\S+.*)*)",
    re.MULTILINE,
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main() -> None:
    sys.stdout.write(document())


def document() -> str:
    """The document as JSON."""
    about = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    product = Component(
        name=about["name"], version=about["version"], type=ComponentType.APPLICATION, bom_ref=about["name"],
        licenses=[DisjunctiveLicense(id=about["license"])],
    )  # fmt: skip
    bom = Bom(components=[*packages(), *vendored(), *bundled()])
    bom.metadata.component = product
    bom.register_dependency(product, bom.components)
    found = json.loads(JsonV1Dot6(bom).output_as_string())
    del found["serialNumber"], found["metadata"]["timestamp"]  # the same pins give the same document
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def packages() -> Iterator[Component]:
    """Everything that `./dyno` installs to run; each with the hashes of the files that may be it."""
    for found in PIN.finditer((CHECKOUT / "requirements.txt").read_text()):
        url = PackageURL("pypi", name=found["name"].lower().replace("_", "-"), version=found["version"])
        yield Component(name=found["name"], version=found["version"], type=ComponentType.LIBRARY, purl=url,
                        bom_ref=str(url), hashes=[sha256(each) for each in HASH.findall(found["hashes"])])  # fmt: skip


def vendored() -> Iterator[Component]:
    """The scripts that browsers load."""
    for entry in json.loads((CHECKOUT / "app" / "static" / "vendor" / "vendor.json").read_text()):
        url = PackageURL("npm", name=entry["name"], version=entry["version"])
        yield Component(name=entry["name"], version=entry["version"], type=ComponentType.LIBRARY, purl=url,
                        bom_ref=str(url), hashes=[sha256(entry["sha256"])],
                        licenses=[DisjunctiveLicense(id=entry["licence"])])  # fmt: skip


def bundled() -> Iterator[Component]:
    """What those are made of; a file of its own is none of it, so none has a hash."""
    entries = json.loads((CHECKOUT / "app" / "static" / "vendor" / "vendor.json").read_text())
    for part in [part for entry in entries for part in entry.get("contains", ()) if part["name"] != entry["name"]]:
        url = PackageURL("npm", name=part["name"], version=part["version"])
        yield Component(name=part["name"], version=part["version"], type=ComponentType.LIBRARY, purl=url,
                        bom_ref=str(url), licenses=[DisjunctiveLicense(id=part["licence"])])  # fmt: skip


def sha256(content: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=content)


if __name__ == "__main__":
    main()
