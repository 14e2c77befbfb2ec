"""Web nodes: what processes and threads can serve, and how many nodes that takes."""

import math

import pytest

from dynometer.capacity.plan import make_plan
from dynometer.capacity.service import Exponential
from dynometer.capacity.station import Load
from dynometer.capacity.target import Target
from dynometer.capacity.web_tier import WebNode, asgi_capacity_per_s, nodes_at_utilisation, process_capacity_per_s
from dynometer.errors import InvalidInput


@pytest.mark.parametrize(("threads", "expected"), [(1, 100), (2, 200), (3, 300), (5, 500), (8, 500)])
def test_2_ms_of_computing_and_8_of_waiting(threads, expected):
    # min(t / 10 ms, 1 / 2 ms): measured were 87, 176, 268 and then 432-525 (science D.2)
    assert process_capacity_per_s(threads, 0.010, 0.002) == pytest.approx(expected)


@pytest.mark.parametrize(("processes", "cores", "expected", "bottleneck"), [
    (4, 4, 800, "interpreter lock"), (4, 2, 400, "cores"), (4, None, 800, "interpreter lock"),
    (1, 4, 200, "interpreter lock"),
])
def test_5_ms_of_computing_and_5_of_waiting(processes, cores, expected, bottleneck):
    node = WebNode(processes, 2, 0.010, 0.005, cores)

    assert node.capacity_per_s == pytest.approx(expected)
    assert node.bottleneck == bottleneck
    assert node.threads_enough == 2


def test_computing_outside_the_lock_counts_for_the_cores():
    node = WebNode(4, 4, 0.010, 0.001, cores=2, service_cpu_total_s=0.005)

    assert node.process_per_s == pytest.approx(400)
    assert node.capacity_per_s == pytest.approx(400)
    assert node.bottleneck == "cores"


def test_an_event_loop_serves_as_many_as_it_can_hold_or_compute():
    assert asgi_capacity_per_s(0.2, 0.001, 1_000) == pytest.approx(1_000)
    assert asgi_capacity_per_s(0.2, 0.001, 50) == pytest.approx(250)


def test_requests_that_only_wait_are_limited_by_threads_alone():
    node = WebNode(2, 10, 0.5, 0)

    assert node.capacity_per_s == pytest.approx(40)
    assert node.threads_enough is None
    assert node.bottleneck == "threads"


@pytest.mark.parametrize(("arrival", "spare", "expected"), [(559, 0, 1), (561, 0, 2), (561, 1, 3), (1_120, 0, 2)])
def test_nodes_for_the_mean_load(arrival, spare, expected):
    assert nodes_at_utilisation(arrival, WebNode(4, 2, 0.010, 0.005), spare=spare) == expected  # 800/s each


def test_a_node_is_worth_the_requests_it_has_in_flight():
    assert WebNode(4, 2, 0.010, 0.005).worth_servers == pytest.approx(8)
    assert WebNode(4, 1, 0.010, 0.010).worth_servers == pytest.approx(4)
    assert WebNode(4, 99, 0.010, 0.005, cores=1).worth_servers == pytest.approx(2)


def test_a_plan_of_nodes_keeps_70_percent_and_the_p95():
    node = WebNode(2, 4, 0.05, 0.01)  # 160/s, worth 8 servers

    relaxed = make_plan(Load(300, Exponential(0.05)), Target(response_s=1), node=node)
    strict = make_plan(Load(300, Exponential(0.05)), Target(response_s=0.14979), node=node)

    assert relaxed.chosen.servers == math.ceil(300 / (0.7 * 160))
    assert relaxed.chosen.station.utilisation == pytest.approx(300 / 480)
    assert strict.chosen.servers > relaxed.chosen.servers
    assert strict.unit == "nodes"


def test_less_than_one_server_is_a_slow_one():
    # half a core for requests of pure computing: as if each took twice as long
    node = WebNode(1, 1, 0.1, 0.1, cores=0.5)

    plan = make_plan(Load(1, Exponential(0.1)), Target(response_s=5), node=node)

    assert plan.chosen.servers == 1
    assert plan.chosen.station.response_mean_s == pytest.approx(1 / (5 - 1))
    assert plan.chosen.station.utilisation == pytest.approx(0.2)


@pytest.mark.parametrize(("node", "named"), [
    ((0, 1, 1, 1), "processes"), ((1, 0, 1, 1), "threads"), ((1, 1, 0, 0), "service_s"),
    ((1, 1, 1, -1), "service_cpu_s"),
    ((1, 1, 1, 2), "service_cpu_s must be at most the whole service of 1 s"), ((1, 1, 1, 1, 0), "cores"),
    ((1, 1, 1, 0.5, 1, 0.1), "service_cpu_total_s must not be below"),
])
def test_what_is_no_node_is_refused(node, named):
    with pytest.raises(InvalidInput, match=named):
        WebNode(*node)


def test_nodes_are_planned_for_a_utilisation_of_at_most_1():
    with pytest.raises(InvalidInput, match="utilisation must be above 0 and at most 1"):
        nodes_at_utilisation(1, WebNode(1, 1, 1, 1), 1.2)
