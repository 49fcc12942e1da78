"""Erasing: whatever is personal is gone for good, and everything else stays as it was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from temporalio.client import Client

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.journals import SqlJournals
from adapters.database.personal import ErasedError
from adapters.database.records import SqlApplicationRecords
from adapters.documents.places import Folder
from adapters.documents.store import EncryptedDocumentStore
from adapters.temporal.server import Server
from desk.erasing import Eraser
from desk.officer import Officer
from desk.views import record_view
from models.act import Act
from models.errors import RefusedError, UnknownApplicationError
from models.evidence import Attach
from models.handling import carry_out
from models.lifecycle import Channel, Command
from models.outbound import Form
from tests.printing.conftest import Office, Record
from tests.proceedings import DECIDED, NOON, SENT_AGAIN, STORED, Life, life

SC, PROVIDER = Channel.STATE_CORPORATION, Channel.PROVIDER
HEAD = Officer("head")
COLLECTED = (*DECIDED, Command.DELIVER, Command.COLLECT)
WHY = "the term of the office is over"


class Archive:
    """A record with printed documents and files, years after its applications ended."""

    def __init__(self, office: Office, client: Client, folder: Path, on_record: Record) -> None:
        self.store = EncryptedDocumentStore(Folder(folder), office.ring)
        self.office = replace(office, store=self.store)  # type: ignore[arg-type]
        self.on_record = on_record
        self.client = client
        self.folder = folder
        self.now = NOON + timedelta(days=366 * 6)

    @property
    def eraser(self) -> Eraser:
        return Eraser(self.office.reader, self.office.library, self.store, lambda: self.now)

    async def erase(self, application: str = "app-1", by: Officer = HEAD) -> Any:
        return await self.eraser.erase(self.client, application, by, WHY)

    def collected(self, name: str = "app-1", seed: int = 1, *contents: bytes) -> Life:
        """One whose result was collected, with files that were handed in."""
        one = life(*DECIDED[:4], name=name, channel=SC, seed=seed)
        for number, content in enumerate(contents):
            attach(one, self.store.put(content), number)
        return self.on_record.write(one.do(*COLLECTED[4:]))

    def shown(self, application: str = "app-1") -> dict[str, Any]:
        row = self.office.reader.find(application)
        assert row is not None
        return record_view(self.office.reader, row, self.office.library)

    def objects(self) -> int:
        return len(list(self.folder.glob("??/*")))


def attach(one: Life, sha256: str, number: int) -> None:
    kind = ("bank-account-contract", "child-income")[number]
    content = {"kind": kind, "sha256": sha256, "media_type": "image/png", "size": 12}
    message = Attach.model_validate(content)
    act = Act(command=Command.ATTACH, by="specialist-1", at=one.now, cause="update:attach", message=message)
    carry_out(one.proceeding, act)


@pytest.fixture
async def archive(office: Office, server: Server, tmp_path: Path, on_record: Record) -> Archive:
    client = await Client.connect(server.address)
    return Archive(office, client, tmp_path / "documents", on_record)


def ciphertexts(engine: Engine, application: str) -> list[bytes]:
    """Whatever encrypted text is left of an application."""
    left: list[bytes] = []
    tables = (t.child, t.document, t.remark, t.collection, t.verification, t.decision)
    with engine.connect() as connection:
        for table in tables:
            query = select(table.c.personal).where(table.c.application == application)
            left += [one for one in connection.execute(query).scalars() if one]
        left += connection.execute(
            select(t.application_key.c.wrapped).where(t.application_key.c.application == application)
        ).scalars()
        own = select(t.application.c.personal).where(t.application.c.id == application)
        left += [one for one in connection.execute(own).scalars() if one]
    return left


def has_in_a_file(folder: Path, text: bytes) -> bool:
    """Whether a file of a SQLite record, or its log, has this text in it."""
    return any(text in path.read_bytes() for path in folder.glob("record.sqlite*"))


def told_of(shown: dict[str, Any]) -> dict[str, Any]:
    """What `show` tells that is nobody's personal data."""
    gone = {"erased", "package", "amounts", "result", "remarks"}
    return {name: value for name, value in shown.items() if name not in gone}


