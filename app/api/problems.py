"""Problems as the OpenAPI document describes them."""

from marshmallow import Schema, fields


class FieldProblemSchema(Schema):
    pointer = fields.Str(metadata={"description": "JSON pointer into the request's body"})
    detail = fields.Str()


class DifferenceSchema(Schema):
    fact = fields.Str()
    a = fields.Raw(allow_none=True)
    b = fields.Raw(allow_none=True)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.Str(metadata={"description": "Path of the page that explains this kind of problem"})
    title = fields.Str()
    status = fields.Int()
    detail = fields.Str()
    request_id = fields.Str()
    errors = fields.List(fields.Nested(FieldProblemSchema))
    differences = fields.List(
        fields.Nested(DifferenceSchema), metadata={"description": "Why two sweeps can't be compared, with 409"}
    )
