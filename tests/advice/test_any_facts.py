"""Whatever a sweep leaves, advice and verdict are there, and never point to what can't be had."""

from dataclasses import fields

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynometer.advice.advise import advise
from dynometer.advice.cause import Kind
from dynometer.advice.diagnosis import diagnose_facts
from dynometer.advice.facts import Curve, CurvePoint, Facts, Observables
from dynometer.advice.prediction import outcomes, predictions
from dynometer.advice.verdict import verdict
from dynometer.analysis.choice import Choice, Coefficients
from dynometer.estimate import Estimate
from dynometer.measure.trial import Point, Setback, Standing

MODELS = [
    "sequential",
    "threads",
    "daemon-threads",
    "processes-manager",
    "pool",
    "process-executor",
    "event-loop",
    "event-loop-threads",
    "vectorised",
    "native",
    "interpreters",
    "daemons",
    "cluster",
    "simulated",
    "other",
]
VARIANTS = ["python", "numpy"]
anything = st.floats(allow_nan=True, allow_infinity=True)
usual = st.floats(0.0, 8.0)
numbers = st.one_of(usual, anything)
counts = st.integers(1, 64)
estimates = st.one_of(
    st.builds(Estimate, numbers, numbers, numbers),
    st.floats(0.1, 50.0).map(lambda value: Estimate(value, value * 0.97, value * 1.03)),
)
points = st.builds(
    CurvePoint,
    counts,
    estimates,
    st.none() | estimates,
    st.sampled_from(["A", "A", "B", "C", "invalid"]),
    numbers,
    st.none() | st.integers(0, 10**10),
)
laws = st.builds(
    Choice,
    st.sampled_from(["usl", "amdahl", "roofline", "none"]),
    st.just("Because."),
    st.none() | st.builds(Coefficients, estimates, st.none() | estimates, st.none() | estimates),
    st.none() | estimates,
    st.none() | numbers,
)
curves = st.builds(
    Curve,
    st.sampled_from(MODELS),
    st.sampled_from(VARIANTS),
    st.lists(points, max_size=4, unique_by=lambda one: one.workers).map(
        lambda some: tuple(sorted(some, key=lambda one: one.workers))
    ),
    st.none() | laws,
)
COUNTED = {"chunk", "library_threads", "library_workers", "working_set_bytes", "l2_bytes"}
observables = st.builds(
    Observables,
    **{
        each.name: st.booleans()
        if each.name == "throttled"
        else st.integers(0, 100)
        if each.name == "library_workers"
        else st.none() | (st.integers(-1, 100) if each.name in COUNTED else numbers)
        for each in fields(Observables)
    },
)
setbacks = st.builds(
    Setback,
    st.builds(Point, st.sampled_from(MODELS), st.sampled_from(VARIANTS), counts),
    st.sampled_from(list(Standing)),
    st.just("It did."),
)
any_facts = st.builds(
    Facts,
    workload=st.just("made-up"),
    cpus_usable=numbers,
    observables=observables,
    curves=st.lists(curves, max_size=5, unique_by=lambda one: (one.model, one.variant)).map(tuple),
    item_count=st.integers(0, 10**9),
    is_free_threaded=st.booleans(),
    python=st.sampled_from(["3.11.7", "3.14.0", "?"]),
    available_models=st.frozensets(st.sampled_from(MODELS)),
    unavailable=st.dictionaries(st.sampled_from(MODELS), st.just("It is not there."), max_size=4),
    setbacks=st.lists(setbacks, max_size=4).map(tuple),
    nodes=st.integers(1, 4),
    memory_bytes=st.none() | st.integers(0, 10**11),
    concurrency_limit=st.none() | st.integers(1, 500),
    wanted_rate_per_s=st.none() | numbers,
    workers_in_use=st.none() | counts,
    is_service=st.booleans(),
    shared_operations_per_s=st.none() | numbers,
    unsafe_extensions=st.just(()) | st.just(("somepackage",)),
)
patient = settings(
    max_examples=80,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@patient
@given(any_facts)
def test_advice_is_there_and_never_points_to_what_cannot_be_had(facts):
    barred = {(one.point.model, one.point.variant) for one in facts.setbacks if one.standing is not Standing.FAILED}

    findings = advise(facts, diagnose_facts(facts))

    assert findings
    assert all(one.key and one.would_change for one in findings)
    assert all(one.gain is None or one.gain.low <= one.gain.value <= one.gain.high for one in findings)
    assert not {one.model for one in findings} & facts.unavailable.keys()
    assert not {(one.model, one.variant) for one in findings} & barred


@patient
@given(any_facts)
def test_a_cause_stands_on_two_signals_and_the_verdict_is_one_line_of_sentences(facts):
    diagnosis = diagnose_facts(facts)

    text = verdict(facts, diagnosis)

    causes = (diagnosis, *diagnosis.also)
    assert all(one.kind in (Kind.UNDETERMINED, Kind.REFUSED) or len(one.agreeing) >= 2 for one in causes)
    assert text.endswith(".")
    assert "\n" not in text
    assert "  " not in text
    assert "nan" not in text


@patient
@given(any_facts, any_facts)
def test_predictions_can_be_held_against_any_later_sweep(facts, later):
    made = predictions(advise(facts, diagnose_facts(facts)))

    assert len(outcomes(made, later)) <= len(made)
