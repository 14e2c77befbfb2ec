"""Row 2: a faster single core beats many slow ones."""

from dynometer.advice.cause import Diagnosis
from dynometer.advice.facts import Facts
from dynometer.advice.finding import RULES, Finding, GainSource, Severity
from dynometer.advice.options import EVENT_LOOPS, SINGLE, Option, is_clearly_above, leading, measured
from dynometer.wording import gain, times


@RULES(2)
def faster_variant(facts: Facts, diagnosis: Diagnosis) -> Finding | None:
    """A vectorised or compiled variant on one core is not beaten by any number of workers of the plain one."""
    options = [one for one in measured(facts) if one.model not in ("cluster", *EVENT_LOOPS)]
    base = facts.base_variant
    single = leading(one for one in options if one.variant != base and (one.model in SINGLE or one.workers == 1))
    plain = leading(one for one in options if one.variant == base)
    baseline = leading(one for one in options if one.variant == base and one.model == "sequential")
    if single is None or plain is None or is_clearly_above(plain, single):
        return None
    if not is_clearly_above(single, baseline or plain):
        return None
    combined = leading(one for one in options if one.variant == single.variant)
    then = "Spread it over workers only if one core is not enough."
    if combined and is_clearly_above(combined, single) and combined.gain:
        then = f"Then spread it: {combined.model} with {combined.workers} reached {gain(combined.gain)}."
    return Finding(
        Severity.ADVICE,
        f"On one core {single.variant} does {_of(single)} of sequential {base or 'code'}; the best of"
        f" {base or 'the plain variant'} is {plain.model} with {plain.workers}, {_of(plain)}.",
        f"Use the {single.variant} variant. {then}",
        "An item so small that its calls cost more than its loop.",
        gain=single.gain,
        gain_source=GainSource.MEASURED if single.gain else None,
        model=single.model,
        variant=single.variant,
        workers=1,
    )


def _of(option: Option) -> str:
    if option.gain:
        return times(option.gain.value)
    return f"{option.throughput_per_s.value:,.3g} items/s" if option.throughput_per_s else "an unknown rate"
