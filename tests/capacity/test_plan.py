"""The capacity answer: published sizes, the smallest number that holds, and what no number can reach."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.capacity.measured import Measured
from dynometer.capacity.plan import judge, make_plan, simulated
from dynometer.capacity.plan_text import plan_json, sentences
from dynometer.capacity.service import Exponential, service_of
from dynometer.capacity.station import Load, station
from dynometer.capacity.target import Target, quantile_name
from dynometer.errors import InvalidInput

BUSY = Load(5, Exponential(3))


@pytest.mark.parametrize(("wait_s", "expected"), [(1, 20), (2, 18), (5, 17)])
def test_15_erlang(wait_s, expected):
    assert make_plan(BUSY, Target(0.95, wait_s=wait_s)).chosen.servers == expected


@pytest.mark.parametrize(("arrival", "service_s", "response_s", "servers", "p95", "p95_less"), [  # science B.1
    (50, 0.04, 0.20, 3, 0.16083, None),
    (50, 0.10, 0.35, 7, 0.32671, 0.42471),
    (200, 0.05, 0.16, 13, 0.15644, 0.16780),
    (10, 0.50, 1.60, 8, 1.53794, 1.63356),
    (1000, 0.02, 0.07, 22, 0.06867, 0.08958),
])
def test_the_sizing_table(arrival, service_s, response_s, servers, p95, p95_less):
    plan = make_plan(Load(arrival, Exponential(service_s)), Target(0.95, response_s=response_s))

    assert plan.chosen.servers == servers
    assert plan.chosen.station.response_quantile_s(0.95) == pytest.approx(p95, abs=6e-6)
    if p95_less is None:
        assert plan.runner_up.station is None
    else:
        assert plan.runner_up.station.response_quantile_s(0.95) == pytest.approx(p95_less, abs=6e-6)


@pytest.mark.parametrize(("level", "expected"), [(0.80, 14), (0.85, 14), (0.90, 15)])
def test_the_call_centre(published, level, expected):
    # published are 20, 20 and 22 positions with 30 % absent: 14/.7, 14/.7, 15/.7
    case = published("queue_erlangc_callcentre")["published_required"]

    plan = make_plan(Load(100 / 1800, Exponential(180)), Target(level, wait_s=20, utilisation=case["max_occupancy"]))

    assert plan.chosen.servers == expected
    if level == case["service_level"]:
        assert plan_json(plan)["wait_within_share"] == pytest.approx(case["service_level_got"], abs=5e-5)
        assert plan.chosen.station.utilisation == pytest.approx(case["occupancy"], abs=5e-5)
        assert plan.chosen.station.p_wait == pytest.approx(case["P_wait"], abs=5e-5)


def test_a_response_no_quicker_than_the_service_is_said_to_be_impossible_first():
    plan = make_plan(Load(50, Exponential(0.04)), Target(0.95, response_s=0.1))

    assert not plan.is_feasible
    assert plan.chosen is None
    assert plan.reason == (
        "Infeasible for any number of servers: the p95 of the exponential service alone is 120 ms, "
        "and the p95 of the response is to be 100 ms. Make the service shorter or more even."
    )


def test_the_p95_of_measured_times_is_the_floor():
    service = Measured([0.01] * 94 + [0.5] * 6)

    assert not make_plan(Load(50, service), Target(0.95, response_s=0.4)).is_feasible
    assert make_plan(Load(50, service), Target(0.95, response_s=0.51)).is_feasible
    assert make_plan(Load(50, service), Target(0.90, response_s=0.1)).is_feasible


def test_5_slow_times_in_100_leave_no_room_for_a_wait():
    service = Measured([0.01] * 95 + [0.5] * 5)

    assert not make_plan(Load(50, service), Target(0.95, response_s=0.4)).is_feasible


def test_a_constant_service_may_use_up_all_its_target():
    plan = make_plan(Load(4, service_of(1, 0)), Target(0.95, response_s=1))

    assert plan.is_feasible  # while at most 5 % wait
    assert plan.chosen.station.p_wait <= 0.05 < plan.runner_up.station.p_wait


def test_more_servers_than_allowed_is_infeasible_and_says_how_far_the_limit_gets():
    plan = make_plan(BUSY, Target(0.95, wait_s=2), max_servers=17)

    assert not plan.is_feasible
    assert "with at most 17 servers: the p95 of the wait is 3.51 s, over 2 s" in plan.reason


def test_a_limit_below_the_load_itself_says_that_the_queue_grows():
    assert "grows without end" in make_plan(BUSY, Target(0.95, wait_s=2), max_servers=12).reason


def test_a_limit_that_is_just_enough_is_enough():
    assert make_plan(BUSY, Target(0.95, wait_s=2), max_servers=18).chosen.servers == 18


def test_the_arrival_rate_it_holds_for_is_the_one_that_needs_a_further_server():
    plan = make_plan(BUSY, Target(0.95, wait_s=2))
    limit = plan.holds_up_to_per_s

    assert make_plan(Load(limit, Exponential(3)), Target(0.95, wait_s=2)).chosen.servers == 18
    assert make_plan(Load(1.002 * limit, Exponential(3)), Target(0.95, wait_s=2)).chosen.servers == 19


def test_a_given_number_is_judged_without_a_target():
    plan = judge(Load(10 / 60, Exponential(20)), Target(0.9, is_free=True), 5)
    told = plan_json(plan)

    assert told["feasible"]
    assert told["p_empty"] == pytest.approx(0.0317523, rel=1e-5)
    assert told["wait_quantile_s"] == pytest.approx(14.20534, rel=1e-6)
    assert told["holds_up_to_per_s"] is None
    assert told["reason"] == "5 servers: nothing was asked of them."


def test_a_given_number_that_is_too_small_says_what_is_missed():
    plan = judge(BUSY, Target(0.95, wait_s=2), 17)

    assert not plan.is_feasible
    assert plan.reason == "17 servers would not do: the p95 of the wait is 3.51 s, over 2 s."
    assert plan.holds_up_to_per_s is None


def test_a_given_number_that_never_gets_done_has_no_numbers():
    told = plan_json(judge(BUSY, Target(0.95, wait_s=2), 15))

    assert told["utilisation"] is told["wait_mean_s"] is told["p_wait"] is None
    assert not told["feasible"]


def test_positions_without_a_queue_are_counted_by_loss():
    plan = make_plan(Load(10, Exponential(1), places=0), Target(rejected_share=0.02))

    assert plan.chosen.servers == 17
    assert plan.chosen.station.formula.startswith("Erlang B")
    assert plan.chosen.station.rejected_share == pytest.approx(0.012948875)


@pytest.mark.parametrize(("places", "rejected"), [(5, None), (None, 0.1)])
def test_a_backlog_and_the_share_it_turns_away_belong_together(places, rejected):
    with pytest.raises(InvalidInput, match="belong together"):
        make_plan(Load(5, Exponential(3), places=places), Target(wait_s=2, rejected_share=rejected))


def test_a_limited_backlog_is_for_plain_loads():
    with pytest.raises(InvalidInput, match="limited backlog"):
        Load(5, Exponential(3), batch=2, places=9)


@pytest.mark.parametrize(("load", "servers", "formula", "is_exact"), [
    (BUSY, 20, "Erlang C (M/M/c)", True),
    (Load(5, service_of(3, 0.5)), 20, "Allen-Cunneen (G/G/c)", False),
    (Load(5, service_of(0.1, 0.5)), 1, "Pollaczek-Khinchine (M/G/1)", False),
    (Load(5, service_of(0.1, 0.5), arrival_cv2=0.2), 1, "Kingman (G/G/1)", False),
    (Load(5, Exponential(3), batch=4), 20, "batches (M[b]/M/c chain)", True),
    (Load(5, service_of(3, 0), batch=4), 20, "batches (M[b]/M/c chain, stretched to the mean of G[b]/G/c)", False),
    (Load(5.9999, Exponential(3), batch=900), 18, "batches (mean of G[b]/G/c, exponential)", False),
])
def test_the_formula_is_named(load, servers, formula, is_exact):
    found = station(load, servers)

    assert (found.formula, found.is_exact) == (formula, is_exact)
    assert found.wait_mean_s > 0
    assert found.queue_mean == pytest.approx(load.arrival_per_s * found.wait_mean_s)


def test_batches_need_more_servers_than_single_arrivals():
    alone, together = (make_plan(Load(5, Exponential(3), batch=batch), Target(0.95, wait_s=2)) for batch in (1, 20))

    assert together.chosen.servers > alone.chosen.servers


def test_a_simulation_that_disagrees_says_so():
    # even services in small batches on many servers: the approximation is 18 % too short here
    plan = simulated(make_plan(Load(14, service_of(1, 0), batch=10), Target(0.95, wait_s=0.95)))

    assert plan.warnings[0].startswith("Batches are exact for Poisson gaps and exponential service alone")
    assert sentences(plan)[-1].endswith("the target is missed there.")
    assert plan_json(plan)["simulation"]["holds"] is False


@pytest.mark.parametrize(("cv2", "servers", "rho"), [(0, 4, 0.7), (0.25, 8, 0.8), (4, 20, 0.85)])
def test_batches_of_other_services_are_planned_as_a_simulation_shows(cv2, servers, rho):
    load = Load(servers * rho, service_of(1, cv2), batch=10)

    plan = simulated(judge(load, Target(is_free=True), servers))

    assert plan.chosen.station.wait.quantile_s(0.95) == pytest.approx(plan.simulation.wait_quantile_s.value, rel=0.15)


def test_a_simulation_too_close_to_the_target_does_not_decide():
    plan = simulated(make_plan(BUSY, Target(0.95, wait_s=2)))  # 1.98 s by theory

    assert plan_json(plan)["simulation"]["holds"] is None
    assert sentences(plan)[-1].endswith("too close to tell.")


def test_a_simulation_confirms_the_plan_and_is_told():
    plan = simulated(make_plan(BUSY, Target(0.95, wait_s=5)), arrivals=100_000)
    told = plan_json(plan)

    assert told["simulation"]["holds"] is True
    assert told["simulation"]["wait_mean_s"]["value"] == pytest.approx(told["wait_mean_s"], rel=0.15)
    assert "the target holds there too" in told["sentences"][-1]


def test_an_infeasible_plan_has_nothing_to_simulate():
    assert simulated(make_plan(BUSY, Target(0.95, response_s=1))).simulation is None


def test_the_sentences_give_the_answer_the_reason_and_the_change():
    said = sentences(make_plan(BUSY, Target(0.95, wait_s=2), spare=2))

    assert said[0] == "18 servers: the p95 of the wait is at most 2 s."
    assert said[1].startswith("15 erlang arrive, utilisation 83.3 %; 36.1 % wait. Wait: mean 361 ms, p95 1.98 s.")
    assert said[2] == "Formula: Erlang C (M/M/c), exact; exponential service."
    assert said[3] == "17 servers would not do: the p95 of the wait is 3.51 s, over 2 s."
    assert said[4].startswith("Enough for up to 5.00")
    assert said[5] == "With 2 to spare: 20 servers; the target still holds when so many are lost."


def test_numbers_that_print_alike_are_printed_longer():
    said = judge(Load(100, service_of(0.5, 0.2)), Target(0.95, response_s=1), 53).reason

    assert said == "53 servers would not do: the p95 of the response is 1.004 s, over 1 s."


def test_doubts_are_told():
    few = make_plan(Load(5, Measured([1, 2, 9])), Target(0.95, response_s=12)).warnings
    uneven = judge(Load(9, service_of(1, 4)), Target(0.95, response_s=12), 10).warnings

    assert few[0] == "3 measured times are few for a p95: measure at least 200."
    assert uneven[0].startswith("Service is uneven (cv2 4) and servers are busy")
    assert "gamma" in uneven[-1]
    assert make_plan(BUSY, Target(0.95, wait_s=2)).warnings == ()


@pytest.mark.parametrize(("quantile", "name"), [(0.95, "p95"), (0.999, "p99.9"), (0.5, "p50")])
def test_quantiles_have_names(quantile, name):
    assert quantile_name(quantile) == name


@given(
    load=st.builds(
        Load, st.floats(0.1, 40), st.builds(service_of, st.floats(0.05, 4), st.sampled_from([0, 0.3, 1, 2])),
        st.sampled_from([0, 0.5, 1]),
    ),
    wait_share=st.floats(0, 3), quantile=st.floats(0.5, 0.99),
)
@settings(max_examples=60)
def test_the_answer_holds_and_one_less_does_not(load, wait_share, quantile):
    target = Target(quantile, wait_s=wait_share * load.service.mean_s)

    plan = make_plan(load, target)

    assert plan.is_feasible
    assert target.holds(station(load, plan.chosen.servers))
    assert plan.runner_up is None or not plan.runner_up.holds
    assert plan.holds_up_to_per_s >= load.arrival_per_s


@pytest.mark.parametrize(("target", "named"), [
    ({}, "a plan needs a target"), ({"wait_s": -1}, "wait_s"), ({"response_s": 0}, "response_s"),
    ({"wait_s": 1, "quantile": 95}, "quantile must be between 0 and 1"), ({"utilisation": 1.5}, "utilisation"),
    ({"rejected_share": 1}, "rejected_share"), ({"wait_s": float("nan")}, "wait_s"),
])
def test_what_is_no_target_is_refused(target, named):
    with pytest.raises(InvalidInput, match=named):
        Target(**target)


@pytest.mark.parametrize("cv2", [1e-12, 1e-6, 1e-3, 300, 1e6])
def test_extreme_services_are_planned_too(cv2):
    plan = make_plan(Load(100, service_of(0.5, cv2)), Target(0.9, response_s=2))

    assert plan.is_feasible
    assert plan.chosen.station.response_quantile_s(0.9) <= 2


def test_a_given_number_can_be_told_that_none_would_do():
    plan = judge(Load(50, Exponential(0.04)), Target(0.95, response_s=0.1), 9)

    assert plan.reason.startswith("Infeasible for any number of servers")


@pytest.mark.parametrize(("arrival", "service_s"), [(1e300, 1e300), (1e-300, 1e-300)])
def test_loads_beyond_floating_point_are_refused(arrival, service_s):
    with pytest.raises(InvalidInput, match="offered_load must be a finite number above 0"):
        Load(arrival, Exponential(service_s))


def test_numbers_that_would_take_for_ever_are_refused():
    with pytest.raises(InvalidInput, match="servers must be at most 1,000,000, got 1,000,000,000"):
        judge(BUSY, Target(wait_s=1), 10**9)
    with pytest.raises(InvalidInput, match="max_servers must be at most 1,000,000"):
        make_plan(BUSY, Target(wait_s=1), max_servers=10**7)
    with pytest.raises(InvalidInput, match="places must be at most 1,000,000"):
        make_plan(Load(5, Exponential(3), places=10**9), Target(rejected_share=0.1))


def test_a_big_fleet_is_simulated_long_enough_to_fill():
    plan = simulated(judge(Load(5_000, Exponential(1)), Target(is_free=True), 5_100))

    assert plan.simulation.utilisation == pytest.approx(plan.chosen.station.utilisation, rel=0.02)
    assert plan.simulation.p_wait.value == pytest.approx(plan.chosen.station.p_wait, abs=0.1)


@pytest.mark.parametrize(("options", "named"), [({"spare": -1}, "spare"), ({"max_servers": 0}, "max_servers")])
def test_limits_are_counts(options, named):
    with pytest.raises(InvalidInput, match=f"{named} must be a whole number"):
        make_plan(BUSY, Target(wait_s=1), **options)
