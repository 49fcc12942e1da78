"""Boards for tests: over a seeded record, on either database, at a time of the test's own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from starlette.types import ASGIApp

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.schema import ensure_schema
from adapters.keys import load_key_ring
from demo.seeding.load import Wanted, seed
from desk.calendars import Calendars
from desk.supervision import Supervision, supervise
from models.data import ALMATY
from models.library import Library
from web.board import create_app
from web.sources import Sources
from web.watch import Watch

NOW = datetime(2026, 3, 18, 16, 0, tzinfo=ALMATY)
"""A Wednesday afternoon; Nauryz lies between it and the middle of next week."""
_APPLICATIONS = 4_000


@dataclass(frozen=True)
class Board:
    """A board, and what a program needs to look at the same record."""

    sources: Sources
    engine: Engine
    environment: dict[str, str]

    @property
    def app(self) -> ASGIApp:
        return create_app(self.sources)


def sources_of(engine: Engine, library: Library, data: Path, now: Callable[[], datetime]) -> Sources:
    reader = RecordReader(engine, load_key_ring(data / "keys.json", may_create=True))
    calendars = Calendars(library, reader.calendars)

    def supervised() -> Supervision:
        return supervise(engine, calendars, now())

    return Sources(
        supervise=supervised,
        library=library,
        reader=reader,
        watch=Watch(lambda at: supervised().pulse(at), now),
        temporal_ui="http://127.0.0.1:8233",
    )


@contextmanager
def seeded_board(
    address: str, library: Library, data: Path, until: datetime = NOW, applications: int = _APPLICATIONS
) -> Generator[Board]:
    """A year's history up to then, and nothing after it."""
    engine = connect(address)
    ensure_schema(engine)
    seed(engine, library, Wanted(applications, 1, 5, until), lambda _: None)
    environment = {"TIREK_DATA": str(data), "TIREK_DATABASE_URL": address}
    yield Board(sources_of(engine, library, data, lambda: until), engine, environment)
    engine.dispose()
