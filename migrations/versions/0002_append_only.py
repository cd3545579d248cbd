"""Tables that only grow: the database itself refuses to change or remove a row.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "ledger_intent",
    "ledger_outcome",
    "institution_version",
    "programme_version",
    "person_version",
    "award_version",
)
CHANGES = ("UPDATE", "DELETE")
GUARDS = [(table, change) for table in TABLES for change in CHANGES]
# A national number that changed hands silently would let somebody else log in.
GUARDS.append(("identity_number", "UPDATE"))


def upgrade() -> None:
    """Refuse changes in every append-only table (platform.md 4.1.4)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            "CREATE FUNCTION echt_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '23000'; END $$"
        )
    action = (
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        if sqlite
        else "FOR EACH ROW EXECUTE FUNCTION echt_append_only()"
    )
    for table, change in GUARDS:
        name = f"{table}_no_{change.lower()}"
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} {action}")


def downgrade() -> None:
    """Allow changes again."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, change in GUARDS:
        where = "" if sqlite else f" ON {table}"
        op.execute(f"DROP TRIGGER {table}_no_{change.lower()}{where}")
    if not sqlite:
        op.execute("DROP FUNCTION echt_append_only()")
