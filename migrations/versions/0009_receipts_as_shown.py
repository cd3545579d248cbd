"""Receipts keep what the holder was shown of the receiver: the name, who says so, the warning.

Of receipts of before it was not kept: their name is empty, and nobody is said to have given it.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "emrex_receipt"


def upgrade() -> None:
    for name, length in (("name", 255), ("named_by", 16)):
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column(TABLE, column)
    op.add_column(TABLE, sa.Column("named_at", sa.BigInteger(), nullable=True))
    op.add_column(TABLE, sa.Column("warned", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in ("warned", "named_at", "named_by", "name"):
        op.drop_column(TABLE, name)
