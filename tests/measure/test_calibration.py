"""Warm-up, window size and chunks, with a clock that obeys."""

import pytest

from dynometer.measure.calibration import Frame, chunk_for, sample_of, warm_up, window_items


def frame(workers=1, longest_s=2.5, sample=8, chunk=1, cpus=2.0):
    return Frame(workers, cpus, chunk, 0.5, longest_s, sample)


@pytest.mark.parametrize(("item_s", "chunk"), [
    (None, 1), (1.0, 1), (0.001, 1), (0.0005, 8), (0.0004, 16), (0.00001, 512), (0.0, 8192)])
def test_only_items_under_a_millisecond_travel_together(item_s, chunk):
    assert chunk_for(item_s) == chunk


@pytest.mark.parametrize(("rate_per_s", "given", "items"), [
    (1000, {}, 504),  # half a second, in whole samples of 8
    (1000, {"sample": 256}, 512),
    (40, {"sample": 1}, 30),  # the rule: 30 items
    (40, {"sample": 1, "workers": 2}, 60),
    (5, {}, 8),  # the tutorial case with time: its eight items
    (10, {"workers": 4}, 24),  # three samples in 2.5 s
    (5, {"longest_s": 0.5, "sample": 1}, 3),  # the budget leaves no more than the shortest window
    (1, {"longest_s": 0.5, "sample": 2}, 2),  # nor fewer than two
    (1, {"longest_s": 0.5, "sample": 2, "workers": 2}, 4),
    (1, {"longest_s": 0.5, "sample": 2, "workers": 4}, 4),  # two for each that has a CPU
    (0.01, {"sample": 2}, 2),
    (0.01, {"sample": 16}, 16),  # never a part of the sample
    (100_000, {"chunk": 64, "sample": 8192}, 57_344),
])
def test_a_window_has_as_many_items_as_the_rule_and_the_budget_say(rate_per_s, given, items):
    assert window_items(rate_per_s, frame(**given)) == items


@pytest.mark.parametrize("sample", [1, 2, 4])
def test_every_worker_gets_the_same_number_of_long_items(sample):
    for workers in (2, 3, 4):
        assert window_items(2.0 * workers, frame(workers, sample=sample, cpus=4.0)) % workers == 0


@pytest.mark.parametrize("rate_per_s", [0.3, 7.0, 41.0, 999.0, 123_456.0])
@pytest.mark.parametrize("sample", [1, 2, 3, 8, 100, 512, 8192])
def test_windows_hold_whole_samples(rate_per_s, sample):
    for workers in (1, 2, 3, 4, 12, 100):
        for chunk in (1, 8, 64):
            count = window_items(rate_per_s, frame(workers, sample=sample, chunk=chunk))

            assert count >= sample
            assert count % sample == 0


@pytest.mark.parametrize(("fewest", "job_items", "sample"), [
    (2, 8, 2), (12, 8, 8), (7, 8, 8), (3, 8, 2), (3, 3, 3), (2500, 10_000, 2048), (9_000, 10_000, 10_000),
    (500_000, 10_000, 10_000), (500_000, 10**6, 8192), (1, 5, 1)])
def test_the_sample_is_the_job_or_as_much_of_it_as_the_slowest_point_has_time_for(fewest, job_items, sample):
    assert sample_of(fewest, job_items) == sample


@pytest.mark.parametrize(("costs", "sample"), [
    ([1, 2, 4, 8, 16, 32], 8),  # alike: as many as fit
    ([0.01, 0.02, 0.04, 9.0, 9.1, 9.2], 32),  # the eighth is dear, and fits; further ones cost little
    ([0.01, 0.02, 0.04, 20.0, 20.1, 21.0], 16),  # it doesn't, but four cheap ones would be unlike the job
    ([0.01, 0.02, 0.04, 100.0, 100.0, 100.0], 4),  # it never does
    ([0.01, 0.02, 0.04, 0.08, 0.16, 25.0], 32),
    ([20.0], 16),  # the first is dear: so many that it weighs what it should
])
def test_where_few_items_are_dear_the_sample_is_like_the_job_as_far_as_time_allows(costs, sample):
    assert sample_of(10, 10_000, costs) == sample


def runs(seconds_of):
    """A runner whose nth call takes what `seconds_of(n, items)` says, and the counts it was asked for."""
    counts = []

    def run(items):
        counts.append(items)
        return seconds_of(len(counts), items)

    return run, counts


def test_two_agreeing_steps_are_warm_enough():
    run, _ = runs(lambda _, items: items / 1000)

    warmth = warm_up(run, frame())

    assert warmth.rate_per_s == pytest.approx(1000)
    assert warmth.took_s < 0.8


def test_one_long_item_for_each_worker_is_warm_enough():
    run, counts = runs(lambda _, items: items * 0.27 / 2)

    warmth = warm_up(run, frame(2))

    assert counts == [2]
    assert warmth.rate_per_s == pytest.approx(1 / 0.135)


def test_a_second_is_enough_when_rates_never_agree():
    run, _ = runs(lambda turn, items: items / (1000 if turn % 2 else 1300))

    assert 1.0 <= warm_up(run, frame()).took_s < 1.5


def test_what_starts_slowly_is_given_time():
    run, counts = runs(lambda turn, items: items / min(1000, 100 * turn))

    warmth = warm_up(run, frame())

    assert len(counts) > 2
    assert warmth.took_s <= 5.5
