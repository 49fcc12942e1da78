"""Whose personal data was erased after the legal term: who did it, when and why. It names no person."""

from sqlalchemy import JSON, Column, Date, ForeignKey, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

erasure = Table(
    "erasure",
    metadata,
    # Applications and recalls alike: each has a key of its own.
    Column("application", String(80), ForeignKey("application.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(63), nullable=False),
    # Which rule of the office allowed it, in the words of whoever did it; no person's name belongs here.
    Column("reason", String(200), nullable=False),
    # The day from which it could be erased.
    Column("due_on", Date, nullable=False),
    # What was destroyed: how many rows and objects of each kind.
    Column("what", JSON, nullable=False),
)
