"""One open application per child, and recalls as rows of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("child_key", sa.String(length=64), nullable=False),
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("child_key", name="pk_claim"),
    )
    op.create_index("ix_claim_application", "claim", ["application"], unique=False)
    _add_recall_of()
    op.create_index("ix_application_recall_of", "application", ["recall_of"], unique=False)


def _add_recall_of() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a foreign key with a new column, but adds none to a table that is there.
        op.execute(
            "ALTER TABLE application ADD COLUMN recall_of VARCHAR(80) "
            "CONSTRAINT fk_application_recall_of REFERENCES application (id)"
        )
        return
    op.add_column("application", sa.Column("recall_of", sa.String(length=80), nullable=True))
    op.create_foreign_key("fk_application_recall_of", "application", "application", ["recall_of"], ["id"])
