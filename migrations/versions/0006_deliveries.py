"""What came of a notice on each of the ways out of the house, where there was one way."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_INTO_THE_FOLDER = """
INSERT INTO delivery (notice, way, attempts, next_attempt_at, sent_at, problem)
SELECT id, 'folder', attempts, next_attempt_at, sent_at, problem FROM notice
WHERE attempts > 0 OR sent_at IS NOT NULL
"""
"""The one way there was; what was never tried has no row."""


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "delivery",
        sa.Column("notice", sa.String(200), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", at, nullable=True),
        sa.Column("sent_at", at, nullable=True),
        sa.Column("problem", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("notice", "way", name="pk_delivery"),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name="fk_delivery_notice", ondelete="CASCADE"),
    )
    op.execute(_INTO_THE_FOLDER)
    op.drop_index("ix_notice_next_attempt_at", "notice")
    for column in ("attempts", "next_attempt_at", "problem"):
        op.drop_column("notice", column)
    waits = sa.text("sent_at IS NULL")
    op.create_index("ix_notice_waiting", "notice", ["at", "id"], postgresql_where=waits, sqlite_where=waits)
