"""CPU limits of cgroups, on made-up system folders."""

import pytest

from dynometer.measure import cgroup

V2 = "31 23 0:28 {mounted} /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
V1 = ("31 23 0:28 {mounted} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "32 23 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n")


def system(root, own, mounts, **files):
    """A root folder: /proc/self and the cgroup's files ("a/b/cpu.max" is written a__b__cpu_max)."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(own)
    (root / "proc/self/mountinfo").write_text(mounts)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("_max", ".max").replace("_stat", ".stat")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def v1(root, own="/", mounted="/", **folders):
    system(root, f"4:memory:/x\n2:cpu,cpuacct:{own}\n", V1.format(mounted=mounted))
    for name, (quota, period, throttled) in folders.items():
        folder = root / "sys/fs/cgroup/cpu,cpuacct" / name.replace("__", "/").replace("top", ".")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
        (folder / "cpu.cfs_period_us").write_text(f"{period}\n")
        (folder / "cpu.stat").write_text(f"nr_periods 9\nnr_throttled {throttled}\nthrottled_time 5\n")
    return root


def test_version_2_takes_the_tightest_on_the_way_up(tmp_path):
    root = system(tmp_path, "0::/a/b\n", V2.format(mounted="/"), cpu_stat="usage_usec 1\n",
                  a__cpu_max="150000 100000", a__b__cpu_max="300000 100000",
                  a__cpu_stat="nr_throttled 4\n", a__b__cpu_stat="usage_usec 1\nnr_throttled 3\n")

    assert cgroup.quota_cores(root) == 1.5
    assert cgroup.throttled_periods(root) == 7


def test_version_1_takes_the_tightest_on_the_way_up(tmp_path):
    root = v1(tmp_path, "/a/b", top=(-1, 100000, 0), a=(200000, 100000, 2), a__b=(-1, 100000, 1))

    assert cgroup.quota_cores(root) == 2.0
    assert cgroup.throttled_periods(root) == 3


@pytest.mark.parametrize("text", ["max 100000", "", "100000", "0x10 5", "100000 0"])
def test_no_limit_and_nonsense_are_no_quota(tmp_path, text):
    root = system(tmp_path, "0::/a\n", V2.format(mounted="/"), a__cpu_max=text)

    assert cgroup.quota_cores(root) is None


def test_a_container_that_sees_the_hosts_path_finds_its_own_mount(tmp_path):
    root = system(tmp_path, "0::/docker/abc/inner\n", V2.format(mounted="/docker/abc"), inner__cpu_max="50000 100000")

    assert cgroup.quota_cores(root) == 0.5


def test_a_path_outside_of_the_mount_falls_back_to_its_top(tmp_path):
    root = system(tmp_path, "0::/../elsewhere\n", V2.format(mounted="/"), cpu_max="70000 100000")

    assert cgroup.quota_cores(root) == 0.7


def test_the_tightest_memory_limit_is_found_in_version_2(tmp_path):
    root = system(tmp_path, "0::/a/b\n", V2.format(mounted="/"), memory_max="max", a__memory_max="3000000000",
                  a__b__memory_max="max")

    assert cgroup.memory_limit_bytes(root) == 3_000_000_000


@pytest.mark.parametrize(("text", "limit"), [("2147483648\n", 2**31), ("9223372036854771712\n", None)])
def test_version_1_has_a_hierarchy_for_memory_and_a_number_for_no_limit(tmp_path, text, limit):
    root = v1(tmp_path)
    folder = root / "sys/fs/cgroup/memory/x"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text(text)

    assert cgroup.memory_limit_bytes(root) == limit


def test_without_cgroups_nothing_is_known(tmp_path):
    assert cgroup.quota_cores(tmp_path) is None
    assert cgroup.throttled_periods(tmp_path) is None
    assert cgroup.memory_limit_bytes(tmp_path) is None
