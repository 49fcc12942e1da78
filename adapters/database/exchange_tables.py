"""The exchanges with the state registers, and the duties that one worker of all has at a time."""

from sqlalchemy import Column, Index, Integer, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

exchange = Table(
    "exchange",
    metadata,
    # Every message to a register: written before it is sent, and again when it ended, however it ended.
    Column("message_id", String(40), primary_key=True),
    Column("correlation_id", String(40), nullable=False),
    # No foreign key: a question can be asked before the first row of its application is written.
    Column("application", String(80), nullable=False),
    Column("check", String(20), nullable=False),
    Column("by", String(63), nullable=False),
    Column("service", String(80), nullable=False),
    Column("whom", String(64), nullable=False, index=True),
    Column("sent_at", UtcTime, nullable=False, index=True),
    Column("answered_at", UtcTime),
    Column("milliseconds", Integer),
    Column("outcome", String(20), nullable=False),
    Column("code", String(40)),
    Index("ix_exchange_application", "application", "check", "sent_at"),
)

duty = Table(
    "duty",
    metadata,
    # What one worker of all does at a time: it holds the row until then, and takes it again while it goes on.
    Column("name", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", UtcTime, nullable=False),
)
