"""Cohorts: which awards are issued together, in which chunks, and what became of each.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohort",
        sa.Column("cohort_id", sa.String(length=16), nullable=False),
        sa.Column("programme", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("languages", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id"),
    )
    op.create_table(
        "cohort_chunk",
        sa.Column("chunk_id", sa.String(length=32), nullable=False),
        sa.Column("cohort_id", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("waits_for", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.cohort_id"]),
        sa.PrimaryKeyConstraint("chunk_id"),
    )
    with op.batch_alter_table("cohort_chunk", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_chunk_cohort", ["cohort_id", "position"], unique=True)

    op.create_table(
        "cohort_member",
        sa.Column("chunk_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=14), nullable=True),
        sa.Column("refusal", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["chunk_id"], ["cohort_chunk.chunk_id"]),
        sa.PrimaryKeyConstraint("chunk_id", "position"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL statement_timeout = 0")  # ten million awards take their time
    with op.batch_alter_table("award_version", schema=None) as batch_op:
        batch_op.create_index("ix_award_version_programme", ["programme", "award_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("award_version", schema=None) as batch_op:
        batch_op.drop_index("ix_award_version_programme")

    op.drop_table("cohort_member")
    with op.batch_alter_table("cohort_chunk", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_chunk_cohort")

    op.drop_table("cohort_chunk")
    op.drop_table("cohort")
