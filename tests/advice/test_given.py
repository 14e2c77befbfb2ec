"""What the user knows and no sweep can measure reaches the advice, or is refused."""

from dataclasses import fields

import pytest

from dynometer.advice.advise import advise
from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.facts import Facts, Observables
from dynometer.advice.given import NAMES, OF_FACTS, read_given
from dynometer.errors import InvalidInput
from tests.advice.rows import SEQUENTIAL, curve, facts, probe


def test_a_given_limit_of_the_far_side_caps_the_threads():
    waiting = facts(SEQUENTIAL, curve("threads", {1: 1.0, 2: 2.0, 4: 4.0}), seen=probe("sleep10", call_s=0.01,
                                                                                       call_cpu_s=0.00004))

    limited = read_given(["concurrency-limit=7"]).beside(waiting)

    assert advise(limited, diagnose_facts(limited))[0].workers == 7
    assert advise(waiting, diagnose_facts(waiting))[0].workers > 7


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_a_field(name):
    known = {field.name for field in fields(Facts if name in OF_FACTS else Observables)}

    assert name.replace("-", "_") in known


@pytest.mark.parametrize(("text", "said"), [
    ("colour=red", "advice asks nothing of that name"), ("nodes", "nodes must be a whole number"),
    ("nodes=0", "nodes must be"), ("nodes=nan", "nodes must be"), ("is-service=perhaps", "must be yes or no"),
    ("held-share=2", "a share above 0, at most 1"), ("wanted-rate-per-s=inf", "a number above 0"),
    ("l2-bytes=" + "9" * 5000, "l2-bytes must be"),
])
def test_what_can_not_be_is_refused_with_the_names(text, said):
    with pytest.raises(InvalidInput, match=said):
        read_given([text])
