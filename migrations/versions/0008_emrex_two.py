"""EMREX 2.0: grants of clients, with hashes of codes and tokens, and used assertions.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emrex_grant",
        sa.Column("tid", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(length=43), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("has_results", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("code_until", sa.BigInteger(), nullable=True),
        sa.Column("spent", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("token_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tid"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_emrex_grant_created", "emrex_grant", ["created"])
    op.create_table(
        "emrex_assertion",
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("jti_digest", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_digest"),
    )
    op.create_index("ix_emrex_assertion_until", "emrex_assertion", ["until"])


def downgrade() -> None:
    for table in ("emrex_assertion", "emrex_grant"):
        op.drop_table(table)
