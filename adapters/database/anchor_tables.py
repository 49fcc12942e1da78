"""What of the record's hash chains is anchored outside of it, so that only what has changed is anchored anew."""

from sqlalchemy import Column, Date, Integer, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

anchor = Table(
    "anchor",
    metadata,
    # A day's anchor that is out: the file itself is the proof, this row only says that it is there.
    Column("day", Date, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
)

anchored = Table(
    "anchored",
    metadata,
    # No foreign key: a record that was restored from an older copy may lack what is anchored.
    Column("application", String(80), primary_key=True),
    Column("last_fact", Integer, nullable=False),
)
