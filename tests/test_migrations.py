"""The migrations: what they make is what the code means, and an older record comes through them whole."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError

from adapters.database import schema
from adapters.database import tables as t
from adapters.database.engine import connect, writing
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing, seal
from adapters.settings import ROOT
from models.errors import MalformedError
from models.lifecycle import Command, Stage
from models.registration import Registered
from models.request import Request
from tests.proceedings import ACCEPTED, NOON, STORED, Life, iin, life, wanted

Row = dict[str, Any]


_CLOCK_THEN = {"clock", "office", "limit", "started_at", "due_at", "stopped_at", "outcome"}
_MOVED = {"notice": {"attempts", "next_attempt_at", "problem"}}
"""Columns that stand in another table now."""
_LATER = NOON + timedelta(minutes=5)


def migrate(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, revision)


@pytest.fixture
def older(address: str) -> Iterator[Engine]:
    """A record at revision 0001, as the first Tirek left it."""
    record = connect(address)
    migrate(record, "0001")
    yield record
    record.dispose()


def rows_of_the_first_tirek(one: Life, ring: KeyRing) -> dict[str, list[Row]]:
    """An accepted application as revision 0001 kept it, written by hand: table by table, parents first."""
    key = os.urandom(32)
    ring_key, wrapped = ring.encrypt(key, f"{one.id}/key".encode())
    request, state = one.request.model_dump(mode="json"), one.proceeding.state()

    def locked(column: str, content: Any) -> bytes:
        return seal(key, json.dumps(content, ensure_ascii=False).encode(), f"{one.id}/{column}".encode())

    def numbered(name: str, several: list[Any]) -> list[Row]:
        return [{"number": n, "personal": locked(f"{name}/{n}", content)} for n, content in enumerate(several, 1)]

    children = numbered("child", request["children"])
    hashes = [{"iin_hash": ring.lookup_hash("iin", child["iin"])} for child in request["children"]]
    own = {name: request[name] for name in ("language", "applicant", "account")}
    rows = {
        "registration": [{"number": one.number}],
        "application_key": [{"ring_key": ring_key, "wrapped": wrapped}],
        "child": [child | found for child, found in zip(children, hashes, strict=True)],
        "document": numbered("document", request["documents"]),
        "fact": [fact.model_dump(exclude={"answer"}) for fact in one.proceeding.facts],
        "clock": [clock.model_dump(include=_CLOCK_THEN) for clock in state.clocks],
        "printed_document": [paper.model_dump() for paper in one.proceeding.papers],
        "notice": [_notice_then(one.id, kind, **told) for kind, told in _NOTICES_THEN.items()],
    }
    of_it = {table: [{"application": one.id, **row} for row in several] for table, several in rows.items()}
    application = first_row(one) | {"personal": locked("application", own)}
    return {"application": [application], "registration_counter": [{"year": 2026, "last": 1}], **of_it}


_NOTICES_THEN: dict[str, Row] = {
    "limit-passed": {"attempts": 0, "next_attempt_at": NOON},
    "result-published": {"attempts": 3, "next_attempt_at": _LATER, "problem": "OSError: the disk is full"},
    "submission-accepted": {"attempts": 2, "sent_at": _LATER},
}


def _notice_then(application: str, kind: str, **told: Any) -> Row:
    name = f"{application}/1/{kind}/sc-supervisor"
    nothing = {"next_attempt_at": None, "sent_at": None, "problem": None, "details": {}}
    return nothing | {"id": name, "fact": 1, "kind": kind, "recipient": "sc-supervisor", "at": NOON} | told


def first_row(one: Life) -> Row:
    """The application's own row at revision 0001, without its personal column."""
    opening, state = one.proceeding.opening, one.proceeding.state()
    return {
        "id": one.id,
        "registration_number": one.number,
        "channel": "state-corporation",
        "office": opening.office,
        "stage": "accepted",
        "holder": None,
        "regulation": opening.regulation,
        "calendar": opening.calendar,
        "opened_at": state.opened_at,
        "changed_at": state.changed_at,
        "last_fact": state.last_fact,
        "last_hash": state.last_hash,
    }


