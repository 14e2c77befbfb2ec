"""What holds a workload back is named by two agreeing signals, or not at all."""

import pytest

from dynometer.advice.cause import CAUSES, Kind
from dynometer.advice.diagnosis import diagnose, diagnose_facts
from dynometer.advice.facts import Observables
from tests.advice.rows import ROWS, SEQUENTIAL, curve, facts, probe, usl

KIND_OF = {
    "gil": Kind.GIL,
    "cpu_gil_released": Kind.GIL_RELEASED,
    "memory_bandwidth": Kind.MEMORY_BANDWIDTH,
    "io": Kind.IO,
    "io_serial_part": Kind.IO_SERIAL,
}


def computing(**changes):
    return probe("pbkdf2", **changes)


@pytest.mark.parametrize("workload", ROWS)
def test_the_nine_probes_come_out_right_on_two_agreeing_signals(workload):
    diagnosis = diagnose(probe(workload), 2)

    assert diagnosis.kind is KIND_OF[ROWS[workload]["truth"]]
    assert len(diagnosis.agreeing) >= 2
    assert all(one.agrees for one in diagnosis.agreeing)


@pytest.mark.parametrize("workload", ROWS)
def test_the_nine_probes_come_out_right_without_gilknocker(workload):
    diagnosis = diagnose(probe(workload, gil_share=None), 2)

    assert diagnosis.kind is KIND_OF[ROWS[workload]["truth"]]


@pytest.mark.parametrize("workload", ROWS)
@pytest.mark.parametrize("load", [{"pressure_share": 0.55}, {"run_delay_share": 0.4}])
def test_a_starved_machine_is_refused_whatever_the_row_looks_like(workload, load):
    diagnosis = diagnose(probe(workload, **load), 2)

    assert diagnosis.kind is Kind.REFUSED
    assert "no cause is named" in diagnosis.sentence
    assert diagnosis.also == diagnosis.suspected == ()


def test_code_with_the_lock_under_load_looks_free_and_is_refused():
    starved = probe("pysum", thread_use_ratio=1.95, gil_share=0.45, pressure_share=0.6)  # science D.3, R0

    assert diagnose(starved, 2).kind is Kind.REFUSED


@pytest.mark.parametrize("load", [{"pressure_share": 0.05}, {"run_delay_share": 0.02}, {"pressure_share": 0.3}])
def test_a_quiet_machine_is_not_refused(load):
    assert diagnose(probe("pysum", **load), 2).kind is Kind.GIL


@pytest.mark.parametrize("workload", ROWS)
@pytest.mark.parametrize("queue", [{"pressure_share": 0.7}, {"run_delay_share": 0.4}])
def test_workers_that_queue_behind_one_another_are_diagnosed_all_the_same(workload, queue):
    quiet = probe(workload, others_cores=0.05, **queue)  # a parent beside 2 processes on 2 CPUs

    assert diagnose(quiet, 2).kind is KIND_OF[ROWS[workload]["truth"]]


@pytest.mark.parametrize("workload", ROWS)
@pytest.mark.parametrize("seen", [{"run_delay_share": 0.5}, {"pressure_share": 0.9}, {}])
def test_with_both_cores_taken_by_others_every_row_is_refused(workload, seen):
    diagnosis = diagnose(probe(workload, others_cores=1.1, **seen), 2)

    assert diagnosis.kind is Kind.REFUSED
    assert "cores kept busy by others" in str(diagnosis.agreeing[-1])


def test_a_neighbour_on_one_of_many_cpus_is_no_reason_to_refuse():
    assert diagnose(probe("pysum", others_cores=1.0, pressure_share=0.02, run_delay_share=0.0), 64).kind is Kind.GIL


FIRES = {  # rule -> (observables that make it name something, the kind), (observables close by that do not)
    "waiting-or-computing": ((probe("sleep10"), Kind.IO), computing()),
    "interpreter-lock": ((probe("jsonrt"), Kind.GIL), probe("sleep10")),
    "shared-hardware": ((probe("memadd_32MB"), Kind.MEMORY_BANDWIDTH), computing(process_cpu_ratio=1.05)),
    "message-cost": (
        (probe("pysum", pickle_s=9.5e-3, call_s=1e-3, call_cpu_s=1e-3, process_speedup=0.19), Kind.IPC),
        probe("pysum", pickle_s=9.5e-5, call_s=1e-3, call_cpu_s=1e-3),
    ),
    "serial-wait": ((probe("lockio_3ms_of_10"), Kind.IO_SERIAL), probe("sleep10")),
    "library-threads": (
        (computing(hidden_threads=2.0, library_threads=2, library_workers=4), Kind.OVERSUBSCRIBED_LIBRARY),
        computing(hidden_threads=1.05),
    ),
    "quota": ((computing(throttled=True, cpu_quota=2.0), Kind.QUOTA), computing(throttled=False, cpu_quota=2.0)),
    "kernel-time": ((computing(system_share=0.6, faults_per_item=8000.0), Kind.KERNEL), computing(system_share=0.1)),
}


