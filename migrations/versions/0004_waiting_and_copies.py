"""Extracts that wait for a seal, and the account of preserved copies.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_download",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("award_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("moves_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint(
            "person_id", "award_id", "language", "purpose", name="uq_waiting_download_wish"
        ),
    )
    op.create_index("ix_waiting_download_moves_at", "waiting_download", ["moves_at"])
    op.create_table(
        "preserved_copy",
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("lasts_until", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.String(length=64), nullable=False),
        sa.Column("stamped_at", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger_intent.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_preserved_copy_lasts_until", "preserved_copy", ["lasts_until"])
    op.create_index("ix_preserved_copy_authority", "preserved_copy", ["authority"])


def downgrade() -> None:
    op.drop_table("preserved_copy")
    op.drop_table("waiting_download")
