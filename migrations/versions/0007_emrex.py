"""EMREX: transfers, their documents on the way, and receipts of what was shared.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emrex_transfer",
        sa.Column("tid", sa.String(length=32), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=255), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("handed_over", sa.BigInteger(), nullable=True),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tid"),
    )
    op.create_index("ix_emrex_transfer_state", "emrex_transfer", ["state"])
    op.create_table(
        "emrex_document",
        sa.Column("tid", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tid"], ["emrex_transfer.tid"]),
        sa.PrimaryKeyConstraint("tid"),
    )
    op.create_table(
        "emrex_receipt",
        sa.Column("receipt_id", sa.String(length=32), nullable=False),
        sa.Column("tid", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("receiver", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("receipt_id"),
        sa.UniqueConstraint("tid"),
    )
    op.create_index("ix_emrex_receipt_person_id", "emrex_receipt", ["person_id"])


def downgrade() -> None:
    for table in ("emrex_receipt", "emrex_document", "emrex_transfer"):
        op.drop_table(table)
