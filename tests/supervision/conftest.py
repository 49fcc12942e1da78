"""What the tests of supervisors' questions share: a small seeded record, on both databases."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import Engine

from adapters.database.engine import connect
from adapters.database.schema import ensure_schema
from demo.seeding.load import Wanted, seed
from desk.supervision import Supervision
from models.data import ALMATY
from models.library import Library
from tests.databases import created
from tests.models.builders import CALENDAR

UNTIL = datetime(2026, 11, 20, 15, 30, tzinfo=ALMATY)
"""Where the seeded history ends: a Friday afternoon."""
WANTED = Wanted(applications=400, years=2, seed=7, until=UNTIL)


@dataclass(frozen=True)
class Seeded:
    """A record that holds a history of four hundred applications, and where it is."""

    address: str
    engine: Engine


def quiet(_done: int) -> None:
    """Nobody watches."""


@contextmanager
def seeded_record(address: str, library: Library) -> Generator[Seeded]:
    engine = connect(address)
    ensure_schema(engine)
    seed(engine, library, WANTED, quiet)
    yield Seeded(address, engine)
    engine.dispose()


@pytest.fixture(scope="session")
def seeded_on_sqlite(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Seeded]:
    address = f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'record.sqlite'}"
    with seeded_record(address, library) as seeded:
        yield seeded


@pytest.fixture(scope="session")
def seeded_on_postgresql(postgresql: str, library: Library) -> Iterator[Seeded]:
    with created(postgresql, "seeded") as address, seeded_record(address, library) as seeded:
        yield seeded


@pytest.fixture
def history(database: str, request: pytest.FixtureRequest) -> Seeded:
    """Nobody writes into it, so all tests of a run share it."""
    return request.getfixturevalue(f"seeded_on_{database}")


@pytest.fixture
def supervision(history: Seeded) -> Supervision:
    return Supervision(history.engine, CALENDAR)


@pytest.fixture
def seeded(engine: Engine, library: Library) -> Engine:
    """The same history in a record of the test's own."""
    seed(engine, library, WANTED, quiet)
    return engine
