"""The probe workloads: what each does once, and that none depends on a library's version or a machine."""

import asyncio
import fcntl
import os
import tempfile
import zlib

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find, lock_and_wait


def called(key, items, **given):
    workload = find(key)
    return workload.reference(workload.accept(given, 1), items)


def test_the_default_of_random_sum_is_the_classic_tutorial_case():
    workload = find("random-sum")

    assert workload.default_items == 8
    assert workload.accept({}, 8).numbers == 1_000_000
    assert workload.default_variant == "python"


def test_the_first_vector_of_the_rfc_for_pbkdf2():
    [key] = called("key-derivation", ["passwd"], rounds=1, salt="salt")

    assert key == ("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                   "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")  # RFC 7914, section 11


def test_a_compressed_text_is_read_back_whole_at_every_level():
    for level in range(10):
        [value] = called("compression", [7], kilobytes=3, level=level)

        assert value == {"item": 7, "bytes": 3_000, "is_equal": True}


def test_compressed_texts_differ_from_item_to_item(monkeypatch):
    texts = []
    compress = zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda text, level: texts.append(text) or compress(text, level))

    called("compression", range(8), kilobytes=3)

    assert len(set(texts)) == 8
    assert {len(text) for text in texts} == {3_000}


def test_the_sum_of_a_matrix_product_is_column_sums_times_row_sums():
    size = 6
    left = [[(3 * row + column) % 7 for column in range(size)] for row in range(size)]
    right = [[(row + 2 * column) % 5 for column in range(2, 2 + size)] for row in range(size)]

    [value] = called("matrix-product", [2], size=size)

    assert value["sum"] == sum(sum(row[k] for row in left) * sum(right[k]) for k in range(size))
    assert value["trace"] == sum(left[i][k] * right[k][i] for i in range(size) for k in range(size))


def test_a_document_is_read_back_as_it_was_written():
    [value] = called("json-round-trip", [9], rows=50)

    assert value == {"item": 9, "rows": 50, "last": "row 49", "is_equal": True}


def test_a_mixed_item_adds_up_what_random_sum_adds_up(slept):
    assert called("mixed", [0, 1], numbers=30) == called("random-sum", [0, 1], numbers=30)
    assert slept == [0.008, 0.008]


def test_a_turn_with_the_lock_sleeps_in_it_and_after_it(slept):
    assert called("lock-and-wait", [4], hold_s=0.25, wait_s=0.5) == [4]
    assert slept == [0.25, 0.5]


def test_the_lock_lets_one_in_and_is_named_by_the_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = lock_and_wait.lock_path(3)

    with lock_and_wait.locked(path), open(path) as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with lock_and_wait.locked(path), lock_and_wait.locked(lock_and_wait.lock_path(4)):
        assert sorted(os.listdir(tmp_path)) == [path.name, path.name[:-1] + "4"]


def test_a_lock_that_somebody_has_made_a_link_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="lock"), lock_and_wait.locked(tmp_path / "lock"):
        pass

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("key", ["wait", "lock-and-wait", "mixed"])
def test_a_coroutine_gives_what_the_call_gives(key, slept):
    workload = find(key)
    given = {"wait": {"seconds": 0.0}, "lock-and-wait": {"hold_s": 0, "wait_s": 0}, "mixed": {"wait_s": 0}}[key]
    parameters = workload.accept(given, 4)
    items = [workload.item_at(index, parameters) for index in range(4)]
    call = workload.prepare_coroutine("coroutine", parameters)

    async def together():
        return await asyncio.gather(*map(call, items))

    assert asyncio.run(together()) == workload.reference(parameters, items)


def test_an_unknown_coroutine_is_refused_by_name():
    with pytest.raises(InvalidInput, match="variant must be one of coroutine"):
        find("wait").prepare_coroutine("trio", None)
    with pytest.raises(InvalidInput, match="has no coroutines"):
        find("word-count").prepare_coroutine("coroutine", None)
