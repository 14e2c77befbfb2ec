"""The supervisor over stand-in nodes: what ends comes back, what is stopped leaves nothing behind."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fleet.processes import Started, is_alive
from tests.services import until

STAYS = "echo up as $$; trap 'echo bye; exit 0' TERM QUIT; while :; do sleep 0.1; done"
DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"

StartFleet = Callable[..., Started]


@pytest.fixture
def start_fleet(tmp_path: Path) -> Iterator[StartFleet]:
    started: list[Started] = []

    def start(**roles: dict[str, Any]) -> Started:
        data = tmp_path / "data"
        started.append(Started(["tests.fleet.driver", str(data), json.dumps(roles)], data))
        return started[-1]

    yield start
    for each in started:
        each.end()


def test_a_node_that_was_killed_comes_back(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": STAYS, "count": 2})
    fleet.wait_for("up as", times=2)
    first = fleet.node_pid("web.2")

    os.kill(first, signal.SIGKILL)

    fleet.wait_for("up as", times=3)
    until(lambda: fleet.node_pid("web.2") != first, "web.2 has another process")
    assert "web.2    | was killed by SIGKILL" in fleet.text


def test_what_a_dead_node_leaves_behind_is_killed_before_it_starts_again(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": f"sleep 1000 & echo child $!; {STAYS}"})
    fleet.wait_for("up as")
    child = int(fleet.text.split("child ")[1].split()[0])

    os.kill(fleet.node_pid("web.1"), signal.SIGKILL)

    fleet.wait_for("up as", times=2)
    assert not is_alive(child)


def test_a_node_that_keeps_ending_waits_longer_each_time(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": "echo broken; exit 3"})

    fleet.wait_for("starts again in 2 s")

    assert "web.1    | ended (exit status 3). Last line: broken" in fleet.text
    assert fleet.text.index("starts again\n") < fleet.text.index("starts again in 1 s")


def test_one_node_that_keeps_ending_holds_up_no_other(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": "exit 3"}, worker={"command": STAYS})
    fleet.wait_for("starts again in 2 s")

    os.kill(fleet.node_pid("worker.1"), signal.SIGKILL)

    fleet.wait_for("up as", times=2)
    assert "starts again in 8 s" not in fleet.text


@pytest.mark.parametrize(("asked", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)])
def test_stopping_leaves_nothing(start_fleet: StartFleet, asked: signal.Signals, status: int) -> None:
    fleet = start_fleet(web={"command": STAYS, "count": 2}, worker={"command": STAYS})
    fleet.wait_for("up as", times=3)

    fleet.signal(asked)

    assert fleet.wait() == status
    fleet.leaves_nothing()
    assert fleet.text.count("bye") == 3


def test_the_broker_stops_last(start_fleet: StartFleet) -> None:
    slow = "echo up as $$; trap 'sleep 0.5; echo slow bye; exit 0' TERM; while :; do sleep 0.1; done"
    fleet = start_fleet(
        broker={"command": STAYS, "is_single": True, "stops_after": ["web", "worker"]},
        web={"command": slow}, worker={"command": STAYS},
    )  # fmt: skip
    fleet.wait_for("up as", times=3)

    fleet.signal(signal.SIGTERM)
    fleet.wait()

    goodbyes = [line.split("|")[0].strip() for line in fleet.text.splitlines() if line.endswith("bye")]
    assert goodbyes == ["worker.1", "web.1", "broker"]


def test_a_node_is_stopped_by_its_own_signal(start_fleet: StartFleet) -> None:
    fleet = start_fleet(
        nginx={"command": "trap 'echo quit; exit 0' QUIT; echo up as $$; while :; do sleep 0.1; done",
               "is_single": True, "stop_signal": "SIGQUIT"},
    )  # fmt: skip
    fleet.wait_for("up as")

    fleet.signal(signal.SIGTERM)
    fleet.wait()

    assert "nginx    | quit" in fleet.text


def test_a_deaf_node_is_killed_after_its_grace_time(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": DEAF, "grace_s": 0.5})
    fleet.wait_for("deaf")

    fleet.signal(signal.SIGTERM)

    assert fleet.wait() == 0
    fleet.leaves_nothing()
    assert "did not stop within 0.5 s and was killed" in fleet.text


def test_a_second_ctrl_c_stops_at_once(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": DEAF, "grace_s": 600})
    fleet.wait_for("deaf")
    fleet.signal(signal.SIGINT)
    fleet.wait_for("Once more")

    fleet.signal(signal.SIGINT)

    fleet.wait()
    fleet.leaves_nothing()


@pytest.mark.faults
@pytest.mark.parametrize("victims", ["front", "supervisor", "front and supervisor", "all but the nodes"])
def test_nothing_outlives_a_fleet_that_was_killed(start_fleet: StartFleet, victims: str) -> None:
    fleet = start_fleet(web={"command": STAYS}, broker={"command": STAYS, "stops_after": ["web"]})
    fleet.wait_for("up as", times=2)
    supervisor, *wrappers = fleet.own_processes()
    chosen = {
        "front": [fleet.process.pid],
        "supervisor": [supervisor],
        "front and supervisor": [fleet.process.pid, supervisor],
        "all but the nodes": [fleet.process.pid, supervisor, *wrappers],
    }

    for pid in chosen[victims]:
        os.kill(pid, signal.SIGKILL)

    fleet.wait()
    fleet.leaves_nothing()


@pytest.mark.faults
def test_a_node_ends_with_its_wrapper_and_both_come_back(start_fleet: StartFleet) -> None:
    fleet = start_fleet(web={"command": STAYS})
    fleet.wait_for("up as")
    node = fleet.node_pid("web.1")
    _, wrapper = fleet.own_processes()

    os.kill(wrapper, signal.SIGKILL)

    fleet.wait_for("up as", times=2)
    until(lambda: not is_alive(node), "the first node is gone")


def test_a_second_fleet_on_the_same_folder_is_refused_and_named(start_fleet: StartFleet) -> None:
    first = start_fleet(web={"command": STAYS})
    first.wait_for("up as")

    second = start_fleet(web={"command": STAYS})

    assert second.wait() == 1
    assert f"runs already on {first.data} (process {first.process.pid})" in second.text
    assert first.process.poll() is None
