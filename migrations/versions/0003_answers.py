"""What a command was answered, beside its fact: a repeated id is answered from the record, for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("fact", sa.Column("answer", sa.JSON(), nullable=True))
