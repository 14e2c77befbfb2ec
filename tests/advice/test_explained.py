"""What judges is explained: every rule has its key in bold in the method's text."""

from pathlib import Path

import pytest

from dynometer.advice import advise, diagnosis
from dynometer.advice.cause import CAUSES, Kind
from dynometer.advice.finding import RULES
from dynometer.advice.given import NAMES

TEXT = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
KEYS = [rule.key for module, rules in ((diagnosis, CAUSES), (advise, RULES)) if module for rule in rules.in_order()]


@pytest.mark.parametrize("key", KEYS)
def test_every_rule_is_explained_under_its_key(key):
    assert f"**{key}**" in TEXT


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFUSED])
def test_every_kind_of_cause_is_explained(kind):
    assert f"`{kind}`" in TEXT


def test_every_rule_says_in_its_docstring_what_it_finds():
    assert all(rule.apply.__doc__ for rules in (CAUSES, RULES) for rule in rules.in_order())


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_can_be_given_is_explained(name):
    assert f"`{name}`" in TEXT
