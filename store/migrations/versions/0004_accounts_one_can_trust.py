"""Accounts one can trust: sign-ins, guesses, second factors, passkeys, invitations, quotas, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    make_sign_ins()
    make_second_steps()
    make_what_is_shared()
    op.create_table(
        "audit_entry",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True)),
    )
    op.create_index("audit_at", "audit_entry", ["at"])
    for statement in SEALS[op.get_bind().dialect.name]:
        op.execute(statement)


def make_sign_ins() -> None:
    op.add_column("user", sa.Column("oidc_subject", sa.String()))
    op.create_index("user_oidc_subject", "user", ["oidc_subject"], unique=True)
    op.create_table(
        "sign_in",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("session_hash", sa.String(), nullable=False, unique=True),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
    )
    op.create_index("sign_in_user", "sign_in", ["user_id", "began_at"])
    op.create_index("sign_in_began", "sign_in", ["began_at"])
    op.create_index("token_owner", "token", ["owner_id"])
    op.create_table(
        "guess",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("wait_until", sa.Double(), nullable=False),
    )


def make_second_steps() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("confirmed_at", sa.Double()),
        sa.Column("recovery_hashes", sa.JSON(), nullable=False),
    )
    op.create_table(
        "passkey",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("last_used_at", sa.Double()),
    )
    op.create_index("passkey_user", "passkey", ["user_id"])


def make_what_is_shared() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("code_hash", sa.String(), nullable=False, unique=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("inviter_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.Column("used_by_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="SET NULL")),
        sa.Column("revoked_at", sa.Double()),
    )
    op.add_column("upload", sa.Column("stored_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE upload SET stored_bytes = "
        "(SELECT coalesce(sum(length(lines)), 0) FROM upload_block WHERE upload_id = upload.id)"
    )
    op.create_index("upload_owner", "upload", ["owner_id"])
    op.create_table(
        "quota",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("open_jobs_max", sa.Integer()),
        sa.Column("open_items_max", sa.BigInteger()),
        sa.Column("stored_bytes_max", sa.BigInteger()),
    )


# Against the app's own faults and statements slipped in through it.  Not against who holds the app's password for the
# database: it owns the table, and may take the trigger away.  Who must be sure of that sends the log elsewhere as well.
SEALS = {
    "postgresql": (
        """CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit entries are never changed'; END $$""",
        """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
    ),
    "sqlite": (
        """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END""",
        # INSERT OR REPLACE deletes without asking the trigger below
        """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_entry
        WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END""",
        """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END""",
    ),
}


def downgrade() -> None:
    for table in ("audit_entry", "quota", "invitation", "passkey", "second_factor", "guess", "sign_in"):
        op.drop_table(table)
    op.drop_index("upload_owner", "upload")
    op.drop_column("upload", "stored_bytes")
    op.drop_index("token_owner", "token")
    op.drop_index("user_oidc_subject", "user")
    op.drop_column("user", "oidc_subject")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
