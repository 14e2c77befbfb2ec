"""Parameters: what arrives from forms, JSON and command lines, and what is made of it."""

from dataclasses import dataclass

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads.parameters import MOST_ERRORS, declared, param, read_parameters


@dataclass(frozen=True)
class Sample:
    count: int = param(10, "How many.", unit="pieces", low=1, high=2**63 - 1)
    share: float = param(0.5, "Which part.", low=-1.0, high=1.0)
    free: float = param(0.0, "Any number.")
    name: str = param("", "A name.")
    colour: str = param("red", "A colour.", choices=("red", "green"))


def refused(**given):
    with pytest.raises(InvalidInput) as refusal:
        read_parameters(Sample, given)
    return refusal.value


def test_a_declaration_keeps_its_order_type_and_unit():
    first, *others = declared(Sample)

    assert (first.name, first.type, first.default, first.unit) == ("count", int, 10, "pieces")
    assert [parameter.type for parameter in others] == [float, float, str, str]


def test_what_is_not_given_takes_its_default():
    assert read_parameters(Sample, {}) == Sample(count=10, share=0.5, free=0.0, name="", colour="red")


@pytest.mark.parametrize(("given", "expected"), [
    (7, 7), ("7", 7), (" 7 ", 7), ("1_000", 1000), (7.0, 7), (2**63 - 1, 2**63 - 1), (str(2**63 - 1), 2**63 - 1),
])
def test_whole_numbers_are_read_from_json_and_forms(given, expected):
    count = read_parameters(Sample, {"count": given}).count

    assert count == expected
    assert type(count) is int


@pytest.mark.parametrize(("given", "expected"), [(1, 1.0), ("-0.25", -0.25), ("1e-3", 0.001), (0.5, 0.5)])
def test_numbers_are_read_from_json_and_forms(given, expected):
    share = read_parameters(Sample, {"share": given}).share

    assert share == expected
    assert type(share) is float


@pytest.mark.parametrize("given", [-0.0, "-0", "-0.0"])
def test_minus_zero_is_written_as_zero(given):
    assert str(read_parameters(Sample, {"share": given}).share) == "0.0"


@pytest.mark.parametrize(("given", "sentence"), [
    (True, "must be a whole number, got true or false"),
    (None, "must be a whole number, got nothing"),
    ([1], "must be a whole number, got a list"),
    ({"a": 1}, "must be a whole number, got an object"),
    (1.5, "must be a whole number, got 1.5"),
    ("1.5", "must be a whole number"),
    ("", "must be a whole number"),
    ("ten", "must be a whole number"),
    (float("nan"), "must be a whole number, got nan"),
    (float("inf"), "must be a whole number, got inf"),
    ("9" * 100_000, "must be a whole number of at most 40 characters"),
    ("٣", "must be a whole number in the digits 0 to 9"),
    (0, "must be at least 1, got 0"),
    (2**63, "must be at most 9,223,372,036,854,775,807, got 9,223,372,036,854,775,808"),
    (10**400, "must be at most 9,223,372,036,854,775,807, got more than 10^30"),
    (-(10**4000), "must be at least 1, got less than -10^30"),
    (1e308, "must be at most 9,223,372,036,854,775,807, got more than 10^30"),
])
def test_a_wrong_whole_number_is_refused_with_its_reason(given, sentence):
    assert refused(count=given).fields == {"count": sentence}


@pytest.mark.parametrize(("given", "sentence"), [
    (False, "must be a number, got true or false"),
    ("nan", "must be a number, got nan"),
    ("-inf", "must be a number, got -inf"),
    ("1e999", "must be a number, got inf"),
    ("0x10", "must be a number"),
    (10**400, "must be between -1e300 and 1e300, got more than 10^30"),
    (1.5, "must be at most 1, got 1.5"),
    (-2, "must be at least -1, got -2"),
])
def test_a_wrong_number_is_refused_with_its_reason(given, sentence):
    assert refused(share=given).fields == {"share": sentence}


def test_a_number_without_bounds_still_has_a_size():
    assert "1e300" in refused(free="1e305").fields["free"]


@pytest.mark.parametrize(("given", "sentence"), [
    (1, "must be text, got a number"),
    (None, "must be text, got nothing"),
    ("x" * 1001, "must be at most 1,000 characters, got 1,001"),
    ("a\0b", "must not hold NUL or half of a surrogate pair"),
    ("\udcff", "must not hold NUL or half of a surrogate pair"),
])
def test_text_that_no_database_keeps_is_refused(given, sentence):
    assert refused(name=given).fields == {"name": sentence}


def test_a_choice_names_the_others():
    assert refused(colour="blue").fields == {"colour": "must be one of red, green"}


def test_all_wrong_fields_are_named_at_once():
    refusal = refused(count=0, share="x", size=3)

    assert refusal.fields.keys() == {"count", "share", "size"}
    assert "size is not a parameter; there are count, share, free, name, colour" in str(refusal)


def test_strange_names_are_repeated_short_and_printable():
    refusal = refused(**{"x" * 1_000_000: 1, "new\nline": 1, "\ud800": 1})

    assert refusal.fields.keys() == {"x" * 40, "new?line", "?"}
    str(refusal).encode()


def test_a_flood_of_wrong_names_gets_a_short_answer():
    refusal = refused(**{f"name{number}": 1 for number in range(10_000)})

    assert len(refusal.fields) == MOST_ERRORS


@pytest.mark.parametrize("given", [None, [], "count=3", 7])
def test_parameters_that_are_no_object_are_refused(given):
    with pytest.raises(InvalidInput, match="must be an object of names and values"):
        read_parameters(Sample, given)