class TestErased:
    """What is gone, and what is not."""

    async def test_people_are_gone(self, archive: Archive, engine: Engine) -> None:
        """No key, no ciphertext, no hash for a look-up; the record reads as one that tells of nobody."""
        archive.collected()
        before = ciphertexts(engine, "app-1")
        assert len(before) > 5
        done = await archive.erase()
        assert (done.is_new, done.erasures[0].by, done.erasures[0].reason) == (True, "head", WHY)
        assert ciphertexts(engine, "app-1") == []
        reader = archive.office.reader
        entry = reader.entry("app-1")
        assert entry is not None
        assert (entry.request, entry.signature, entry.approval, entry.collection) == (None,) * 4
        assert (entry.remarks, entry.said) == ((), ())
        with engine.connect() as connection:
            hashes = connection.execute(select(t.child.c.iin_hash)).scalars().all()
        assert hashes
        assert set(hashes) == {""}

    async def test_nothing_is_left_in_the_file(
        self, archive: Archive, engine: Engine, database: str, tmp_path: Path
    ) -> None:
        """On SQLite neither the file nor its log has the wrapped key any more; PostgreSQL has no row of it."""
        archive.collected()
        (wrapped, *_) = ciphertexts(engine, "app-1")[-2:-1]
        assert has_in_a_file(tmp_path, wrapped) is (database == "sqlite")
        await archive.erase()
        assert not has_in_a_file(tmp_path, wrapped)
        assert ciphertexts(engine, "app-1") == []

    async def test_everything_else_stays(self, archive: Archive, engine: Engine) -> None:
        """Facts, chain, clocks, decisions, who looked: as before; and it is told who erased it, and why."""
        archive.collected()
        archive.office.print("app-1", Form.DECISION)
        reader = archive.office.reader
        before, facts, clocks = archive.shown(), reader.facts("app-1"), reader.clocks("app-1")
        accesses = reader.accesses("app-1")
        await archive.erase()
        after = archive.shown()
        assert told_of(after) == told_of(before)
        assert (reader.facts("app-1"), reader.clocks("app-1")) == (facts, clocks)
        assert reader.accesses("app-1") == [*accesses, ("head", "erase", "erased")]
        assert list(SqlJournals(engine).broken()) == []
        assert (after["erased"]["by"], after["erased"]["reason"]) == ("head", WHY)
        assert before["erased"] is None
        assert (after["package"], after["amounts"]) == (None, [])

    async def test_printed_documents(self, archive: Archive) -> None:
        """They are printed no more; the paper in somebody's hands is still ours, unaltered and in force."""
        archive.collected()
        paper = archive.office.print("app-1", Form.DECISION)
        before = archive.office.check(paper.content)
        assert before.is_good
        done = await archive.erase()
        assert (done.files, archive.objects()) == (1, 0)
        assert archive.office.check(paper.content) == before
        assert archive.office.check(paper.printout.code).is_good is not None
        with pytest.raises(RefusedError, match="were erased"):
            archive.office.print("app-1", Form.DECISION)
        with pytest.raises(RefusedError, match="were erased"):
            archive.office.print("app-1", Form.ACCEPTANCE_RECEIPT)

    async def test_files_that_are_somebody_elses_too(self, archive: Archive) -> None:
        """A file that another application has as well stays, until that one is erased."""
        archive.collected("app-1", 1, b"a contract", b"an income")
        archive.collected("app-2", 2, b"a contract")
        assert archive.objects() == 2
        assert ((await archive.erase("app-1")).files, archive.objects()) == (1, 1)
        assert ((await archive.erase("app-2")).files, archive.objects()) == (1, 0)

    async def test_list_on_which_others_stand(self, archive: Archive) -> None:
        """The list of a hand-over names several people: it goes with the first who is erased."""
        stored = [life(*STORED, name=name, channel=SC, seed=seed) for name, seed in (("app-1", 1), ("app-2", 2))]
        for one in stored:
            archive.on_record.write(one)
        archive.office.print("app-2", Form.STORAGE_LIST)
        recall = stored[0].recalled(*SENT_AGAIN, Command.COLLECT)
        archive.on_record.write(recall)
        assert archive.objects() == 1
        done = await archive.erase("app-1")
        assert (done.files, archive.objects()) == (1, 0)
        with pytest.raises(RefusedError, match="were erased"):
            archive.office.print("app-2", Form.STORAGE_LIST)
        assert archive.office.reader.request("app-2") is not None

    async def test_recalls_go_with_it(self, archive: Archive, engine: Engine) -> None:
        """Named by a recall or not: each has a key of its own, and a row that says it is erased."""
        one = archive.on_record.write(life(*STORED, channel=SC))
        recall = archive.on_record.write(one.recalled(*SENT_AGAIN, Command.COLLECT))
        done = await archive.erase(recall.id)
        assert [row.application for row in done.erasures] == ["app-1", recall.id]
        assert ciphertexts(engine, "app-1") + ciphertexts(engine, recall.id) == []


