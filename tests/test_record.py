"""The record keeps its promises on SQLite and on PostgreSQL alike: one suite runs on both."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.numbers import count_on_after, last_numbers
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import KeyRing
from models.errors import JournalConflictError, MalformedError
from models.lifecycle import Channel, Command, Stage
from models.state import Entry
from tests.models.builders import PORTAL, SC
from tests.proceedings import ACCEPTED, PUBLISHED, SUBMITTED, Life, iin, life, waited_long, wanted

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {table.name: len(connection.execute(select(table)).all()) for table in t.metadata.sorted_tables}


def secrets_of(one: Life) -> list[str]:
    """Everything in a request that tells who somebody is."""
    applicant, account = one.request.applicant, one.request.account
    assert account is not None
    people = [applicant, *one.request.children]
    secrets = [applicant.address, applicant.phone, account.iban, one.application.signature]
    secrets += [text for person in people for text in (person.iin, person.surname, person.name, person.patronymic)]
    return [secret for secret in secrets if secret is not None]


def spellings(secret: str) -> list[bytes]:
    """How a text may stand in a file: as itself, or escaped in JSON."""
    return [secret.encode(), json.dumps(secret).strip('"').encode()]


def raw_files(engine: Engine) -> bytes:
    """All bytes that a database has on its disk, its log included."""
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        return b"".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(str(connection.execute(text("SHOW data_directory")).scalar_one()))
        database = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        folders = (folder / "base" / str(database.scalar_one()), folder / "pg_wal")
    return b"".join(file.read_bytes() for one in folders for file in sorted(one.iterdir()) if file.is_file())


class TestRecording:
    """`record` is one transaction, and the same again is nothing."""

    def test_round_trip(self, engine: Engine, key_ring: KeyRing) -> None:
        """What is written is read back by content: facts, state, notices, papers, and the request itself."""
        entry = waited_long().entry(after=0)
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

    def test_same_again_changes_nothing(self, engine: Engine, key_ring: KeyRing) -> None:
        """A repeated call, whole or in part, leaves every table as it is."""
        records = SqlApplicationRecords(engine, key_ring)
        case = waited_long()
        for after in (0, 0, 2, 3):
            records.record(case.entry(after=after))
        assert counts(engine)["fact"] == len(case.proceeding.facts) == 7
        assert counts(engine)["notice"] == 4

    def test_pieces_make_the_whole(self, engine: Engine, key_ring: KeyRing) -> None:
        """Facts that arrive one call at a time end in the same record as all at once."""
        case = waited_long()
        records = SqlApplicationRecords(engine, key_ring)
        whole = case.entry(after=0)
        for number in range(1, len(case.proceeding.facts) + 1):
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

    def test_other_content_is_an_alarm(self, engine: Engine, key_ring: KeyRing) -> None:
        """Another content under a number that is taken is refused, and nothing is written."""
        records = SqlApplicationRecords(engine, key_ring)
        entry = waited_long().entry(after=0)
        records.record(entry)
        other = entry.facts[1].model_copy(update={"hash": "f" * 64})
        with pytest.raises(JournalConflictError):
            records.record(entry.model_copy(update={"facts": (other,)}))
        assert RecordReader(engine, key_ring).facts("app-1") == list(entry.facts)

    def test_gap_is_an_alarm(self, engine: Engine, key_ring: KeyRing) -> None:
        """Facts whose predecessors the record lacks are refused: a journal has no holes."""
        case = waited_long()
        with pytest.raises(JournalConflictError):
            SqlApplicationRecords(engine, key_ring).record(case.entry(after=2))
        assert counts(engine)["fact"] == 0

    def test_failure_in_between_writes_nothing(self, engine: Engine, key_ring: KeyRing) -> None:
        """If the last statement fails, the first one is undone: facts and read model go together."""
        broken = waited_long().entry(after=0)
        twice: Entry = broken.model_copy(update={"facts": (*broken.facts, broken.facts[-1])})
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            SqlApplicationRecords(engine, key_ring).record(twice)
        assert set(counts(engine).values()) == {0}


class TestTwins:
    """Two applications that are alike to the microsecond."""

    def test_neither_stands_in_the_way_of_the_other(self, engine: Engine, key_ring: KeyRing) -> None:
        """Two tickets of one office at the same instant are both recorded: a fact's hash names its application."""
        records, reader = SqlApplicationRecords(engine, key_ring), RecordReader(engine, key_ring)
        for name in ("app-1", "app-2"):
            records.record(life(Command.TAKE_TICKET, name=name).entry())
        first, second = [reader.facts(name)[0] for name in ("app-1", "app-2")]
        assert first.at == second.at
        assert first.hash != second.hash


