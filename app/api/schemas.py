"""What the API takes and gives, as the OpenAPI document says it."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.misfits import misfits
from dynometer.errors import NotFound
from dynometer.workloads import find
from tasks.jobs import MAX_CHUNK_ITEMS, MAX_WORKERS, JobRequest

TEXT = validate.Regexp(r"^[^\x00-\x1f\x7f]*$", error="must not hold control characters")
ROW_ID = validate.Range(1, 2**63 - 1, error="must be an id that was given out here")


def about(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, **more}


def between(low: int, high: int) -> validate.Range:
    return validate.Range(low, high, error=f"must be from {low:,} to {high:,}")


def chars(low: int, high: int) -> validate.Length:
    return validate.Length(low, high, error=f"must have {low:,} to {high:,} characters")


class Whole(fields.Integer):
    """An integer as JSON Schema has it: 3 and 3.0, not "3" and not true."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class ParameterSchema(Schema):
    name = fields.Str()
    type = fields.Str(validate=validate.OneOf(["int", "float", "str"]))
    default = fields.Raw()
    help = fields.Str()
    unit = fields.Str()
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    choices = fields.List(fields.Str())
    only_generated = fields.Bool(metadata=about("Does nothing for items of your own"))


class WorkloadSchema(Schema):
    key = fields.Str()
    title = fields.Str()
    description = fields.Str()
    teaches = fields.Str()
    parameters = fields.List(fields.Nested(ParameterSchema))
    variants = fields.List(fields.Str(), metadata=about("The first is the default"))
    default_items = fields.Int()
    max_items = fields.Int()
    item_help = fields.Str()
    takes_items = fields.Bool()
    combines = fields.Bool()
    paints = fields.Bool()


class JobRequestSchema(Schema):
    """At most one of `items`, `inputs` and `upload_id`."""

    workload = fields.Str(required=True, metadata={"examples": ["random-sum"]})
    # The bounds are documented here and judged in app/misfits.py: they depend on the workload, or read better there
    items = Whole(metadata=about("How many items to generate", minimum=1, maximum=2**53))
    parameters = fields.Dict(keys=fields.Str(), values=fields.Raw(allow_none=True))
    variant = fields.Str()
    max_workers = Whole(metadata=about("Worker processes at once", minimum=1, maximum=MAX_WORKERS))
    inputs = fields.List(fields.Raw(allow_none=True), metadata=about("Your own items"))
    upload_id = Whole(validate=ROW_ID, metadata=about("Your own items, uploaded before"))
    chunk_items = Whole(metadata=about("A fixed chunk size, for measurements", minimum=1, maximum=MAX_CHUNK_ITEMS))

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def fits_its_workload(self, data: dict[str, Any], original: Any, **kwargs: Any) -> None:
        """Beside what can't be read, so that one answer names everything that is wrong."""
        if wrong := misfits_in(data, unread=set(original) - set(data) if isinstance(original, dict) else set()):
            raise ValidationError(nested(wrong))


def misfits_in(data: dict[str, Any], unread: set[str]) -> dict[str, str]:
    """What does not fit of the fields that could be read."""
    if "workload" not in data:  # then its bounds are not known
        return {"items": "must be at least 1"} if data.get("items", 1) < 1 else {}
    try:
        return misfits(find(data["workload"]), JobRequest(**data), unread)
    except NotFound as error:  # alone it is answered by 404
        return {"workload": f"is not known: {error} {error.hint}".strip()} if unread else {}


def nested(wrong: dict[str, str]) -> dict[str, Any]:
    """`wrong` as marshmallow writes it: what is named parameters.x below parameters."""
    messages: dict[str, Any] = {}
    for name, words in wrong.items():
        above, dot, below = name.partition(".")
        if dot:
            messages.setdefault(above, {})[below] = [words]
        else:
            messages[name] = [words]
    return messages


