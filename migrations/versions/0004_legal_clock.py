"""What the legal clock needs: warnings and provisional due dates of a clock, and changes of the calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.add_column("clock", sa.Column("triggered_at", at, nullable=True))
    op.add_column("clock", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("clock", sa.Column("warned", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("clock", sa.Column("common_due_at", at, nullable=True))
    op.add_column("application", sa.Column("calendar_now", sa.String(64), nullable=True))
    op.create_table(
        "calendar_change",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("corrects", sa.String(64), nullable=False),
        sa.Column("calendar", sa.String(64), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("applied_by", sa.String(63), nullable=False),
        sa.Column("applied_at", at, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_calendar_change"),
    )
    op.create_index("ix_calendar_change_calendar", "calendar_change", ["calendar"])