class TestRegistrationNumbers:
    """One number per application, for ever."""

    def test_same_under_any_retry(self, engine: Engine, key_ring: KeyRing) -> None:
        """Asked ten times at once, an application gets one number; others get others, without a hole."""
        records = SqlApplicationRecords(engine, key_ring)
        asked = [wanted(f"app-{n}", iin(n)) for n in range(5)] * 10
        with ThreadPoolExecutor(8) as pool:
            given = {
                (one.application, answer.number)
                for one, answer in zip(asked, pool.map(records.register, asked), strict=True)
            }
        assert len(given) == 5
        assert {number for _, number in given} == {f"KRG-2026-{n:06}" for n in range(1, 6)}

    def test_counted_on_after_a_loss(self, engine: Engine, key_ring: KeyRing) -> None:
        """A number that a family holds on paper is not given again; counting goes neither back nor far ahead."""
        records, pattern = SqlApplicationRecords(engine, key_ring), wanted("a", iin(1)).pattern
        assert records.register(wanted("a", iin(1))).number == "KRG-2026-000001"
        for number in ("KRG-2026-000008", "KRG-2026-000003"):
            count_on_after(engine, number, pattern)
        assert last_numbers(engine) == {2026: 8}
        for wrong in ("KRG-2026-010009", "KRG-2062-000009", "8", "KRG-2026-\u0668"):
            with pytest.raises(MalformedError):
                count_on_after(engine, wrong, pattern)
        assert last_numbers(engine) == {2026: 8}
        assert records.register(wanted("b", iin(2))).number == "KRG-2026-000009"

    def test_year_is_local(self, engine: Engine, key_ring: KeyRing) -> None:
        """The year is the one on the wall in Karaganda, not in Greenwich."""
        new_year = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
        registered = SqlApplicationRecords(engine, key_ring).register(wanted("a", iin(1), at=new_year))
        assert registered.number == "KRG-2027-000001"

    def test_every_year_counts_anew(self, engine: Engine, key_ring: KeyRing) -> None:
        """The first number of a year is 1, and an application of the old year keeps the number it has."""
        records = SqlApplicationRecords(engine, key_ring)
        next_year = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
        asked = [
            wanted("a", iin(1)),
            wanted("b", iin(2)),
            wanted("c", iin(3), at=next_year),
            wanted("a", iin(1), at=next_year),
        ]
        numbers = [records.register(one).number for one in asked]
        assert numbers == ["KRG-2026-000001", "KRG-2026-000002", "KRG-2027-000001", "KRG-2026-000001"]


class TestSubmissions:
    """A request through the portal is kept with its signature (R15)."""

    def test_signature_and_request_come_back(self, engine: Engine, key_ring: KeyRing) -> None:
        """What the applicant signed, and the signature over it, are read back as they came."""
        entry = life(*PUBLISHED, channel=PORTAL).entry()
        SqlApplicationRecords(engine, key_ring).record(entry)
        read = RecordReader(engine, key_ring).entry("app-1")
        assert read is not None
        assert read.signature == entry.signature is not None
        assert read.request == entry.request
        assert (read.facts, read.state.stage) == (entry.facts, Stage.PUBLISHED)

    def test_signature_stays_while_the_process_goes_on(self, engine: Engine, key_ring: KeyRing) -> None:
        """Entries that come later, with a request or without one, leave request and signature as they are."""
        records, reader = SqlApplicationRecords(engine, key_ring), RecordReader(engine, key_ring)
        one, seen = life(channel=PORTAL), set[tuple[str | None, bool]]()
        for number, command in enumerate(PUBLISHED):
            records.record(one.do(command).entry(after=number))
            seen.add((reader.signature("app-1"), reader.request("app-1") == one.request))
        assert seen == {(one.application.signature, True)}

    def test_refused_submission_is_kept(self, engine: Engine, key_ring: KeyRing) -> None:
        """A request that the process refuses has no number, and stays readable with its signature."""
        one = life(Command.SUBMIT, Command.REFUSE_SUBMISSION, channel=PORTAL)
        SqlApplicationRecords(engine, key_ring).record(one.entry())
        read = RecordReader(engine, key_ring).entry("app-1")
        assert read is not None
        assert (read.signature, read.request) == (one.application.signature, one.request)
        assert (read.state.stage, read.state.registration_number) == (Stage.SUBMISSION_REFUSED, None)

    def test_counter_has_no_signature(self, engine: Engine, key_ring: KeyRing) -> None:
        """At a counter the originals are shown instead, so there is a request and no signature."""
        SqlApplicationRecords(engine, key_ring).record(waited_long().entry())
        reader = RecordReader(engine, key_ring)
        assert reader.request("app-1") is not None
        assert reader.signature("app-1") is None


class TestPrivacy:
    """Personal data stands encrypted, and goes with its key."""

    @pytest.mark.parametrize(("channel", "lived"), [(SC, ACCEPTED), (PORTAL, SUBMITTED)])
    def test_no_personal_data_in_the_clear(
        self, engine: Engine, key_ring: KeyRing, channel: Channel, lived: tuple[Command, ...]
    ) -> None:
        """No name, number, address or signature of the request can be found in any row of any table."""
        one = life(*lived, channel=channel)
        records = SqlApplicationRecords(engine, key_ring)
        records.register(wanted(one.id, *one.children))
        records.record(one.entry())
        with engine.connect() as connection:
            rows = [repr(connection.execute(select(table)).all()) for table in t.metadata.sorted_tables]
        assert [secret for secret in secrets_of(one) if any(secret in row for row in rows)] == []

    def test_no_personal_data_in_the_files(self, engine: Engine, key_ring: KeyRing) -> None:
        """Nor can it be found in the raw files of the database and its log, where ids and numbers can."""
        one = life(*SUBMITTED, channel=PORTAL)
        records = SqlApplicationRecords(engine, key_ring)
        records.register(wanted(one.id, *one.children))
        records.record(one.entry())
        files = raw_files(engine)
        assert [plain for plain in ("app-1", one.number) if plain.encode() not in files] == []
        assert [secret for secret in secrets_of(one) if any(form in files for form in spellings(secret))] == []

    def test_erased_with_the_key(self, engine: Engine, key_ring: KeyRing) -> None:
        """Once the application's key is destroyed its request is gone, and the journal is whole."""
        one = life(*SUBMITTED, channel=PORTAL)
        SqlApplicationRecords(engine, key_ring).record(one.entry())
        with writing(engine) as connection:
            connection.execute(t.application_key.delete())
        reader = RecordReader(engine, key_ring)
        assert (reader.request("app-1"), reader.signature("app-1")) == (None, None)
        assert all(fact.is_intact() for fact in reader.facts("app-1"))
