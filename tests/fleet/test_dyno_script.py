"""`./dyno` itself, with a stand-in for Python: what it makes, when it installs, what it says."""

import os
import pty
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

TOOLS = ("sh", "cat", "cksum", "dirname", "readlink", "rm", "id", "mkdir", "cp")
PYTHON = """#!/bin/sh
case "$*" in
    "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    *"pip install"*)
        echo install >>"$PIP_LOG"
        until [ -z "${PIP_WAITS:-}" ] || [ -e "$PIP_WAITS" ]; do :; done
        [ ! -e "$PIP_FAILS" ] ;;
    *"-m cli"*|*"-m pytest"*) echo "ran: $*"; pwd ;;
    --version) echo "Python 3.11.0" ;;
esac
"""


class Checkout:
    """A folder with `dyno` and pins, and a PATH that holds only what the script needs."""

    def __init__(self, source: Path, path: Path) -> None:
        self.path, self.tools = path / "a checkout", path / "tools"
        self.path.mkdir()
        self.tools.mkdir()
        shutil.copy(source / "dyno", self.path / "dyno")
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.path / name).write_text(name)
        for name in TOOLS:
            if tool := shutil.which(name):
                (self.tools / name).symlink_to(tool)
        self.pip_log, self.pip_fails = path / "pip.log", path / "pip-fails"
        self.add_tool("python3", PYTHON)

    def add_tool(self, name: str, text: str) -> None:
        (self.tools / name).unlink(missing_ok=True)
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.tools), "PIP_LOG": str(self.pip_log), "PIP_FAILS": str(self.pip_fails)}

    def dyno(self, *arguments: str, script: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [str(script or self.path / "dyno"), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, cwd="/")

    @property
    def installs(self) -> int:
        return self.pip_log.read_text().count("install") if self.pip_log.exists() else 0


@pytest.fixture
def scratch(checkout: Path, tmp_path: Path) -> Checkout:
    return Checkout(checkout, tmp_path)


def test_it_installs_once_and_runs_where_it_is_called(scratch: Checkout) -> None:
    first, second = scratch.dyno("up", "--web", "2"), scratch.dyno("up", "--web", "2")

    assert first.stdout == second.stdout == "ran: -P -m cli up --web 2\n/\n"
    assert scratch.installs == 1
    assert "making .venv" in first.stderr
    assert second.stderr == ""


def test_it_says_how_long_the_first_time_takes(scratch: Checkout) -> None:
    said = scratch.dyno("up").stderr

    assert said.endswith("dyno: installing requirements.txt (once; it takes a minute or three)\n")


def test_on_a_terminal_one_sees_that_something_happens(scratch: Checkout, tmp_path: Path) -> None:
    slept = tmp_path / "slept"
    scratch.add_tool("sleep", f"#!/bin/sh\n[ -e '{slept}' ] && exec '{shutil.which('sleep')}' 2\n: >'{slept}'\n")
    ours, terminal = pty.openpty()

    done = subprocess.run(
        [scratch.path / "dyno", "up"], env={**scratch.environment, "PIP_WAITS": str(slept)}, cwd="/", check=False,
        stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, text=True, start_new_session=True,
    )  # fmt: skip
    said = os.read(ours, 10_000).decode()
    os.close(terminal)
    os.close(ours)

    assert done.stdout.startswith("ran: -P -m cli up")
    assert "a minute or three)\r\n." in said


def test_changed_pins_are_installed(scratch: Checkout) -> None:
    scratch.dyno("up")
    (scratch.path / "requirements.txt").write_text("another")

    scratch.dyno("up")

    assert scratch.installs == 2


def test_an_interrupted_install_is_taken_up_again(scratch: Checkout) -> None:
    scratch.pip_fails.touch()
    failed = scratch.dyno("up")
    scratch.pip_fails.unlink()

    again = scratch.dyno("up")

    assert failed.returncode == 1
    assert "could not install requirements.txt" in failed.stderr
    assert again.stdout.startswith("ran:")
    assert scratch.installs == 2


def test_the_tests_run_in_the_checkout_with_both_pins(scratch: Checkout) -> None:
    ran = scratch.dyno("test", "-k", "one")

    assert ran.stdout == f"ran: -m pytest -k one\n{scratch.path}\n"
    assert scratch.installs == 2
    assert scratch.dyno("up").returncode == 0
    assert scratch.installs == 2


def test_a_checkout_that_was_moved_gets_its_environment_anew(scratch: Checkout) -> None:
    scratch.dyno("up")
    moved = scratch.path.rename(scratch.path.with_name("moved"))

    assert "making .venv" in scratch.dyno("up", script=moved / "dyno").stderr


def test_it_works_through_a_chain_of_links(scratch: Checkout) -> None:
    (scratch.tools / "one").symlink_to(scratch.path / "dyno")
    (scratch.tools / "two").symlink_to("one")

    assert scratch.dyno("test", script=scratch.tools / "two").stdout.endswith(f"{scratch.path}\n")


def test_without_a_python_it_says_which_it_needs(scratch: Checkout) -> None:
    (scratch.tools / "python3").unlink()

    refused = scratch.dyno("up")

    assert refused.returncode == 1
    assert "Python 3.11 or newer is needed" in refused.stderr
    assert not (scratch.path / ".venv").exists()


def test_an_old_python_is_passed_over_for_a_newer_one(scratch: Checkout) -> None:
    scratch.add_tool("python3", "#!/bin/sh\nexit 1\n")
    scratch.add_tool("python3.12", PYTHON)

    assert scratch.dyno("up").returncode == 0


def test_services_are_named_where_there_is_no_apt(scratch: Checkout) -> None:
    named = scratch.dyno("install-services")

    assert "nginx postgresql rabbitmq-server redis-server chromium" in named.stderr
    assert not (scratch.path / ".venv").exists()


def test_services_take_root(scratch: Checkout) -> None:
    scratch.add_tool("apt-get", "#!/bin/sh\n")
    scratch.add_tool("id", "#!/bin/sh\necho 1000\n")

    assert "sudo ./dyno install-services" in scratch.dyno("install-services").stderr


def test_it_may_be_run(checkout: Path) -> None:
    assert stat.S_IMODE((checkout / "dyno").stat().st_mode) & 0o111 == 0o111
