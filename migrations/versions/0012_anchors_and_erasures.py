"""What is anchored outside of the record, and whose personal data was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_anchor"),
    )
    op.create_table(
        "anchored",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("last_fact", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("application", name="pk_anchored"),
    )
    op.create_table(
        "erasure",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("application", name="pk_erasure"),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_erasure_application"),
    )
