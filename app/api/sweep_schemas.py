"""What the API takes and gives of sweeps."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.api.schemas import ROW_ID, TEXT, PageSchema, Whole, about, chars
from dynometer.measure.planning import MOST_WORKERS
from store.sweep_models import Origin, Phase, SweepState
from tasks.sweeps import LEAST_BUDGET_S, MAX_INPUTS, MAX_NAME

KEYS = fields.Str(validate=[chars(1, 100), TEXT])
MOST_NAMED = 200  # models, variants, worker counts, facts of one request


def some(inner: fields.Field[Any], description: str) -> fields.List:
    length = validate.Length(1, MOST_NAMED, error=f"must be a list of 1 to {MOST_NAMED}")
    return fields.List(inner, validate=length, metadata=about(description))


class SweepRequestSchema(Schema):
    """What is left out takes a default that suits the workload and the fleet."""

    workload = fields.Str(required=True, metadata={"examples": ["random-sum"]})
    name = fields.Str(metadata=about("What people call it", maxLength=MAX_NAME))
    parameters = fields.Dict(keys=fields.Str(), values=fields.Raw(allow_none=True))
    # Bounds that depend on the workload or the installation are documented here and judged in tasks/sweeps.py
    items = Whole(metadata=about("Items of the job in mind", minimum=1, maximum=2**53))
    inputs = fields.List(fields.Raw(allow_none=True), metadata=about("Your own items", maxItems=MAX_INPUTS))
    variants = some(KEYS, "Implementations, for every model; else for each model the first that it can run")
    models = some(KEYS, "Execution models; `cluster` measures jobs on the whole fleet")
    workers = some(Whole(metadata=about("", minimum=1, maximum=MOST_WORKERS)), "Worker counts")
    budget_s = fields.Float(metadata=about("Time after which points keep what they have", minimum=LEAST_BUDGET_S))
    item_limit_s = fields.Float(metadata=about("An item that takes longer fails its point"))
    precision = fields.Float(metadata=about("Enough when a point's 95 % interval is within plus or minus this share"))
    seed = Whole(metadata=about("Of the order of blocks; drawn and recorded when left out"))
    library_threads = Whole(metadata=about("BLAS and OpenMP threads per worker"))


class SweepListSchema(PageSchema):
    state = fields.Enum(SweepState, by_value=True)
    workload = fields.Str(validate=[chars(1, 200), TEXT])


class BoundsSchema(Schema):
    value = fields.Float()
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True, metadata=about("null when a single window leaves it open"))


class BestSchema(Schema):
    model = fields.Str()
    workers = fields.Int()
    speedup = fields.Nested(BoundsSchema)


class SweepSchema(Schema):
    id = fields.Int()
    name = fields.Str()
    workload = fields.Str()
    origin = fields.Str(validate=validate.OneOf(list(Origin)))
    state = fields.Str(validate=validate.OneOf(list(SweepState)))
    phase = fields.Str(validate=validate.OneOf(list(Phase)), metadata=about("What it does while it is not over"))
    models = fields.List(fields.Str())
    windows = fields.Int(metadata=about("That count"))
    best = fields.Nested(BestSchema, allow_none=True, metadata=about("Once it has ended"))
    verdict = fields.Str(allow_none=True, metadata=about("The report's, once it has ended"))
    ending = fields.Str(allow_none=True, metadata=about("Why it ended as it did, in one sentence"))
    created_at = fields.DateTime()
    started_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)


class SweepProgressSchema(Schema):
    """Counted, never timed."""

    windows = fields.Int(metadata=about("That count"))
    windows_rejected = fields.Int()
    windows_expected = fields.Int(metadata=about("At the end, as far as that can be told now"))
    points_done = fields.Int()
    points_total = fields.Int()
    spent_s = fields.Float(metadata=about("Of the budget"))
    budget_s = fields.Float()
    left_low_s = fields.Float(allow_none=True, metadata=about("null while it can't be told, and once it is over"))
    left_high_s = fields.Float(allow_none=True)


class SweepDetailSchema(SweepSchema):
    parameters = fields.Dict(keys=fields.Str(), values=fields.Raw())
    progress = fields.Nested(SweepProgressSchema)
    node = fields.Str(allow_none=True, metadata=about("That measures, or measured"))
    remarks = fields.List(fields.Raw(), metadata=about("Sentences: what happened to it on its way"))
    report = fields.Dict(
        keys=fields.Str(), values=fields.Raw(allow_none=True), allow_none=True,
        metadata=about(
            "As `python -m dynometer report --json` and the JSON export say it: points, fits, diagnosis, findings, "
            "environment, trials. null before a node has begun, and with `report=false`"
        ),
    )  # fmt: skip


class ShownSchema(Schema):
    report = fields.Bool(load_default=True, metadata=about("false: without the report, for polling"))


class FeedQuerySchema(Schema):
    since = fields.Str(load_default="", validate=[chars(0, 40), TEXT], metadata=about("The cursor of the last answer"))


class SweepEventSchema(Schema):
    number = fields.Int()
    at = fields.DateTime()
    kind = fields.Str(validate=validate.OneOf(["trial", "setback", "probe", "ended"]))
    event = fields.Dict(keys=fields.Str(), values=fields.Raw(allow_none=True), metadata=about("The instrument's own"))


class FeedSchema(Schema):
    """Events in order; at most 500 at once."""

    is_anew = fields.Bool(metadata=about("The curves began again since: these replace all that you have"))
    events = fields.List(fields.Nested(SweepEventSchema))
    cursor = fields.Str()
    has_more = fields.Bool(metadata=about("Ask again at once"))
    is_final = fields.Bool(metadata=about("There will be no more"))


class ImportQuerySchema(Schema):
    name = fields.Str(load_default="", validate=[chars(0, MAX_NAME), TEXT], metadata=about("What people call it"))


class LinkSchema(Schema):
    slug = fields.Str()
    url = fields.Str(metadata=about("Opens the report, without an account"))
    created_at = fields.DateTime()


class ComparisonRequestSchema(Schema):
    a = Whole(required=True, validate=ROW_ID, metadata=about("The sweep that B is set against"))
    b = Whole(required=True, validate=ROW_ID)
    across = some(KEYS, "Facts that may differ, because they are what you study, e.g. `python` or `versions`")


class ComparisonSchema(Schema):
    """As `python -m dynometer compare --json` says it."""

    comparison_format = fields.Int()
    verdict = fields.Str(validate=validate.OneOf(["different", "no evidence", "nothing in common"]))
    sentence = fields.Str()
    points = fields.List(fields.Dict())
    only_in_a = fields.List(fields.Dict())
    only_in_b = fields.List(fields.Dict())
    differences = fields.List(fields.Dict(), metadata=about("Facts in which they differ, by your leave"))
    predictions = fields.List(fields.Dict(), metadata=about("What the advice on A foretold of B: right or wrong"))
    gates = fields.List(fields.Dict())
