"""Snapshots on made-up system folders, and the signals between them."""

import os
from dataclasses import replace

import pytest

from dynometer.measure import detectors, readings
from dynometer.measure.detectors import Snapshot, signals_between, snapshot

SOME = "some avg10=1.50 avg60=0.00 avg300=0.00 total={total_us}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
BEFORE = Snapshot(at_s=10.0, cpu_s=5.0, system_cpu_s=1.0, run_delays_ns={1: 100, 2: 50}, switches={1: 7},
                  pressure_s=3.0, busy_s=100.0, stolen_s=1.0, throttled=4, major_faults=9)


def system(root, pid, *, delay_ns=0, total_us=0, busy_ticks=0, stolen_ticks=0, switches=0):
    task = root / "proc" / str(pid) / "task" / str(pid)
    task.mkdir(parents=True, exist_ok=True)
    (task / "schedstat").write_text(f"123 {delay_ns} 4\n")
    (task / "status").write_text(f"Name:\tx\nvoluntary_ctxt_switches:\t{switches}\nnonvoluntary_ctxt_switches:\t9\n")
    (root / "proc" / str(pid) / "stat").write_text(f"{pid} (a) b) R 1 1 1 0 -1 0 5 0 2 0 30 12 0 0 20 0 1\n")
    (root / "proc/pressure").mkdir(exist_ok=True)
    (root / "proc/pressure/cpu").write_text(SOME.format(total_us=total_us))
    usable = sorted(os.sched_getaffinity(0))
    cpus = "".join(f"cpu{cpu} {busy_ticks} 0 0 900 5 0 0 {stolen_ticks} 0 0\n" for cpu in usable)
    (root / "proc/stat").write_text(f"cpu 1 2 3 4 5 6 7 8 0 0\n{cpus}cpu999 77777 0 0 0 0 0 0 0 0 0\n")
    return root


def test_a_snapshot_reads_what_is_there(tmp_path):
    cpus = len(os.sched_getaffinity(0))
    root = system(tmp_path, os.getpid(), delay_ns=5, total_us=2_500_000, busy_ticks=300, stolen_ticks=10, switches=3)

    seen = snapshot([], root=root)

    assert seen.run_delays_ns == {os.getpid(): 5}
    assert seen.switches == {os.getpid(): 3}
    assert seen.pressure_s == 2.5
    assert seen.busy_s == pytest.approx(cpus * 300 * readings.TICK_S)  # of the CPUs that it may use alone
    assert seen.stolen_s == pytest.approx(cpus * 10 * readings.TICK_S)
    assert seen.major_faults == 2


def test_where_nothing_can_be_read_nothing_is_made_up(tmp_path):
    seen = snapshot([], root=tmp_path)
    signals = signals_between(seen, replace(seen, at_s=seen.at_s + 1), 1.0, 2, (0.005, 0.005))

    assert (seen.run_delays_ns, seen.switches, seen.pressure_s, seen.busy_s, seen.throttled, seen.major_faults) == (
        None, None, None, None, None, None)
    assert signals.run_delay_share is None
    assert signals.others_cores is None
    assert signals.clock_change == 0.0


def test_signals_are_the_differences_as_shares():
    after = Snapshot(at_s=12.0, cpu_s=8.0, system_cpu_s=1.5, run_delays_ns={1: 100_000_100, 3: 60_000_000},
                     switches={1: 9}, pressure_s=3.5, busy_s=104.0, stolen_s=1.4, throttled=6, major_faults=10)

    signals = signals_between(BEFORE, after, 2.0, 2, (0.005, 0.0055), cpus=4)

    assert signals.run_delay_share == pytest.approx(0.16 / (2 * 2.0))  # thread 2 has ended, thread 3 is new
    assert signals.cpu_pressure_share == pytest.approx(0.5 / 2.0)
    assert signals.others_cores == pytest.approx((4.0 - 3.0) / 2.0)
    assert signals.steal_share == pytest.approx(0.4 / (2.0 * 4))
    assert signals.throttled_periods == 2
    assert signals.major_faults == 1
    assert signals.clock_change == pytest.approx(0.1)
    assert signals.spin_s == 0.005


def test_others_never_use_less_than_nothing():
    after = replace(BEFORE, at_s=11.0, cpu_s=6.0, busy_s=100.9)

    assert signals_between(BEFORE, after, 1.0, 1, (1.0, 1.0)).others_cores == 0.0


def test_a_spin_takes_cpu_time_and_counts_the_quickest(monkeypatch):
    takes = iter([0.006, 0.005, 0.009, 0.005])
    monkeypatch.setattr(detectors, "_spin_once", lambda: next(takes))

    assert detectors.spin() == 0.005


def test_a_real_snapshot_knows_the_cpu_time_of_this_process():
    before = snapshot([])
    detectors.spin()
    after = snapshot([], is_after=True)

    assert 0 < after.cpu_s - before.cpu_s < 60


def test_descendants_are_found_in_every_generation(tmp_path):
    for parent, children in ((1, "2 3 "), (2, "4 "), (3, ""), (4, "")):
        task = tmp_path / "proc" / str(parent) / "task" / str(parent)
        task.mkdir(parents=True)
        (task / "children").write_text(children)

    assert sorted(readings.descendants(1, tmp_path)) == [2, 3, 4]


def test_memory_is_the_share_of_each_process(tmp_path):
    for pid, kilobytes in ((1, 100), (2, 20)):
        folder = tmp_path / "proc" / str(pid)
        folder.mkdir(parents=True)
        (folder / "smaps_rollup").write_text(f"Rss: 900 kB\nPss:   {kilobytes} kB\nPss_Dirty: 3 kB\n")

    assert readings.memory_pss_bytes([1, 2, 3], tmp_path) == 120 * 1024
    assert readings.memory_pss_bytes([3], tmp_path) is None
