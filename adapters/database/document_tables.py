"""The tables of documents: what people handed in as files, and who collected a result on which documents."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

evidence = Table(
    "evidence",
    metadata,
    Column("application", String(80), ForeignKey("application.id"), primary_key=True),
    Column("id", String(24), primary_key=True),
    Column("kind", String(63), nullable=False),
    Column("child", Integer),
    # The hash of its content, by which the store of documents has it.
    Column("sha256", String(64), nullable=False, index=True),
    Column("media_type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("attached_by", String(63), nullable=False),
    Column("attached_at", UtcTime, nullable=False),
)

collection = Table(
    "collection",
    metadata,
    # R21: who collected the result, encrypted with the numbers of the documents that were shown.
    Column("application", String(80), ForeignKey("application.id"), primary_key=True),
    Column("fact", Integer, nullable=False),
    Column("personal", LargeBinary, nullable=False),
)
