"""Rules of thumb, and how far they are from the truth."""

import pytest

from dynometer.capacity.erlang import erlang_b, erlang_c
from dynometer.capacity.little import little_check
from dynometer.capacity.staffing import (
    halfin_whitt_p_wait,
    servers_at_utilisation,
    servers_for_loss,
    square_root_servers,
    with_absences,
)
from dynometer.errors import InvalidInput


def test_square_root_staffing_of_100_erlang(published):
    for row in published("queue_sqrt_staffing")["table"]:
        servers = square_root_servers(100, row["beta"])

        assert servers == row["c_at_a100"]
        assert halfin_whitt_p_wait(row["beta"]) == pytest.approx(row["HW"], rel=2e-5)
        assert erlang_c(servers, 100) == pytest.approx(row["exact_C"], rel=2e-5)


@pytest.mark.parametrize(("arrival", "service", "at_70", "by_root"), [  # science B.1, last two columns
    (50, 0.04, 3, 4), (50, 0.10, 8, 8), (200, 0.05, 15, 14), (10, 0.5, 8, 8), (1000, 0.02, 29, 25),
])
def test_the_rules_beside_the_sizing_table(arrival, service, at_70, by_root):
    assert servers_at_utilisation(arrival * service) == at_70
    assert square_root_servers(arrival * service) == by_root


def test_rounding_does_not_cost_a_server():
    assert servers_at_utilisation(2.1, 0.7) == 3  # 3.0000000000000004 in binary
    assert servers_at_utilisation(5, 1) == 5


def test_positions_where_nobody_can_wait(published):
    case = published("queue_erlangc_callcentre")["published_erlang_b"]

    assert servers_for_loss(10, case["max_blocking"]) == case["raw_positions"]


@pytest.mark.parametrize("load", [0.01, 1, 37.5, 4_000])
def test_one_server_less_would_lose_too_much(load):
    servers = servers_for_loss(load, 0.01)

    assert erlang_b(servers, load) <= 0.01 < erlang_b(servers - 1, load)


def test_shrinkage_as_published(published):
    case = published("queue_erlangc_callcentre")["published_required"]

    assert with_absences(case["raw_positions"], 0.3) == case["positions_with_30pct_shrinkage"]
    assert with_absences(14, 0) == 14


def test_a_very_well_staffed_system_does_not_overflow():
    assert halfin_whitt_p_wait(60) == 0


@pytest.mark.parametrize("call", [
    lambda: servers_at_utilisation(3, 0), lambda: servers_at_utilisation(3, 1.1), lambda: square_root_servers(-1),
    lambda: square_root_servers(4, -1), lambda: halfin_whitt_p_wait(0), lambda: servers_for_loss(3, 1),
    lambda: with_absences(3, 1),
])
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(InvalidInput, match="must be"):
        call()


def test_a_load_test_that_kept_everything_agrees_with_itself():
    check = little_check(concurrency=10.1, throughput_per_s=50, response_mean_s=0.2)

    assert check.holds
    assert check.gap_share == pytest.approx(0.1 / 10.1)


def test_a_load_test_that_lost_samples_is_caught():
    check = little_check(concurrency=10, throughput_per_s=48, response_mean_s=0.2)

    assert not check.holds
    assert check.reason == (
        "10 requests were in flight, rate times response says 9.6: 4.0% apart; "
        "samples are lost, or the window cuts requests in two."
    )


def test_nothing_in_flight_is_no_load_test():
    with pytest.raises(InvalidInput, match="concurrency must be a finite number above 0"):
        little_check(0, 1, 1)
