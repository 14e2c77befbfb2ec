"""What the API takes and gives of people's affairs: audit entries, invitations, tokens."""

from marshmallow import Schema, fields, validate

from app.api.schemas import TEXT, PageSchema, Whole, about, between, chars


class AuditQuerySchema(PageSchema):
    who = fields.Str(validate=[chars(0, 320), TEXT], metadata=about("Part of an address"))
    action = fields.Str(validate=[chars(0, 100), TEXT])
    since = fields.AwareDateTime(metadata=about("From here on"))
    until = fields.AwareDateTime(metadata=about("Before this"))


class AuditEntrySchema(Schema):
    id = fields.Int()
    at = fields.Str(metadata=about("RFC 3339 in UTC"))
    actor_id = fields.Int(allow_none=True)
    actor = fields.Str(metadata=about("The address at that time; empty for nobody signed in"))
    action = fields.Str()
    subject = fields.Str()
    outcome = fields.Str(validate=validate.OneOf(["done", "refused"]))
    address = fields.Str()
    request_id = fields.Str()
    detail = fields.Raw(allow_none=True)


class InvitationRequestSchema(Schema):
    role = fields.Str(required=True, validate=validate.OneOf(["viewer", "runner", "operator", "admin"]))
    note = fields.Str(load_default="", validate=[chars(0, 200), TEXT], metadata=about("For whom"))


class InvitationSchema(Schema):
    id = fields.Int()
    role = fields.Str()
    note = fields.Str()
    state = fields.Str(validate=validate.OneOf(["open", "used", "revoked", "expired"]))
    inviter = fields.Str()
    used_by = fields.Str(allow_none=True)
    created_at = fields.DateTime()
    expires_at = fields.DateTime()


class NewInvitationSchema(InvitationSchema):
    link = fields.Str(metadata=about("Shown this once; it makes one account"))


class TokenRequestSchema(Schema):
    name = fields.Str(required=True, validate=[chars(1, 100), TEXT])
    scope = fields.Str(load_default="run", validate=validate.OneOf(["read", "run", "admin"]))
    expires_in_days = Whole(load_default=90, validate=between(1, 3650))


class TokenSchema(Schema):
    id = fields.Int()
    name = fields.Str()
    prefix = fields.Str()
    scope = fields.Str()
    created_at = fields.DateTime()
    expires_at = fields.DateTime(allow_none=True)
    last_used_at = fields.DateTime(allow_none=True)


class NewTokenSchema(TokenSchema):
    token = fields.Str(metadata=about("Shown this once"))
