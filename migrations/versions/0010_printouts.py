"""Printed documents, by what they are, by their short code and by the hash of their bytes; an index of lists."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "printout",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(30), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("number", sa.String(120), nullable=False),
        sa.Column("code", sa.String(14), nullable=False),
        sa.Column("link", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application", "fact", "form", "language", name="pk_printout"),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_printout_application"),
        sa.UniqueConstraint("code", name="uq_printout_code"),
    )
    op.create_index("ix_printout_sha256", "printout", ["sha256"])
    of_lists = sa.text("form = 'storage-list'")
    op.create_index(
        "ix_printed_document_storage_list",
        "printed_document",
        ["at", "application"],
        postgresql_where=of_lists,
        sqlite_where=of_lists,
    )
