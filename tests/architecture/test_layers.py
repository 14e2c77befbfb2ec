"""The architecture is a test: imports point one way, and the instrument stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
MAY_IMPORT: dict[str, set[str]] = {  # each layer, and those below it that it may import
    "dynometer": set(),
    "settings": {"dynometer"},
    "store": {"dynometer", "settings"},
    "tasks": {"dynometer", "settings", "store"},
    "fleet": {"dynometer", "settings", "store", "tasks"},
    "cli": {"dynometer", "settings", "store", "tasks", "fleet"},
    "app": {"dynometer", "settings", "store", "tasks", "fleet"},
    "wsgi": {"app", "settings"},
}
NOT_FOR: dict[str, set[str]] = {  # and what of other people's work stays out of it
    "dynometer": {"flask", "celery", "kombu", "sqlalchemy", "werkzeug", "redis", "gunicorn"},
    "store": {"flask", "celery", "kombu", "werkzeug"},
    "tasks": {"flask", "werkzeug"},
    "fleet": {"flask", "werkzeug", "celery"},
    "cli": {"flask", "werkzeug"},
}
LONGEST_MODULE_LINES = 300  # the style asks for 250


def files_of(layer: str) -> list[Path]:
    single = CHECKOUT / f"{layer}.py"
    return [single] if single.exists() else sorted((CHECKOUT / layer).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules that `path` imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which layer they reach"
            yield node.module or ""


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_imports_point_one_way(layer: str) -> None:
    assert files_of(layer)
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[layer] - {layer} | NOT_FOR.get(layer, set())

    wrong = {
        f"{path.relative_to(CHECKOUT)} imports {name}"
        for path in files_of(layer)
        for name in imported(path)
        if name.split(".")[0] in forbidden
    }

    assert not wrong


@pytest.mark.parametrize(
    ("module", "kept_out"),
    [
        ("dynometer.workloads", "flask celery sqlalchemy numpy PIL"),
        ("settings", "flask celery sqlalchemy numpy"),
        ("cli.up", "flask celery sqlalchemy alembic numpy rich http.client"),  # what a fleet's supervisor carries
        ("tasks.worker", "flask alembic numpy PIL rich"),  # times the number of worker processes
    ],
)
def test_importing_stays_light(module: str, kept_out: str) -> None:
    program = f"import sys, {module}; print(*(set({kept_out.split()!r}) & set(sys.modules)))"

    said = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert said.stdout.split() == []


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(CHECKOUT)
        for layer in MAY_IMPORT
        for path in files_of(layer)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv")
    }

    assert readers <= {Path("settings.py"), Path("dynometer/measure/surroundings.py")}  # usable alone, and hands it on


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_modules_are_short_enough_to_read(layer: str) -> None:
    lengths = {str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines()) for path in files_of(layer)}
    too_long = {path for path, lines in lengths.items() if lines > LONGEST_MODULE_LINES and "/versions/" not in path}

    assert not too_long  # migrations are generated, and never read for long


def test_no_module_is_called_after_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "hacks"}

    assert not [path for layer in MAY_IMPORT for path in files_of(layer) if path.stem in empty_words]
