"""What the registers said, every exchange with them, who asked for whom, and the duties of one worker of all."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("verification", sa.Column("fields", sa.JSON(), nullable=True))
    op.add_column("verification", sa.Column("failure", sa.String(40), nullable=True))
    op.add_column("verification", sa.Column("personal", sa.LargeBinary(), nullable=True))
    silent = sa.text("outcome = 'unanswered'")
    op.create_index(
        "ix_verification_silent",
        "verification",
        ["application", "check"],
        postgresql_where=silent,
        sqlite_where=silent,
    )
    op.add_column("access", sa.Column("whom", sa.String(64), nullable=True))
    op.create_index("ix_access_whom", "access", ["whom"])
    _create_exchange()
    op.create_table(
        "duty",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duty"),
    )


def _create_exchange() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "exchange",
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("correlation_id", sa.String(40), nullable=False),
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("check", sa.String(20), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("service", sa.String(80), nullable=False),
        sa.Column("whom", sa.String(64), nullable=False),
        sa.Column("sent_at", at, nullable=False),
        sa.Column("answered_at", at, nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("code", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name="pk_exchange"),
    )
    op.create_index("ix_exchange_application", "exchange", ["application", "check", "sent_at"])
    op.create_index("ix_exchange_whom", "exchange", ["whom"])
    op.create_index("ix_exchange_sent_at", "exchange", ["sent_at"])
