"""The fleet's members: who is who when a name has two lives."""

import socket
from dataclasses import replace

import pytest

from settings import Settings
from store import chunks, nodes
from store.job_progress import moment_of
from store.models import Node, NodeState
from tests.engine.hand import Bell, Hand
from tests.engine.test_housekeeping import keep


def join(hand: Hand, facts: nodes.NodeFacts) -> int:
    with hand.database.writing() as session:
        return nodes.join(session, facts)


def listed(hand: Hand) -> list[tuple[int, str]]:
    """(id, name) of the nodes that the fleet list shows."""
    with hand.database.reading() as session:
        return [(node.id, node.name) for node in nodes.all_nodes(session)]


def test_two_lives_on_two_hosts_are_two_nodes(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    hand.job(owner, items=1)
    hand.claimed(slot)

    newer = join(hand, replace(hand.facts("w", slots=3), host="elsewhere"))

    older = slot.node_id
    assert listed(hand) == [(newer, "w"), (older, f"w~{older}")]
    with hand.database.writing() as session:
        assert nodes.beat(session, older, hand.facts("w"), NodeState.DRAINING)
        assert nodes.speaks_for(session, older, hand.facts("w"))
        assert [chunk.attempt for chunk in chunks.running_on(session, older)] == [1]
        assert chunks.running_on(session, newer) == []


def test_an_outlived_node_is_listed_until_it_has_gone_and_its_share_stays(hand: Hand, owner: int) -> None:
    slot, _ = hand.node("w")
    job_id = hand.job(owner, items=1)
    hand.record(hand.claimed(slot), slot)
    newer = join(hand, replace(hand.facts("w"), host="elsewhere"))
    assert len(listed(hand)) == 2

    with hand.database.writing() as session:
        assert nodes.depart(session, slot.node_id, hand.facts("w"), NodeState.LEFT)

    assert listed(hand) == [(newer, "w")]
    with hand.database.reading() as session:
        assert [each.node for each in moment_of(session, job_id, window_s=10.0).nodes] == [f"w~{slot.node_id}"]


def test_a_node_that_has_gone_stays_listed_under_its_own_name(hand: Hand) -> None:
    slot, _ = hand.node("w~7")
    hand.change(Node, state=NodeState.LOST)

    assert listed(hand) == [(slot.node_id, "w~7")]


@pytest.mark.parametrize("state", [NodeState.LOST, NodeState.LEFT])
def test_a_node_that_had_gone_may_return_on_another_host(hand: Hand, state: NodeState) -> None:
    slot, _ = hand.node("w")
    hand.change(Node, state=state)

    assert join(hand, replace(hand.facts("w"), host="elsewhere")) == slot.node_id
    assert listed(hand) == [(slot.node_id, "w")]


def test_a_node_that_returns_on_its_host_keeps_its_row(hand: Hand) -> None:
    slot, _ = hand.node("w")

    assert join(hand, hand.facts("w", pid=2)) == slot.node_id
    assert listed(hand) == [(slot.node_id, "w")]


def test_a_third_life_outlives_the_second(hand: Hand) -> None:
    first, second, third = (join(hand, replace(hand.facts("w"), host=host)) for host in ("a", "b", "c"))

    assert sorted(listed(hand)) == [(first, f"w~{first}"), (second, f"w~{second}"), (third, "w")]


def test_of_two_lives_of_a_name_one_keeps_house(
    hand: Hand, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keep(hand, Bell(), settings)
    assert keep(hand, Bell(), settings)

    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")

    assert not keep(hand, Bell(), settings)
