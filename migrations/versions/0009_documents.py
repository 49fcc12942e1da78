"""Files that were handed in, who collected a result on which documents, and the head's signature."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(63), nullable=False),
        sa.Column("child", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("attached_by", sa.String(63), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_evidence_application"),
        sa.PrimaryKeyConstraint("application", "id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_sha256", "evidence", ["sha256"])
    op.create_table(
        "collection",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_collection_application"),
        sa.PrimaryKeyConstraint("application", name="pk_collection"),
    )
    op.add_column("decision", sa.Column("personal", sa.LargeBinary(), nullable=True))
