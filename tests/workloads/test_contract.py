"""What holds for every workload: a new one is tested by being listed."""

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynometer.errors import InvalidInput
from dynometer.workloads import all_workloads, describe, find
from dynometer.workloads.parameters import declared
from dynometer.workloads.picture import paint

SMALL = {  # parameters that make an item cheap; a workload that is not named is tested with its defaults
    "random-sum": {"numbers": 50},
    "mandelbrot": {"width": 32, "height": 24, "max_iterations": 30},
    "option-price": {"paths_per_item": 40},
    "factorise": {"hard_bits": 24, "hard_percent": 50},
    "word-count": {"words_per_line": 12},
    "password-hash": {"n": 4, "r": 2},
    "wait": {"seconds": 0.5},
    "json-round-trip": {"rows": 3},
    "matrix-product": {"size": 5},
    "key-derivation": {"rounds": 2},
    "compression": {"kilobytes": 2},
    "memory-bandwidth": {"megabytes": 1},
    "mixed": {"numbers": 10},
}
ITEMS = 12
KEYS = list(all_workloads())
VARIANTS = [(key, variant) for key, workload in all_workloads().items() for variant in workload.variants]
COMBINING = [key for key, workload in all_workloads().items() if workload.combine]
TAKING_ITEMS = [key for key, workload in all_workloads().items() if workload.read_item]
JUNK = [None, True, [], {}, [1], {"a": 1}, float("nan"), float("inf"), -1, 10**400, "\ud800", "nul\0", "x" * 70_000]

pytestmark = pytest.mark.usefixtures("slept")


@cache
def values(key, variant=None):
    workload = find(key)
    parameters = workload.accept(SMALL.get(key, {}), ITEMS)
    return workload.reference(parameters, [workload.item_at(index, parameters) for index in range(ITEMS)], variant)


def combined(key, partials):
    return find(key).combine.value(partials)


@pytest.mark.parametrize(("key", "variant"), VARIANTS)
def test_the_known_answer_comes_out(key, variant):
    workload = find(key)

    answer = workload.known_value(variant)

    assert workload.known_answer.agrees(answer), f"{answer} instead of {workload.known_answer.value}"


@pytest.mark.parametrize(("key", "variant"), VARIANTS)
def test_variants_give_equal_values(key, variant):
    assert values(key, variant) == values(key)


@pytest.mark.parametrize("key", KEYS)
def test_an_item_has_one_value_whatever_ran_before_it(key):
    workload = find(key)
    parameters = workload.accept(SMALL.get(key, {}), ITEMS)
    backwards = [workload.item_at(index, parameters) for index in reversed(range(ITEMS))]

    found = workload.reference(parameters, backwards)

    assert found[::-1] == values(key)


@pytest.mark.parametrize("key", KEYS)
def test_items_and_values_survive_json(key):
    workload = find(key)
    parameters = workload.accept(SMALL.get(key, {}), ITEMS)
    items = [workload.item_at(index, parameters) for index in range(ITEMS)]

    assert json.loads(json.dumps(items, allow_nan=False)) == items
    assert json.loads(json.dumps(values(key), allow_nan=False)) == values(key)


@pytest.mark.parametrize("key", COMBINING)
@settings(max_examples=20, deadline=None, database=None)
@given(data=st.data())
def test_any_split_and_any_order_of_merging_combine_alike(key, data):
    fold = find(key).combine
    shuffled = data.draw(st.permutations(values(key)))
    cuts = sorted(data.draw(st.sets(st.integers(1, ITEMS - 1))))
    chunks = [shuffled[start:stop] for start, stop in zip([0, *cuts], [*cuts, ITEMS], strict=True)]
    partials = [json.loads(json.dumps(fold.partial(chunk), allow_nan=False)) for chunk in chunks]

    while len(partials) > 1:
        left = partials.pop(data.draw(st.integers(0, len(partials) - 1)))
        right = partials.pop(data.draw(st.integers(0, len(partials) - 1)))
        partials.append(json.loads(json.dumps(fold.merge(left, right), allow_nan=False)))

    assert fold.value(partials[0]) == fold.value(fold.partial(values(key)))


@pytest.mark.parametrize("key", COMBINING)
def test_the_combined_value_is_json_and_one_line_of_words(key):
    fold = find(key).combine
    value = fold.value(fold.partial(values(key)))

    sentence = fold.sentence(value)

    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("key", KEYS)
def test_every_bound_is_kept_and_named(key):
    workload = find(key)
    bounded = [parameter for parameter in declared(workload.parameters) if parameter.type is not str]

    for parameter in bounded:
        for wrong, word in ((parameter.low - 1, "at least"), (parameter.high + 1, "at most")):
            with pytest.raises(InvalidInput) as refusal:
                workload.accept({parameter.name: wrong}, ITEMS)

            assert word in refusal.value.fields[parameter.name]


@pytest.mark.parametrize("key", KEYS)
def test_every_parameter_has_help_and_numbers_have_bounds(key):
    for parameter in declared(find(key).parameters):
        assert parameter.help.endswith(".")
        assert parameter.type is str or None not in (parameter.low, parameter.high)


@pytest.mark.parametrize("key", KEYS)
def test_defaults_are_accepted_and_accepted_parameters_are_accepted_again(key):
    workload = find(key)
    once = workload.accept({}, workload.default_items)

    again = workload.accept(vars(once), workload.default_items)

    assert again == once


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("items", [0, -1, 10**13, True, 1.0, None])
def test_a_wrong_number_of_items_is_refused(key, items):
    with pytest.raises(InvalidInput) as refusal:
        find(key).accept({}, items)

    assert "items" in refusal.value.fields


@pytest.mark.parametrize("key", KEYS)
def test_an_unknown_variant_is_refused_by_name(key):
    with pytest.raises(InvalidInput, match=r"must be one of (python|numpy)") as refusal:
        find(key).prepare("cobol", None)

    assert "variant" in refusal.value.fields


@pytest.mark.parametrize("key", TAKING_ITEMS)
def test_a_users_item_passes_through_text_and_json_alike(key):
    workload = find(key)
    parameters = workload.accept(SMALL.get(key, {}), ITEMS)

    for index in range(ITEMS):
        item = workload.item_at(index, parameters)

        assert workload.read_item(item) == item
        assert workload.read_item(str(item)) == item


@pytest.mark.parametrize("key", TAKING_ITEMS)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:12])
def test_junk_is_refused_in_one_sentence(key, junk):
    with pytest.raises(InvalidInput, match=r"^must [^\n]{1,80}$"):
        find(key).read_item(junk)


@pytest.mark.parametrize("key", KEYS)
def test_a_description_is_json_that_names_every_parameter(key):
    workload = find(key)

    told = json.loads(json.dumps(describe(workload), allow_nan=False))

    assert [parameter["name"] for parameter in told["parameters"]] == [p.name for p in declared(workload.parameters)]
    assert told["variants"] == list(workload.variants)


@pytest.mark.parametrize("key", [key for key in KEYS if find(key).picture])
def test_a_picture_is_painted_from_values(key):
    workload = find(key)
    size = workload.picture.size(workload.accept(SMALL.get(key, {}), ITEMS))

    png = paint(size, workload.picture.palette, map(workload.picture.tile, values(key)))

    assert png.startswith(b"\x89PNG")
    assert len(workload.picture.palette) == 3 * 256