class KeySchema(Schema):
    idempotency_key = fields.Str(
        data_key="Idempotency-Key",
        validate=[chars(1, 200), TEXT],
        metadata=about("The same key and body get the same answer for a day; another body gets 422"),
    )


class IntervalSchema(Schema):
    low_s = fields.Float()
    high_s = fields.Float()


class ShareSchema(Schema):
    node = fields.Str()
    items_done = fields.Int()
    chunks_done = fields.Int()
    busy_s = fields.Float()


class JobSchema(Schema):
    id = fields.Int()
    state = fields.Str(validate=validate.OneOf(["queued", "running", "succeeded", "partial", "failed", "cancelled"]))
    workload = fields.Str()
    variant = fields.Str()
    parameters = fields.Dict(keys=fields.Str(), values=fields.Raw())
    max_workers = fields.Int(allow_none=True)
    items_total = fields.Int()
    items_done = fields.Int(metadata=about("With or without a value"))
    items_failed = fields.Int()
    created_at = fields.DateTime()
    started_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)
    failure = fields.Str(allow_none=True, metadata=about("Why it did not succeed, in one sentence"))


class JobDetailSchema(JobSchema):
    throughput_per_s = fields.Float(
        allow_none=True, metadata=about("Items per second: over the last 10 s while running, else over all")
    )
    eta_s = fields.Nested(IntervalSchema, allow_none=True, metadata=about("Seconds left"))
    elapsed_s = fields.Float()
    result = fields.Raw(allow_none=True, metadata=about("The combined value, as far as it is"))
    result_sentence = fields.Str(allow_none=True)
    chunks = fields.Dict(keys=fields.Str(), values=fields.Int())
    nodes = fields.List(fields.Nested(ShareSchema))


class PageSchema(Schema):
    limit = fields.Int(validate=between(1, 200), load_default=50)
    cursor = fields.Int(validate=ROW_ID, metadata=about("From the Link header of the page before"))


class ResultsQuerySchema(Schema):
    format = fields.Str(validate=validate.OneOf(["ndjson", "csv"]))
    is_partial = fields.Bool(data_key="partial", load_default=False, metadata=about("Also of a job that is not over"))


class SeriesQuerySchema(Schema):
    since = fields.Str(load_default="", validate=[chars(0, 40), TEXT], metadata=about("The cursor of the last answer"))


class SeriesSchema(Schema):
    """Items per second in bins of time; an answer replaces all bins from `first_bin` on."""

    bin_s = fields.Float(metadata=about("Grows with the job, so that there are never more than 120 bins"))
    first_bin = fields.Int(metadata=about("0 when the width has changed since"))
    ends_s = fields.Float(metadata=about("Where the last bin ends, in seconds since the start"))
    nodes = fields.List(fields.Str(), metadata=about("Of more than six nodes only their sum, under one name"))
    rates_per_s = fields.List(fields.List(fields.Float()), metadata=about("A list per bin, a rate per node"))
    cursor = fields.Str()
    is_final = fields.Bool()


class UploadQuerySchema(Schema):
    workload = fields.Str(required=True)
    name = fields.Str(load_default="items.txt", validate=[chars(1, 200), TEXT])


class UploadSchema(Schema):
    id = fields.Int()
    items = fields.Int()
    name = fields.Str()
    workload = fields.Str()


class NodeSchema(Schema):
    name = fields.Str()
    role = fields.Str(validate=validate.OneOf(["web", "worker"]))
    state = fields.Str()
    host = fields.Str()
    slots = fields.Int()
    cpus_usable = fields.Float()
    memory_bytes = fields.Int()
    versions = fields.Dict(keys=fields.Str(), values=fields.Raw())
    joined_at = fields.DateTime()
    seen_at = fields.DateTime()


def moments(**epoch_s: float | None) -> dict[str, Any]:
    """Times of the database as marshmallow dumps them."""
    return {name: None if at is None else datetime.fromtimestamp(at, UTC) for name, at in epoch_s.items()}
