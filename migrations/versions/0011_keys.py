"""Which keys a record was written with, and who had contents of histories decrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "ring_check",
        sa.Column("ring_key", sa.String(40), nullable=False),
        sa.Column("canary", sa.LargeBinary(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("ring_key", name="pk_ring_check"),
    )
    op.create_table(
        "codec_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(63), nullable=False),
        sa.Column("namespace", sa.String(255), nullable=False),
        sa.Column("workflow", sa.String(1000)),
        sa.Column("payloads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_codec_access"),
    )
    op.create_index("ix_codec_access_at", "codec_access", ["at"])
