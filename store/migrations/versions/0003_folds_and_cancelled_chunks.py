"""Folds count up, so that merging needs no lock; cancelled chunks can be found; nodes say what they can compute."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STILL_COMPUTED = sa.text("state = 'cancelled' AND slot_pid IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("job_partial") as table:
        table.add_column(sa.Column("folds", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("tried_at", sa.Double(), nullable=False, server_default="0"))
    with op.batch_alter_table("node") as table:
        table.add_column(sa.Column("workloads", sa.JSON(), nullable=True))
    op.execute("UPDATE chunk SET slot_pid = NULL WHERE state = 'cancelled'")
    op.create_index(
        "chunk_cancelled", "chunk", ["node_id"], postgresql_where=STILL_COMPUTED, sqlite_where=STILL_COMPUTED
    )


def downgrade() -> None:
    op.drop_index("chunk_cancelled", "chunk", postgresql_where=STILL_COMPUTED, sqlite_where=STILL_COMPUTED)
    with op.batch_alter_table("node") as table:
        table.drop_column("workloads")
    with op.batch_alter_table("job_partial") as table:
        table.drop_column("tried_at")
        table.drop_column("tries")
        table.drop_column("folds")
