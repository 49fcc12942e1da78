"""Connections to the record, with the same manners on SQLite and PostgreSQL."""

import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from models.errors import MalformedError

_BUSY_MILLISECONDS = 10_000
_SWITCH_PAUSE_SECONDS = 0.01
_POSTGRESQL_WAITS = {
    # Every one ends before the attempt of an activity is given up (workflows/options.py: 20 s): what hangs is
    # undone by then, and the next attempt meets no lock of the last one.
    "statement_timeout": 8_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 15_000,
}
_POSTGRESQL_CONNECTION = {
    "connect_timeout": 5,
    # A server that is cut off in the middle of a statement is noticed as soon.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
_LONGEST_REASON = 300
_MORE_CONNECTIONS = 15
"""Beyond SQLAlchemy's five: a worker has more threads than that (worker.py), and none may wait for another."""


def connect(url: str) -> Engine:
    """An engine for the record; the folder of a SQLite file is made where it is missing. MalformedError."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if address.database:
            _make_folder(Path(address.database).parent)
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(
        address.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        connect_args={**_POSTGRESQL_CONNECTION, **_waits(address)},
        max_overflow=_MORE_CONNECTIONS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be made a folder ({error.strerror})"
        raise MalformedError(f"TIREK_DATA, TIREK_DATABASE_URL: {reason}", [("TIREK_DATA", reason)]) from error


def why_not(error: SQLAlchemyError) -> str:
    """Why a database could not be opened: what its driver said of the connection, which never is the password."""
    if not isinstance(error, DBAPIError) or error.statement is not None:
        return type(error).__name__
    said = str(error.orig).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:_LONGEST_REASON]}" if said else type(error).__name__


def _waits(address: URL) -> dict[str, str]:
    """Ours, and after them whatever the address itself sets, which then counts."""
    ours = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in _POSTGRESQL_WAITS.items())
    given = address.query.get("options", "")
    return {"options": f"{ours} {given if isinstance(given, str) else ' '.join(given)}".strip()}


@contextmanager
def writing(engine: Engine) -> Generator[Connection]:
    """One transaction that writes; on SQLite it takes the write lock at once and so never deadlocks."""
    with engine.connect() as connection:
        writer = connection.execution_options(tirek_writes=True)
        with writer.begin():
            yield writer


@contextmanager
def snapshot(engine: Engine, *, writes: bool = False) -> Generator[Connection]:
    """One transaction whose statements all see the record as it was when the first of them began."""
    with engine.connect() as connection:
        options: dict[str, Any] = {"tirek_writes": writes}
        if connection.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        one = connection.execution_options(**options)
        with one.begin():
            yield one


def _prepare(connection: Any, _record: Any) -> None:
    """Each SQLite connection: wait for a lock, WAL, every commit on disk, foreign keys held."""
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    _keep_a_log_of_writes(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _keep_a_log_of_writes(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL. Two programs that open a new file at once may each hold what the other needs for
    the switch; SQLite then says "locked" at once, whatever its busy_timeout, and asking again is the way out."""
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_SWITCH_PAUSE_SECONDS)
        else:
            return


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tirek_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
