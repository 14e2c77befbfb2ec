"""password-hash: the vectors of RFC 7914."""

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find

WORKLOAD = find("password-hash")


def hashed(*passwords, **given):
    return WORKLOAD.reference(WORKLOAD.accept({"n": 4, "r": 2, **given}, 1), passwords)


def test_the_third_vector_of_the_rfc():
    [digest] = hashed("pleaseletmein", n=16_384, r=8, p=1, salt="SodiumChloride")

    assert digest == ("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                      "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")


def test_each_password_has_a_salt_of_itself_and_the_seed():
    first, other, again = hashed("one", "two", "one")

    assert first == again != other
    assert hashed("one", seed=2) != [first]


def test_an_empty_password_is_a_password():
    assert len(hashed("")[0]) == 128


@pytest.mark.parametrize(("given", "sentence"), [
    ({"n": 1000}, "must be a power of two, such as 512"),
    ({"n": 131_072, "r": 8}, "must be at most 65,536 when r is 8, or a hash would take more than 64 MiB"),
])
def test_a_cost_that_does_not_work_is_refused(given, sentence):
    with pytest.raises(InvalidInput) as refusal:
        WORKLOAD.accept(given, 1)

    assert refusal.value.fields == {"n": sentence}


def test_the_largest_memory_allowed_is_really_available():
    [digest] = hashed("x", n=262_144, r=2)  # 128 x 262,144 x 2 bytes = 64 MiB

    assert len(digest) == 128
