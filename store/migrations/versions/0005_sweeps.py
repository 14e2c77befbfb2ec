"""Sweeps: what was asked for, every event of measuring it, the jobs of its cluster points, public links."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    make_sweeps()
    op.create_table(
        "sweep_event",
        of_a_sweep(primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "sweep_job",
        of_a_sweep(primary_key=True),
        sa.Column("job_id", KEY, sa.ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("workers", "block", "place", "attempt", "nodes")),
    )
    op.create_index("ix_sweep_job_job_id", "sweep_job", ["job_id"])
    op.create_table(
        "sweep_share",
        sa.Column("slug", sa.String(), primary_key=True),
        of_a_sweep(),
        sa.Column("maker_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double()),
    )
    op.create_index("sweep_share_sweep", "sweep_share", ["sweep_id"])
    op.create_table(
        "sweep_key",
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("request_hash", sa.String(), nullable=False),
        of_a_sweep(),
        sa.Column("created_at", sa.Double(), nullable=False),
    )


def make_sweeps() -> None:
    text, whole = sa.String(), sa.Integer()
    op.create_table(
        "sweep",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("owner_id", whole, sa.ForeignKey("user.id"), nullable=False),
        *(sa.Column(name, text, nullable=False) for name in ("workload", "name")),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("cluster_workers", "remarks", "models")),
        *(sa.Column(name, sa.String(16), nullable=False) for name in ("state", "phase")),
        *(sa.Column(name, whole, nullable=False) for name in COUNTS),
        *(sa.Column(name, sa.Text()) for name in ("environment", "offers", "ending", "verdict")),
        *(sa.Column(name, text) for name in ("fingerprint", "node_name", "best_model")),
        *(sa.Column(name, whole) for name in ("node_id", "slot_pid", "best_workers")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("spent_s", "rung_at", "created_at")),
        *(sa.Column(name, sa.Double()) for name in TIMES),
    )
    op.create_index("sweep_open", "sweep", ["state"], postgresql_where=OPEN, sqlite_where=OPEN)
    op.create_index("sweep_owner", "sweep", ["owner_id", "id"])


COUNTS = ("epoch", "events", "version", "fence", "attempt", "windows")
TIMES = ("lease_until", "started_at", "ended_at", "best_speedup", "best_low", "best_high")


def of_a_sweep(*, primary_key: bool = False) -> "sa.Column[int]":
    link = sa.ForeignKey("sweep.id", ondelete="CASCADE")
    return sa.Column("sweep_id", KEY, link, primary_key=primary_key, nullable=False)


def downgrade() -> None:
    for table in ("sweep_key", "sweep_share", "sweep_job", "sweep_event", "sweep"):
        op.drop_table(table)