def insert(engine: Engine, rows: dict[str, list[Row]]) -> None:
    """Into the tables as they are, whatever the code means by now."""
    tables = reflected(engine)
    with writing(engine) as connection:
        for name, several in rows.items():
            for row in several:
                kept = {column: _kept(value, engine) for column, value in row.items()}
                connection.execute(tables.tables[name].insert(), [kept])


def _kept(value: Any, engine: Engine) -> Any:
    """SQLite keeps times in UTC without saying so."""
    is_time = isinstance(value, datetime) and engine.dialect.name == "sqlite"
    return value.replace(tzinfo=None) if is_time else value


def reflected(engine: Engine) -> MetaData:
    tables = MetaData()
    tables.reflect(engine)
    return tables


def contents(engine: Engine, tables: MetaData) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables, in the columns that they had when they were reflected and still have."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            kept = [column for column in table.columns if column.name not in _MOVED.get(table.name, ())]
            if table.name != "alembic_version":
                found[table.name] = sorted((tuple(row) for row in connection.execute(select(*kept))), key=repr)
    return found


class TestTables:
    """The migrations make the tables that the code means."""

    def test_migrations_match_the_tables(self, engine: Engine) -> None:
        """After all migrations, nothing differs from adapters/database/tables.py."""
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, t.metadata) == []

    def test_upgraded_is_as_new(self, older: Engine) -> None:
        """A record that was upgraded has the tables that the code means, foreign keys and indexes included."""
        schema.ensure_schema(older)
        with older.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []
        inspector = inspect(older)
        [key] = inspector.get_foreign_keys("application")
        assert (key["constrained_columns"], key["referred_table"]) == (["recall_of"], "application")
        assert "ix_application_recall_of" in {index["name"] for index in inspector.get_indexes("application")}
        assert [index["name"] for index in inspector.get_indexes("claim")] == ["ix_claim_application"]

    def test_head_is_the_newest_revision(self) -> None:
        """The revision that programs look for is the newest one in the folder."""
        assert ScriptDirectory(str(ROOT / "migrations")).get_current_head() == schema.HEAD

    def test_newer_database_is_refused(self, engine: Engine) -> None:
        """A database of a newer Tirek is left alone, and the message names both revisions."""
        with writing(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(MalformedError, match=rf"TIREK_DATABASE_URL.*9999.*{schema.HEAD}"):
            schema.ensure_schema(engine)
        assert schema.current_revision(engine) == "9999"


class TestStarting:
    """Programs bring the record to the newest schema as they start; several at once do it once."""

    @pytest.mark.parametrize("found", [None, "0001"], ids=["empty", "older"])
    def test_many_start_at_once(self, address: str, found: str | None) -> None:
        """Programs that start at the same time on an empty or an older database all find it ready."""
        record = connect(address)
        if found:
            migrate(record, found)
        code = (
            "from adapters.database.engine import connect; from adapters.database.schema import ensure_schema; "
            f"ensure_schema(connect({address!r}))"
        )
        starts = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)]
        assert [start.wait(60) for start in starts] == [0, 0, 0, 0]
        assert schema.current_revision(record) == schema.HEAD
        assert inspect(record).has_table("claim")
        record.dispose()


