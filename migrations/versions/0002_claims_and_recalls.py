"""One open application per child, and recalls as rows of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


_CLAIMS_OF_OPEN_APPLICATIONS = """
INSERT INTO claim (child_key, application, claimed_at)
SELECT child.iin_hash, min(child.application), min(application.changed_at)
FROM child JOIN application ON application.id = child.application
WHERE application.stage IN
    ('accepted', 'under_review', 'awaiting_approval', 'decided', 'ready', 'due_for_storage')
GROUP BY child.iin_hash
"""
"""What was accepted before the rule holds its children too; of two with one child, either does."""


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("child_key", sa.String(length=64), nullable=False),
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("child_key", name="pk_claim"),
    )
    op.create_index("ix_claim_application", "claim", ["application"], unique=False)
    op.execute(_CLAIMS_OF_OPEN_APPLICATIONS)
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
