"""Hashes of document numbers, so that a whole bucket of them is one statement.

Revision ID: 0005
Revises: 0004
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PAGE = 10_000


def upgrade() -> None:
    """A table of its own: rows of the ledger are never changed, not even to gain a hash."""
    table = op.create_table(
        "issued_number",
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger_outcome.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("sha256"),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SET LOCAL statement_timeout = 0")  # ten million documents take their time
    page = sa.text(
        "SELECT number FROM ledger_outcome WHERE outcome = 'sealed' AND number > :last "
        "ORDER BY number LIMIT :page"
    )
    last = ""
    while numbers := connection.scalars(page, {"last": last, "page": PAGE}).all():
        connection.execute(table.insert(), [_row(number) for number in numbers])
        last = numbers[-1]


def _row(number: str) -> dict[str, str]:
    return {"number": number, "sha256": hashlib.sha256(number.encode()).hexdigest()}


def downgrade() -> None:
    op.drop_table("issued_number")