class TestForEver:
    """Nothing brings it back, and a second time is the same."""

    async def test_twice(self, archive: Archive) -> None:
        """The first one's row stands; what was left of the files, after a death in between, goes now."""
        archive.collected("app-1", 1, b"a contract")
        first = await archive.erase()
        archive.store.put(b"a contract")
        archive.now += timedelta(days=1)
        again = await archive.eraser.erase(archive.client, "app-1", HEAD, "another reason")
        assert (again.is_new, again.erasures) == (False, first.erasures)
        assert (again.files, archive.objects()) == (1, 0)

    async def test_late_record(self, archive: Archive, records: SqlApplicationRecords, engine: Engine) -> None:
        """What comes late makes no new key: it is refused, and nothing of it is written."""
        one = archive.collected()
        await archive.erase()
        with pytest.raises(ErasedError):
            records.rebuild(one.entry(), "KRG-{year}-{number:06d}")
        assert ciphertexts(engine, "app-1") == []

    async def test_no_claim_is_left(self, archive: Archive, engine: Engine) -> None:
        """Not even one that a restored copy brought along: the child is free."""
        archive.collected()
        row = {"child_key": "k" * 64, "application": "app-1", "claimed_at": NOON}
        with writing(engine) as connection:
            connection.execute(insert(t.claim), [row])
        await archive.erase()
        assert archive.office.reader.registration("app-1")[1] == set()


class TestRefused:
    """By whom and when it may not be done; nothing is changed then, and the attempt is on record."""

    @pytest.mark.parametrize(
        ("commands", "code"), [(DECIDED, "not-ended"), (STORED, "result-waits")], ids=["open", "stored"]
    )
    async def test_too_early(
        self, commands: Sequence[Command], code: str, archive: Archive, engine: Engine
    ) -> None:
        archive.on_record.write(life(*commands, channel=SC))
        before = ciphertexts(engine, "app-1")
        with pytest.raises(RefusedError) as refused:
            await archive.erase()
        assert [one.code for one in refused.value.refusals] == [code]
        assert ciphertexts(engine, "app-1") == before
        assert archive.office.reader.accesses("app-1")[-1] == ("head", "erase", code)

    async def test_within_the_term(self, archive: Archive) -> None:
        """The day from which it may be done is told."""
        archive.collected()
        archive.now = NOON + timedelta(days=365)
        with pytest.raises(RefusedError, match="from 2031-11-23 on"):
            await archive.erase()

    @pytest.mark.parametrize(
        ("who", "code"),
        [("specialist-1", "not-authorised"), ("education-supervisor", "not-authorised"), ("x", "unknown-officer")],
    )
    async def test_by_somebody_else(self, who: str, code: str, archive: Archive) -> None:
        """Also of what is erased already: who may not do it is not told of it."""
        archive.collected()
        for _ in range(2):
            with pytest.raises(RefusedError) as refused:
                await archive.erase(by=Officer(who))
            assert refused.value.refusals[0].code == code
            await archive.erase()

    async def test_unknown(self, archive: Archive) -> None:
        with pytest.raises(UnknownApplicationError):
            await archive.erase("app-9")


class TestDue:
    """`erase --due`."""

    async def test_whose_term_is_over(self, archive: Archive) -> None:
        """What ended and was collected, the oldest first; nothing open, stored, younger or erased."""
        for number in (1, 2, 3):
            archive.collected(f"app-{number}", number)
        archive.on_record.write(life(*STORED, name="app-4", channel=SC, seed=4))
        archive.on_record.write(life(*DECIDED, name="app-5", channel=SC, seed=5))
        stored = archive.on_record.write(life(*STORED, name="app-6", channel=SC, seed=6))
        archive.on_record.write(stored.recalled(*SENT_AGAIN, Command.COLLECT))
        await archive.erase("app-2")
        due = archive.eraser.due()
        assert sorted(one.application for one in due) == ["app-1", "app-3", "app-6"]
        assert {one.due_on for one in due} == {(NOON.date()).replace(year=2031)}
        archive.now = datetime(2031, 11, 22, 12, tzinfo=NOON.tzinfo)
        assert archive.eraser.due() == []
