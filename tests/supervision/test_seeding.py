"""A seeded history looks like one that was recorded: the same rows, the same hashes, the same rules."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from adapters.database import tables as t
from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords, read_model
from adapters.database.schema import ensure_schema
from adapters.keys import KeyRing
from demo.seeding.load import seed
from models.clocks import Outcome
from models.errors import RefusedError
from models.library import Library
from models.lifecycle import FINAL, Channel
from models.registration import Registered
from tests.proceedings import ACCEPTED, life, wanted
from tests.supervision.conftest import UNTIL, WANTED, Seeded, quiet

_TABLES = (t.application, t.registration, t.clock, t.fact, t.holding, t.decision)


def contents(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=lambda row: row[:3])
            for table in _TABLES
        }


def by_application(engine: Engine, table: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(table)).mappings():
            found.setdefault(row["application"], []).append(dict(row))
    return found


class TestSeed:
    """What `starter.py seed` writes."""

    def test_reproducible(self, history: Seeded, new_address: Any, library: Library) -> None:
        """The same number and end give the same history, another number another one."""
        first = contents(history.engine)
        for name, number in (("same", WANTED.seed), ("other", WANTED.seed + 1)):
            again = connect(new_address(name))
            ensure_schema(again)
            seed(again, library, replace(WANTED, seed=number), quiet)
            assert (contents(again) == first) == (number == WANTED.seed)
            again.dispose()

    def test_every_journal_is_intact(self, history: Seeded, key_ring: KeyRing) -> None:
        """Each fact carries the hash of its content, and of the fact before it."""
        reader = RecordReader(history.engine, key_ring)
        with history.engine.connect() as connection:
            applications = connection.execute(select(t.application.c.id)).scalars().all()
        assert len(applications) >= WANTED.applications
        for application in applications[::7]:
            facts = reader.facts(application)
            assert all(fact.is_intact() for fact in facts)
            assert [fact.previous for fact in facts] == ["", *(fact.hash for fact in facts[:-1])]
            assert [fact.number for fact in facts] == list(range(1, len(facts) + 1))

    def test_rows_as_recording_writes_them(self, history: Seeded, key_ring: KeyRing) -> None:
        """Clocks, holdings and what was due before are the rows that the recorder makes of the same state."""
        reader, rows = RecordReader(history.engine, key_ring), by_application(history.engine, t.clock)
        for application, clocks in rows.items():
            entry = reader.entry(application)
            assert entry is not None
            told = {row["clock"]: {"application": application, **row} for row in read_model(entry.state)[t.clock]}
            assert {row["clock"]: row for row in clocks} == told

    def test_everything_occurs(self, history: Seeded) -> None:
        """Every channel, every outcome, finished and open applications, and a share of passed limits."""
        with history.engine.connect() as connection:
            outcomes = Counter(connection.execute(select(t.clock.c.outcome).where(t.clock.c.limit)).scalars())
            stages = Counter(connection.execute(select(t.application.c.stage)).scalars())
            channels = set(connection.execute(select(t.application.c.channel)).scalars())
            last = connection.execute(select(t.fact.c.at).order_by(t.fact.c.at.desc()).limit(1)).scalar_one()
        assert channels == set(Channel)
        assert set(outcomes) == set(Outcome)
        assert 0.01 < outcomes[Outcome.PASSED] / outcomes.total() < 0.15
        assert 0 < sum(count for stage, count in stages.items() if stage not in FINAL) < stages.total() / 4
        assert last <= UNTIL

    def test_numbers_go_on(self, seeded: Engine, key_ring: KeyRing) -> None:
        """The next application gets the number after the last seeded one of its year."""
        one = life(*ACCEPTED)
        with seeded.connect() as connection:
            taken = set(connection.execute(select(t.registration.c.number)).scalars())
        got = SqlApplicationRecords(seeded, key_ring).register(wanted(one.id, *one.children))
        assert isinstance(got, Registered)
        assert got.number not in taken

    def test_refused_beside_real_applications(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """A record that holds anything is left as it is."""
        SqlApplicationRecords(engine, key_ring).record(life(*ACCEPTED).entry())
        before = contents(engine)
        with pytest.raises(RefusedError, match="holds real applications"):
            seed(engine, library, WANTED, quiet)
        assert contents(engine) == before

    def test_refused_twice(self, history: Seeded, library: Library) -> None:
        """Nor is a seeded record seeded again."""
        with pytest.raises(RefusedError, match="is seeded already"):
            seed(history.engine, library, WANTED, quiet)

    def test_nothing_half_done(self, engine: Engine, library: Library) -> None:
        """A load that breaks off leaves an empty record with its indexes, into which the next one goes."""

        def break_off(done: int) -> None:
            raise KeyboardInterrupt(done)

        with pytest.raises(KeyboardInterrupt):
            seed(engine, library, WANTED, break_off)
        assert not any(contents(engine).values())
        seed(engine, library, WANTED, quiet)
        assert len(contents(engine)["application"]) >= WANTED.applications
