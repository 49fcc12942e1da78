"""Loads many rows at once: on PostgreSQL by COPY, with indexes and constraints made anew afterwards."""

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Table, insert, text

from adapters.database.engine import writing

Row = dict[str, Any]

_UNHURRIED = ("statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0")
_ROOMY = ("maintenance_work_mem = '512MB'", "synchronous_commit = off")

_CONSTRAINTS = text(
    "SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition "
    "FROM pg_constraint WHERE contype IN ('f', 'u', 'p') "
    "AND (conrelid::regclass::text = ANY(:tables) OR confrelid::regclass::text = ANY(:tables)) "
    "ORDER BY array_position(ARRAY['f', 'u', 'p'], contype::text)"
)
"""Foreign keys first: they rest on the others."""
_INDEXES = text(
    "SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = ANY(:tables) "
    "AND indexname NOT IN (SELECT conname FROM pg_constraint) AND schemaname = current_schema()"
)


class BulkLoad:
    """One load, one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._copies = connection.dialect.name == "postgresql"

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows of one table; on SQLite the tables they point to come first."""
        if rows and self._copies:
            self._copy(table, rows)
        elif rows:
            self._connection.execute(insert(table), list(rows))

    def _copy(self, table: Table, rows: Iterable[Row]) -> None:
        columns = [column for column in table.columns if column.name in next(iter(rows))]
        names = ", ".join(f'"{column.name}"' for column in columns)
        plan = [(column.name, isinstance(column.type, JSON)) for column in columns]
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([_json(row[name]) if is_json else row[name] for name, is_json in plan])


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


@contextmanager
def bulk_load(engine: Engine, tables: Sequence[Table]) -> Generator[BulkLoad]:
    """A load of these tables that is committed as a whole, or not at all."""
    names = [table.name for table in tables]
    with writing(engine) as connection:
        if connection.dialect.name != "postgresql":
            yield BulkLoad(connection)
            return
        for setting in (*_UNHURRIED, *_ROOMY):
            connection.execute(text(f"SET LOCAL {setting}"))
        with _laid_down(connection, names):
            yield BulkLoad(connection)
    # Only after a vacuum does an index alone answer, without a look at every row.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for name in names:
            connection.execute(text(f'VACUUM (ANALYZE) "{name}"'))
        connection.execute(text("RESET statement_timeout"))


@contextmanager
def _laid_down(connection: Connection, tables: list[str]) -> Generator[None]:
    """Meanwhile there is nothing that would have to be kept row by row, and is made much faster at once."""
    constraints = connection.execute(_CONSTRAINTS, {"tables": tables}).all()
    indexes = connection.execute(_INDEXES, {"tables": tables}).all()
    for index in indexes:
        connection.execute(text(f'DROP INDEX "{index.name}"'))
    for one in constraints:
        connection.execute(text(f'ALTER TABLE {one.table} DROP CONSTRAINT "{one.name}"'))
    yield
    for one in reversed(constraints):
        connection.execute(text(f'ALTER TABLE {one.table} ADD CONSTRAINT "{one.name}" {one.definition}'))
    for index in indexes:
        connection.execute(text(index.definition))