class TestUpgrade:
    """An application of the first Tirek lives on after the upgrade."""

    def test_rows_stay_as_they_are(self, older: Engine, key_ring: KeyRing) -> None:
        """Every row of every table comes through in every column it had, and it is no recall."""
        rows = rows_of_the_first_tirek(life(*ACCEPTED), key_ring)
        insert(older, rows)
        tables = reflected(older)
        before = contents(older, tables)
        assert {name: len(several) for name, several in before.items() if several} == {
            name: len(several) for name, several in rows.items()
        }
        schema.ensure_schema(older)
        assert schema.current_revision(older) == schema.HEAD
        assert contents(older, tables) == before
        with older.connect() as connection:
            assert connection.execute(select(t.application.c.recall_of)).scalars().all() == [None]

    def test_deliveries_are_kept(self, older: Engine, key_ring: KeyRing) -> None:
        """What came of each notice stands beside the one way there was; what was never tried has nothing there."""
        insert(older, rows_of_the_first_tirek(life(*ACCEPTED), key_ring))
        schema.ensure_schema(older)
        columns = ("kind", "way", "attempts", "next_attempt_at", "sent_at", "problem")
        rows = RecordReader(older, key_ring).rows("app-1")["delivery"]
        assert [tuple(row[name] for name in columns) for row in rows] == [
            ("result-published", "folder", 3, _LATER, None, "OSError: the disk is full"),
            ("submission-accepted", "folder", 2, None, _LATER, None),
        ]
        with older.connect() as connection:
            sent = {row.kind: row.sent_at for row in connection.execute(select(t.notice))}
        assert sent == {"limit-passed": None, "result-published": None, "submission-accepted": _LATER}

    def test_upgraded_again(self, older: Engine, key_ring: KeyRing) -> None:
        """A second start finds nothing to do."""
        insert(older, rows_of_the_first_tirek(life(*ACCEPTED), key_ring))
        schema.ensure_schema(older)
        before = contents(older, t.metadata)
        schema.ensure_schema(older)
        assert contents(older, t.metadata) == before

    def test_read_as_it_was_written(self, older: Engine, key_ring: KeyRing) -> None:
        """The upgraded application reads as what it was: facts, clocks, papers, request, and no signature."""
        one = life(*ACCEPTED)
        insert(older, rows_of_the_first_tirek(one, key_ring))
        schema.ensure_schema(older)
        read = RecordReader(older, key_ring).entry(one.id)
        assert read is not None
        entry = one.entry()
        assert (read.facts, read.papers, read.request) == (entry.facts, entry.papers, entry.request)
        assert isinstance(read.request, Request)
        # Who served at the counter, and how long a term is, was not kept then.
        clocks = {clock.model_copy(update={"held_by": None, "allowed": None}) for clock in entry.state.clocks}
        assert set(read.state.clocks) == clocks
        assert (read.signature, read.state.stage, read.state.registration_number) == (None, "accepted", one.number)

    def test_goes_on(self, older: Engine, key_ring: KeyRing) -> None:
        """It can be decided, stored and recalled, and keeps its number under a late attempt to register."""
        one = life(*ACCEPTED)
        insert(older, rows_of_the_first_tirek(one, key_ring))
        schema.ensure_schema(older)
        records, reader = SqlApplicationRecords(older, key_ring), RecordReader(older, key_ring)
        assert records.register(wanted(one.id, *one.children)) == Registered(number=one.number)
        one.do(*STORED[len(ACCEPTED) :])
        records.record(one.entry(after=len(ACCEPTED)))
        recall = one.recalled(Command.RECALL)
        records.record(recall.entry())
        assert [row.recall for row in reader.applications(stage=Stage.STORED)] == [Stage.REQUESTED]
        assert [row.id for row in reader.recalls(one.id)] == [recall.id]
        assert records.register(wanted("b", *one.children)).number == "KRG-2026-000002"

    def test_its_children_are_claimed(self, older: Engine, key_ring: KeyRing) -> None:
        """What was accepted before there were claims holds its children against a second application."""
        one = life(*ACCEPTED)
        insert(older, rows_of_the_first_tirek(one, key_ring))
        schema.ensure_schema(older)
        assert SqlApplicationRecords(older, key_ring).register(wanted("b", *one.children)).held == (one.number,)

    def test_numbers_go_on(self, older: Engine, key_ring: KeyRing) -> None:
        """The first application after the upgrade gets the number after the last one before it."""
        insert(older, rows_of_the_first_tirek(life(*ACCEPTED), key_ring))
        schema.ensure_schema(older)
        new = wanted("b", iin(1), at=NOON + timedelta(days=1))
        assert SqlApplicationRecords(older, key_ring).register(new) == Registered(number="KRG-2026-000002")

    def test_recall_needs_its_application(self, older: Engine, key_ring: KeyRing) -> None:
        """The column that the upgrade adds holds a recall to an application that is there."""
        schema.ensure_schema(older)
        recall = life(*STORED).recalled(Command.RECALL)
        with pytest.raises(IntegrityError):
            SqlApplicationRecords(older, key_ring).record(recall.entry())
        assert RecordReader(older, key_ring).find(recall.id) is None
