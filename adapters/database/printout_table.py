"""The printed documents: their bytes are in the document store, by hash."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

printout = Table(
    "printout",
    metadata,
    # Which document in which language; an execution may be an application or a recall.
    Column("application", String(80), ForeignKey("application.id"), primary_key=True),
    Column("fact", Integer, primary_key=True),
    Column("form", String(30), primary_key=True),
    Column("language", String(2), primary_key=True),
    # The same in both languages; what people are told.
    Column("number", String(120), nullable=False),
    Column("code", String(14), nullable=False, unique=True),
    # As it stands in the document: another address of ours must not change what is printed again.
    Column("link", String(300), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("printed_at", UtcTime, nullable=False),
)
