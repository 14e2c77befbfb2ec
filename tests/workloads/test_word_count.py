"""word-count: words by hand."""

import pytest

from dynometer.errors import InvalidInput
from dynometer.workloads import find
from dynometer.workloads.word_count import Tally

WORKLOAD = find("word-count")


def counted(*lines):
    return WORKLOAD.reference(WORKLOAD.accept({}, 1), lines)


@pytest.mark.parametrize(("line", "words"), [
    ("", {}),
    ("  ... -- '' !", {}),
    ("the cat, the dog", {"the": 2, "cat": 1, "dog": 1}),
    ("The THE the", {"the": 3}),
    ("don't don\u2019t 'quoted'", {"don't": 2, "quoted": 1}),
    ("well-known snake_case a.b", {"well": 1, "known": 1, "snake": 1, "case": 1, "a": 1, "b": 1}),
    ("Straße STRASSE", {"strasse": 2}),
    ("caf\u00e9 cafe\u0301", {"caf\u00e9": 2}),  # one letter, or a letter and its accent
    ("नमस्ते", {"नमस्ते": 1}),  # marks belong to their letters
    ("tab\tline\x0bfeed 42 4.2", {"tab": 1, "line": 1, "feed": 1, "42": 1, "4": 1, "2": 1}),
    ("\U00010437 😀 \U0001040f", {"\U00010437": 2}),
])
def test_words_of_a_line(line, words):
    assert counted(line) == [words]


def test_the_fifty_commonest_come_first_and_ties_by_the_alphabet():
    line = " ".join(["z z z", *(f"w{number:02}" for number in range(99, -1, -1))])

    value = Tally().value(Tally().partial(counted(line)))

    assert (value["total_words"], value["distinct_words"]) == (103, 101)
    assert value["top"][:3] == [["z", 3], ["w00", 1], ["w01", 1]]
    assert len(value["top"]) == 50


def test_lines_without_words_combine_into_a_sentence():
    fold = Tally()

    assert fold.sentence(fold.value(fold.partial(counted("", "...")))) == "0 words, 0 of them different."


def test_a_generated_line_has_the_words_asked_for():
    parameters = WORKLOAD.accept({"words_per_line": 37}, 1)

    line = WORKLOAD.item_at(5, parameters)

    assert sum(counted(line)[0].values()) == 37
    assert line == WORKLOAD.item_at(5, parameters) != WORKLOAD.item_at(6, parameters)


def test_a_generated_line_of_any_length_could_have_been_sent():
    longest = WORKLOAD.item_at(0, WORKLOAD.accept({"words_per_line": 5_000}, 1))

    assert WORKLOAD.read_item(longest) == longest


def test_a_line_is_limited_in_bytes_not_in_characters():
    assert WORKLOAD.read_item("é" * 32_768)

    with pytest.raises(InvalidInput, match="at most 65,536 bytes"):
        WORKLOAD.read_item("é" * 32_769)
