"""What the browser loads: all from here, kept for a year, nothing inline."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from app.assets import STATIC, asset
from tests.app.conftest import Browser

TESTS = Path(__file__).parent.parent
TEMPLATES = sorted((STATIC.parent / "templates").rglob("*.html"))
MODULES = sorted((STATIC / "js").glob("*.js"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_script_or_style(template: Path):
    text = template.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe|autoescape", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script, script
    assert "hx-on" not in text


def test_own_modules_are_few_and_small():
    assert len(MODULES) <= 11
    for module in MODULES:
        assert len(module.read_text().splitlines()) <= 120, module.name
        assert not re.search(r"innerHTML|eval\(|document\.write|import ", module.read_text()), module.name


@pytest.mark.parametrize("folder", [STATIC / "vendor", TESTS / "vendor"], ids=["pages", "tests"])
def test_vendored_files_are_what_they_say(folder: Path):
    entries = json.loads((folder / "vendor.json").read_text())
    for entry in entries:
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["name"]
        assert entry["version"]
        assert entry["licence"]
    assert {entry["file"] for entry in entries} == {path.name for path in folder.glob("*.js")}


def test_a_static_url_changes_with_its_file_and_may_be_kept(app: Flask):
    with app.test_client().get(asset("css/base.css")) as answer:
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    digest = hashlib.sha256((STATIC / "css/base.css").read_bytes()).hexdigest()
    assert asset("css/base.css") == f"/static/css/base.css?v={digest[:12]}"


@pytest.mark.parametrize("path", ["/static/../__init__.py", "/static/%2e%2e/__init__.py", "/static/", "/static/js/"])
def test_nothing_but_static_files_is_served_there(app: Flask, path: str):
    assert app.test_client().get(path).status_code == 404


def test_a_page_loads_only_from_here(runner: Browser):
    for path in ("/", "/workloads", "/jobs", "/jobs/new?workload=factorise"):
        page = runner.get(path).text
        for url in re.findall(r'(?:src|href|action|hx-get)="([^"]*)"', page):
            assert url.startswith(("/", "#")), url
            assert not url.startswith("//"), url
        assert asset("css/base.css") in page


def test_the_first_view_of_a_job_is_light(runner: Browser):
    runner.get("/jobs/new?workload=mandelbrot")
    page = runner.get(runner.post("/jobs/new?workload=mandelbrot").location).text

    loaded = re.findall(r'<(?:link rel="stylesheet" href|script [^>]*src)="/static/([^?"]+)', page)

    assert "js/chart.js" in loaded
    assert "vendor/vega.min.js" not in loaded  # comes after the first paint, and only where there is a chart
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded) <= 60_000
