"""Erlang B and C: published values, closed forms, and loads at which factorials give up."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynometer.capacity.checks import Unstable
from dynometer.capacity.erlang import erlang_b, erlang_c
from dynometer.errors import InvalidInput

loads = st.floats(0.001, 500)


def test_the_call_centre_of_10_erlang(published):
    rows = published("queue_erlangc_callcentre")["verified"]

    found = [(erlang_b(row["c"], 10), erlang_c(row["c"], 10)) for row in rows]

    assert found == [(pytest.approx(row["B"], rel=1e-6), pytest.approx(row["C"], rel=1e-6)) for row in rows]


def test_17_positions_are_right_though_the_share_printed_with_them_is_not(published):
    case = published("queue_erlangc_callcentre")["published_erlang_b"]

    assert erlang_b(case["raw_positions"], 10) <= case["max_blocking"] < erlang_b(case["raw_positions"] - 1, 10)
    # printed is 0.0183; ours is the sum of its definition, (10^17/17!) / sum(10^n/n!)
    assert erlang_b(case["raw_positions"], 10) == pytest.approx(0.012948875) != case["blocking"]


@pytest.mark.parametrize(("servers", "load", "expected"), [
    (1, 0.3, 0.3),  # one server: waits are as likely as it is busy
    (2, 1.0, 1 / 3),
    (3, 2.0, 4 / 9),
    (55, 48.0, 0.238701),  # 360 calls per 30 min of 240 s
])
def test_erlang_c_in_closed_form(servers, load, expected):
    assert erlang_c(servers, load) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (3, 2.5), (5, 20.0), (20, 13.7)])
def test_erlang_b_is_the_truncated_poisson_distribution(servers, load):
    weights = [load**n / math.factorial(n) for n in range(servers + 1)]

    assert erlang_b(servers, load) == pytest.approx(weights[-1] / sum(weights), rel=1e-13)


def test_no_server_turns_everybody_away():
    assert erlang_b(0, 3.5) == 1.0


def test_without_arrivals_nobody_waits():
    assert erlang_b(3, 0) == erlang_c(3, 0) == 0.0


@pytest.mark.parametrize("servers", [200, 5_000, 100_000])
def test_thousands_of_servers_follow_the_heavy_traffic_limit(servers):
    # with beta = 1 the limit is 0.22336; the rest falls like 1 / sqrt(servers)
    load = (math.sqrt(servers + 0.25) - 0.5) ** 2

    assert erlang_c(servers, load) == pytest.approx(0.22336, abs=0.2 / math.sqrt(servers))


@given(servers=st.integers(1, 300), load=loads)
def test_shares_are_shares_and_fall_with_every_server(servers, load):
    share = erlang_b(servers, load)

    assert 0 <= erlang_b(servers + 1, load) <= share <= 1


@given(spare=st.integers(1, 100), load=loads)
def test_waiting_is_as_likely_as_a_loss_or_more_and_falls_with_every_server(spare, load):
    servers = math.floor(load) + spare

    waiting = erlang_c(servers, load)

    assert 0 <= erlang_b(servers, load) <= waiting <= 1
    assert erlang_c(servers + 1, load) <= waiting


@pytest.mark.parametrize(("servers", "load"), [(3, 3.0), (3, 3.0000001), (1, 50.0), (10, 10 * (1 - 1e-15))])
def test_more_work_than_servers_is_refused(servers, load):
    with pytest.raises(Unstable, match="grows without end") as refusal:
        erlang_c(servers, load)

    assert f"at least {math.floor(load + 1e-9) + 1} servers" in refusal.value.hint


@pytest.mark.parametrize(("servers", "load", "named"), [
    (0, 0.5, "servers"), (-1, 0.5, "servers"), (2.5, 0.5, "servers"), (True, 0.5, "servers"), ("2", 0.5, "servers"),
    (2, -0.1, "offered_load"), (2, math.nan, "offered_load"), (2, math.inf, "offered_load"),
])
def test_what_is_no_queue_is_refused_by_name(servers, load, named):
    with pytest.raises(InvalidInput, match=f"{named} must be") as refusal:
        erlang_c(servers, load)

    assert list(refusal.value.fields) == [named]