@pytest.mark.parametrize("rule", FIRES)
def test_each_rule_names_its_cause(rule):
    (seen, kind), _ = FIRES[rule]

    diagnosis = diagnose(seen, 2)

    assert (diagnosis.kind, diagnosis.rule) == (kind, rule)


@pytest.mark.parametrize("rule", FIRES)
def test_each_rule_is_silent_on_a_row_close_by(rule):
    _, other = FIRES[rule]

    diagnosis = diagnose(other, 2)

    assert rule not in {cause.rule for cause in (diagnosis, *diagnosis.also, *diagnosis.suspected)}


def test_every_rule_has_a_row_that_fires_and_one_that_does_not():
    tested_apart = {"starved", "fitted-loss"}

    assert {rule.key for rule in CAUSES.in_order()} == FIRES.keys() | tested_apart
    assert [rule.number for rule in CAUSES.in_order()] == list(range(10))


@pytest.mark.parametrize(
    ("missing", "lacks"),
    [
        ({"tick_overshoot_s": None, "gil_share": None}, "the interpreter's lock (GIL) is suspected"),
        ({"activity": None}, "no two signals agree"),
        (
            {"thread_use_ratio": None, "thread_speedup": None, "tick_overshoot_s": None, "gil_share": None},
            "no two signals",
        ),
    ],
)
def test_one_signal_alone_names_nothing(missing, lacks):
    diagnosis = diagnose(probe("pysum", **missing), 2)

    assert diagnosis.kind is Kind.UNDETERMINED
    assert lacks in diagnosis.sentence
    assert diagnosis.would_settle


def test_threads_that_wait_for_one_another_without_the_interpreters_lock_stay_undetermined():
    own_lock = probe(
        "pysum", tick_overshoot_s=0.0001, gil_share=0.004
    )  # a sleeping thread gets the interpreter at once

    diagnosis = diagnose(own_lock, 2)

    assert diagnosis.kind is Kind.UNDETERMINED
    assert "lateness of a 1 ms sleep" in " ".join(map(str, diagnosis.disagreeing))


def test_a_signal_that_disagrees_is_shown_beside_the_cause():
    diagnosis = diagnose(probe("pysum", gil_share=0.2), 2)

    assert diagnosis.kind is Kind.GIL
    assert [str(one) for one in diagnosis.disagreeing] == [
        "share of the time that the GIL is held: 20 % (not at least 50 %)"
    ]


def test_one_usable_cpu_says_nothing_about_the_lock():
    diagnosis = diagnose(probe("pysum"), 1)

    assert diagnosis.kind is Kind.UNDETERMINED
    assert "at least 2 usable CPUs" in diagnosis.would_settle[0]


def test_code_that_releases_the_lock_for_a_part_is_between():
    diagnosis = diagnose(computing(thread_use_ratio=1.5, thread_speedup=1.45, tick_overshoot_s=0.001), 2)

    assert diagnosis.kind is Kind.GIL_PARTLY


def test_memory_bandwidth_is_told_from_a_shared_core_by_the_working_set():
    small = probe("memadd_32MB", working_set_bytes=100_000, l2_bytes=1_000_000)

    assert diagnose(small, 2).kind is Kind.SHARED_CORE


def test_a_cost_that_rises_a_little_is_watched_not_named():
    diagnosis = diagnose(computing(process_cpu_ratio=1.2), 2)

    assert diagnosis.kind is Kind.GIL_RELEASED
    assert [cause.rule for cause in diagnosis.suspected] == ["shared-hardware"]


@pytest.mark.parametrize(
    ("switches_4", "where"), [(3.2, "a lock in this process"), (2.1, "on the far side"), (None, "is not known")]
)
def test_switches_tell_a_lock_here_from_a_limit_there(switches_4, where):
    diagnosis = diagnose(probe("lockio_3ms_of_10", switches_4=switches_4), 2)

    assert diagnosis.kind is Kind.IO_SERIAL
    assert where in diagnosis.sentence


@pytest.mark.parametrize(
    ("activity", "kind"), [(0.19, Kind.IO), (0.2, Kind.MIXED), (0.5, Kind.MIXED), (0.8, Kind.MIXED)]
)
def test_a_call_that_computes_for_a_part_is_mixed(activity, kind):
    seen = Observables(activity=activity, thread_speedup=2.0, switches_1=1.1)

    assert diagnose(seen, 2).kind is kind


