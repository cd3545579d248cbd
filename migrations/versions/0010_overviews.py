"""What an overview states beyond its first award; a table that only grows, as the ledger does.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "ledger_further_award"
CHANGES = ("UPDATE", "DELETE")


def upgrade() -> None:
    """The function that refuses on PostgreSQL is there since 0002."""
    op.create_table(
        TABLE,
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.String(length=64), nullable=False),
        sa.Column("award_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger_intent.number"]),
        sa.PrimaryKeyConstraint("number", "place"),
    )
    action = (
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        if op.get_bind().dialect.name == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION echt_append_only()"
    )
    for change in CHANGES:
        name = f"{TABLE}_no_{change.lower()}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {TABLE} {action}")


def downgrade() -> None:
    """The triggers go with their table."""
    op.drop_table(TABLE)
