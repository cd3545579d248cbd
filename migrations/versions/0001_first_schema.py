"""The first schema: register, vault, ledger, sessions.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_version",
        sa.Column(
            "award_id",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("institution", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("awarded", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("degree", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=True),
        sa.Column("thesis", sa.String(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("results", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("award_id", "version"),
    )
    with op.batch_alter_table("award_version", schema=None) as batch_op:
        batch_op.create_index("ix_award_version_person", ["person_id"], unique=False)

    op.create_table(
        "identity_number",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "lookup"),
    )
    with op.batch_alter_table("identity_number", schema=None) as batch_op:
        batch_op.create_index("ix_identity_number_person", ["person_id", "kind"], unique=True)

    op.create_table(
        "import_refusal",
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "line"),
    )
    op.create_table(
        "import_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("awards", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_table(
        "institution_version",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("successor", sa.String(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_table(
        "ledger_intent",
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("statement", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.String(length=64), nullable=False),
        sa.Column("award_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("person_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("covered_digest", sa.String(length=128), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("intended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("statement", "attempt", name="uq_ledger_intent_attempt"),
    )
    with op.batch_alter_table("ledger_intent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_intent_award_id"), ["award_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ledger_intent_covered_digest"), ["covered_digest"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ledger_intent_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_version",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("surname", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("birth", sa.String(), nullable=False),
        sa.Column("birth_place", sa.String(), nullable=False),
        sa.Column("birth_country", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "version"),
    )
    op.create_table(
        "programme_version",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("nlqf", sa.String(), nullable=False),
        sa.Column("eqf", sa.Integer(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("user_ref", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("pending", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_created"), ["created"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_seen"), ["seen"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_user_ref"), ["user_ref"], unique=False)

    op.create_table(
        "ledger_outcome",
        sa.Column("number", sa.String(length=14), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["ledger_intent.number"]),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("file_sha256"),
    )


def downgrade() -> None:
    op.drop_table("ledger_outcome")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_user_ref"))
        batch_op.drop_index(batch_op.f("ix_session_seen"))
        batch_op.drop_index(batch_op.f("ix_session_created"))

    op.drop_table("session")
    op.drop_table("programme_version")
    op.drop_table("person_version")
    with op.batch_alter_table("ledger_intent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_intent_person_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_intent_covered_digest"))
        batch_op.drop_index(batch_op.f("ix_ledger_intent_award_id"))

    op.drop_table("ledger_intent")
    op.drop_table("institution_version")
    op.drop_table("import_source")
    op.drop_table("import_refusal")
    with op.batch_alter_table("identity_number", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_number_person")

    op.drop_table("identity_number")
    with op.batch_alter_table("award_version", schema=None) as batch_op:
        batch_op.drop_index("ix_award_version_person")

    op.drop_table("award_version")