def test_messages_that_cost_a_part_of_the_computing_come_second_to_the_lock():
    seen = probe("pysum", pickle_s=0.5e-3, call_s=1e-3, call_cpu_s=1e-3, process_speedup=1.2)

    diagnosis = diagnose(seen, 2)

    assert diagnosis.kind is Kind.GIL
    assert [cause.kind for cause in diagnosis.also] == [Kind.IPC_PARTLY]


def test_messages_do_not_hold_waiting_work_back_however_little_it_computes():
    seen = probe("sleep10", call_s=0.01, call_cpu_s=4e-5, pickle_s=5e-5, process_overhead=4.0)

    diagnosis = diagnose(seen, 2)

    assert diagnosis.kind is Kind.IO
    assert not diagnosis.names(Kind.IPC)


def test_a_busy_parent_means_messages():
    seen = probe("pysum", parent_cores=0.93, process_speedup=1.2)

    assert diagnose(seen, 4).kind is Kind.IPC


def test_threads_of_a_library_hide_the_lock_so_it_is_not_named():
    seen = computing(hidden_threads=2.0, thread_use_ratio=1.0, thread_speedup=1.0, process_speedup=1.0)  # science D.2

    diagnosis = diagnose(seen, 2)

    assert diagnosis.kind is Kind.OVERSUBSCRIBED_LIBRARY
    assert not diagnosis.names(Kind.GIL, Kind.GIL_RELEASED)


def test_library_threads_that_the_cores_bear_are_no_oversubscription():
    seen = Observables(activity=0.99, hidden_threads=2.0, library_threads=2, library_workers=4)

    assert diagnose(seen, 16).kind is Kind.LIBRARY_THREADS


def test_a_free_threaded_build_has_no_lock_to_blame():
    diagnosis = diagnose(probe("pysum"), 2, is_free_threaded=True)

    assert not diagnosis.names(Kind.GIL)


def test_threads_that_pay_for_shared_objects_are_told_by_processes_that_do_not():
    seen = computing(thread_cpu_ratio=1.6)

    assert diagnose(seen, 2, is_free_threaded=True).kind is Kind.SHARED_OBJECTS


def test_waiting_work_has_a_large_system_share_of_nearly_nothing():
    assert diagnose(probe("sleep10", system_share=0.9, faults_per_item=500.0), 2).kind is Kind.IO


LOSSY = curve("pool", {1: 1.0, 2: 1.82, 4: 3.08, 8: 4.71}, law=usl(0.1, 0.0))


def test_a_serial_part_is_named_when_the_law_and_karp_flatt_agree():
    diagnosis = diagnose_facts(facts(SEQUENTIAL, LOSSY, cpus=8.0))

    assert diagnosis.kind is Kind.SERIAL_PART
    assert "its cause is unknown" in diagnosis.sentence


def test_a_serial_part_is_not_named_beside_the_lock_that_explains_it():
    diagnosis = diagnose_facts(facts(SEQUENTIAL, LOSSY, cpus=8.0, seen=probe("pysum")))

    assert diagnosis.kind is Kind.GIL
    assert not diagnosis.names(Kind.SERIAL_PART)


@pytest.mark.parametrize(("cost", "kind"), [(1.2, Kind.COHERENCE), (1.0, Kind.QUEUEING), (None, Kind.UNDETERMINED)])
def test_a_curve_that_turns_is_coherence_when_items_grow_costlier_and_a_queue_when_not(cost, kind):
    turning = curve("pool", {1: 1.0, 2: 1.9, 4: 3.0, 8: 2.8}, law=usl(0.02, 0.02))

    diagnosis = diagnose_facts(facts(SEQUENTIAL, turning, cpus=8.0, seen=Observables(process_cpu_ratio=cost)))

    assert diagnosis.kind is kind


@pytest.mark.parametrize("law", [usl(0.03, 0.0), None])
def test_a_law_without_loss_explains_nothing(law):
    straight = curve("pool", {1: 1.0, 2: 1.95, 4: 3.7}, law=law)

    diagnosis = diagnose_facts(facts(SEQUENTIAL, straight, cpus=8.0))

    assert diagnosis.kind is Kind.UNDETERMINED


def test_nothing_measured_is_undetermined_with_what_to_measure():
    diagnosis = diagnose(Observables(), 2)

    assert diagnosis.sentence == "Undetermined: no two signals agree on a cause."
    assert diagnosis.would_settle == ("Measure one worker: how much of its time it computes is not known.",)


def test_numbers_that_are_none_are_as_good_as_not_measured():
    diagnosis = diagnose(probe("pysum", thread_use_ratio=float("nan"), pressure_share=float("inf")), 2)

    assert diagnosis.kind is Kind.GIL  # the pair of speed-ups stands in for the cores in use
