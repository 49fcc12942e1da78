"""The heads of all hash chains, anchored outside of the record: what was changed or lost there is found."""

import asyncio
import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from obstore.store import LocalStore
from sqlalchemy import Engine, delete, insert, update

from adapters.anchors import Anchors, open_anchors
from adapters.database import tables as t
from adapters.database.anchors import SqlAnchored, last_anchor_at
from adapters.database.engine import writing
from adapters.database.journals import SqlJournals
from adapters.database.records import SqlApplicationRecords
from adapters.settings import Settings
from desk.anchor_checking import Checked, anchor_differences, check_anchors
from desk.anchoring import Anchoring, anchor_until, duty_of
from desk.comparing import Ahead
from models.errors import UnavailableError
from models.lifecycle import Command
from tests.documents.buckets import running_bucket
from tests.lost_rows import put_back, rows_of
from tests.proceedings import ACCEPTED, Life, life

FIRST = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Kept:
    """A record, its place for anchors, and the days on which it was anchored."""

    def __init__(self, engine: Engine, root: Path) -> None:
        self.engine = engine
        self.root = root
        self.anchors = Anchors(LocalStore(root), root)
        self.record = SqlAnchored(engine)
        self.anchoring = Anchoring(lambda: self.anchors, self.record)

    def anchor(self, days: int = 0) -> int:
        """Anchor so many days after the first one; how many heads had changed."""
        return self.anchoring.anchor(FIRST + days * DAY).changed

    def check(self) -> Checked:
        return check_anchors(self.anchors, self.record)

    def file(self, days: int = 0) -> Path:
        return self.root / "anchors" / f"{(FIRST + days * DAY).date()}.jsonl.gz"

    def wrong(self) -> list[tuple[str, str, str]]:
        return [(one.execution, one.ahead, one.what) for one in anchor_differences(self.anchors, self.record)]


@pytest.fixture
def kept(engine: Engine, tmp_path: Path) -> Kept:
    root = tmp_path / "anchors-place"
    root.mkdir()
    return Kept(engine, root)


Lived = Callable[..., Life]


@pytest.fixture
def lived(records: SqlApplicationRecords) -> Lived:
    """An application on record that has come so far."""

    def live(name: str, *commands: Command, seed: int = 1) -> Life:
        one = life(*commands, name=name, seed=seed)
        records.record(one.entry())
        return one

    return live


class TestAnchoring:
    """One file a day, of what has changed."""

    def test_only_what_changed(self, kept: Kept, lived: Lived, records: SqlApplicationRecords) -> None:
        """All at first; then what has a new fact and what is new; then nothing, and that is anchored as well."""
        one = lived("app-1", Command.TAKE_TICKET)
        lived("app-2", Command.TAKE_TICKET, seed=2)
        assert kept.anchor() == 2
        records.record(one.do(Command.CALL).entry())
        lived("app-3", Command.TAKE_TICKET, seed=3)
        assert kept.anchor(1) == 2
        assert kept.anchor(2) == 0
        done = kept.check()
        assert (done.files, done.heads, done.missing_days, done.is_whole) == (3, 4, [], True)

    def test_written_once(self, kept: Kept, lived: Lived, records: SqlApplicationRecords) -> None:
        """A second one on the same day is the first one: the file stays, byte by byte."""
        one = lived("app-1", Command.TAKE_TICKET)
        first = kept.anchoring.anchor(FIRST)
        before = kept.file().read_bytes()
        records.record(one.do(Command.CALL).entry())
        again = kept.anchoring.anchor(FIRST + timedelta(hours=1))
        assert (first.is_new, again.is_new) == (True, False)
        assert kept.file().read_bytes() == before
        assert again.sha256 == first.sha256
        assert kept.anchor(1) == 1, "what changed since waits for the next day"

    def test_several_at_once(self, kept: Kept, lived: Lived) -> None:
        """Of several workers at one instant one writes the file, and all of them know the same."""
        lived("app-1", Command.TAKE_TICKET)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: kept.anchoring.anchor(FIRST), range(4)))
        assert sum(one.is_new for one in done) == 1
        assert len({one.sha256 for one in done}) == 1
        assert kept.check().is_whole

    def test_after_a_death(self, kept: Kept, lived: Lived) -> None:
        """Whoever died after the file was out, before it was remembered, is made up for."""
        lived("app-1", Command.TAKE_TICKET)
        kept.anchor()
        with writing(kept.engine) as connection:
            connection.execute(delete(t.anchor))
            connection.execute(delete(t.anchored))
        assert kept.anchoring.is_due(FIRST)
        assert not kept.anchoring.anchor(FIRST).is_new
        assert not kept.anchoring.is_due(FIRST)
        assert kept.anchor(1) == 0

    def test_named_by_the_day_of_almaty(self, kept: Kept) -> None:
        """At seven in the evening of UTC the next day has begun there."""
        kept.anchoring.anchor(datetime(2026, 11, 24, 19, 30, tzinfo=UTC))
        assert kept.anchors.days() == [date(2026, 11, 25)]

    def test_many(self, kept: Kept, lived: Lived) -> None:
        """More than fit into a page: every one of them, each once."""
        row = rows_of_one(kept, lived)
        with writing(kept.engine) as connection:
            connection.execute(insert(t.application), [row | {"id": f"many-{n:05}"} for n in range(11_000)])
        assert kept.anchor() == 11_001
        lines = gzip.decompress(kept.file().read_bytes()).splitlines()
        assert len(lines) == 11_003
        assert kept.anchor(1) == 0

    def test_when_the_last_one_was_made(self, kept: Kept) -> None:
        """For whoever watches: None before the first, then its instant."""
        assert kept.record.last_at() is None
        kept.anchor()
        kept.anchor(1)
        with kept.engine.connect() as connection:
            assert last_anchor_at(connection) == FIRST + DAY


def rows_of_one(kept: Kept, lived: Lived) -> dict[str, object]:
    lived("app-1", Command.TAKE_TICKET)
    ((_, (row,)), *_) = rows_of(kept.engine, "app-1")
    return row


class TestDuty:
    """What a worker does about it."""

    def test_without_a_place(self, kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
        """Nothing; in production it is warned."""
        for is_production, warned in ((False, 0), (True, 1)):
            settings = Settings(production=is_production)
            assert duty_of(settings, kept.engine) is None
            assert sum("TIREK_ANCHORS_URL" in record.message for record in caplog.records) == warned

    async def test_place_that_is_away(self, kept: Kept, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """It is told as an error, nothing is anchored, and the loop goes on until it is stopped."""
        stop = asyncio.Event()
        duty = duty_of(Settings(anchors_url=f"file://{tmp_path}/away"), kept.engine)
        running = asyncio.create_task(anchor_until(stop, duty))
        async with asyncio.timeout(10):
            while not caplog.records:  # noqa: ASYNC110 - a log sends no event
                await asyncio.sleep(0.01)
        assert "the folder is not there" in caplog.text
        assert not running.done()
        stop.set()
        await running
        assert kept.record.last_at() is None


class TestFinding:
    """What is found when the record is held against its anchors."""

    def test_journal_written_anew(self, kept: Kept, lived: Lived, records: SqlApplicationRecords) -> None:
        """Every hash is right, so nothing else would find it: the anchor does, and names the fact."""
        number = len(lived("app-1", *ACCEPTED).entry().facts)
        lived("app-2", Command.TAKE_TICKET, seed=2)
        kept.anchor()
        put_back(kept.engine, "app-1", [])
        other = life(Command.TAKE_TICKET, name="app-1").later(minutes=7).do(Command.CALL, Command.ACCEPT)
        records.record(other.entry())
        assert list(SqlJournals(kept.engine).broken()) == []
        what = f"fact {number} has another content on record than in the anchor of 2026-11-24"
        assert kept.wrong() == [("app-1", Ahead.NEITHER, what)]

    def test_newest_hour_is_lost(self, kept: Kept, lived: Lived, records: SqlApplicationRecords) -> None:
        """A record that was restored from an older copy is behind its anchor; what is gone whole, too."""
        one = lived("app-1", Command.TAKE_TICKET)
        then = rows_of(kept.engine, "app-1")
        records.record(one.do(Command.CALL).entry())
        lived("app-2", Command.TAKE_TICKET, seed=2)
        kept.anchor()
        had = len(one.entry().facts)
        put_back(kept.engine, "app-1", then)
        put_back(kept.engine, "app-2", [])
        behind = "the record is behind its anchor of 2026-11-24: it has"
        assert kept.wrong() == [
            ("app-1", Ahead.ANCHOR, f"{behind} 1 of {had} facts"),
            ("app-2", Ahead.ANCHOR, f"{behind} 0 of 1 facts"),
        ]
        records.record(one.entry())
        assert [execution for execution, _, _ in kept.wrong()] == ["app-2"]

    def test_fact_that_was_changed(self, kept: Kept, lived: Lived) -> None:
        """By hand, its hash left as it was: the anchor knows the hash only, the chain tells the content."""
        lived("app-1", *ACCEPTED)
        kept.anchor()
        with writing(kept.engine) as connection:
            first = (t.fact.c.application == "app-1") & (t.fact.c.number == 1)
            connection.execute(update(t.fact).where(first).values(by="officer-9"))
        assert kept.check().is_whole
        told = [("app-1", "fact 1 has another content than its hash says")]
        assert list(SqlJournals(kept.engine).broken()) == told

    def test_fact_that_was_taken_out(self, kept: Kept, lived: Lived) -> None:
        """Out of the middle, or the last one: the chain does not hold."""
        for name, number in (("app-1", 2), ("app-2", 3)):
            lived(name, *ACCEPTED, seed=number)
            with writing(kept.engine) as connection:
                one = (t.fact.c.application == name) & (t.fact.c.number == number)
                connection.execute(delete(t.fact).where(one))
        told = dict(SqlJournals(kept.engine).broken())
        assert told["app-1"] == "fact 2 is missing"
        assert told["app-2"] == "its journal ends with fact 2, and its row says 3, or another hash"

    def test_missing_day(self, kept: Kept, lived: Lived) -> None:
        """A day on which nothing was anchored is told; it is no fault of the record."""
        lived("app-1", Command.TAKE_TICKET)
        kept.anchor()
        kept.anchor(3)
        done = kept.check()
        assert done.missing_days == [date(2026, 11, 25), date(2026, 11, 26)]
        assert done.is_whole

    def test_file_that_was_removed(self, kept: Kept) -> None:
        """The next one names it, so it is no missing day but a broken chain; the record remembers it too."""
        for days in range(3):
            kept.anchor(days)
        kept.file(1).unlink()
        done = kept.check()
        told = "2026-11-26: it follows the file of 2026-11-25, and the one before it is of 2026-11-24"
        assert done.bad_files == [told, "2026-11-25: the record remembers that it was written, and it is gone"]

    def test_newest_files_that_were_removed(self, kept: Kept, lived: Lived) -> None:
        """No file after them names them: the record does, and what they held is anchored once more."""
        lived("app-1", Command.TAKE_TICKET)
        kept.anchor()
        kept.anchor(1)
        for days in range(2):
            kept.file(days).unlink()
        gone = "the record remembers that it was written, and it is gone"
        assert kept.check().bad_files == [f"2026-11-24: {gone}", f"2026-11-25: {gone}"]
        assert (kept.anchor(2), kept.anchor(3)) == (1, 0)
        assert kept.check().bad_files == [f"2026-11-24: {gone}", f"2026-11-25: {gone}"], "it stays told"

    def test_newest_file_that_was_written_anew(self, kept: Kept, lived: Lived) -> None:
        """Whole by itself, with every root right: only the record remembers that it was another one."""
        lived("app-1", Command.TAKE_TICKET)
        kept.anchor()
        first = kept.file().read_bytes()
        kept.file().unlink()
        lived("app-2", Command.TAKE_TICKET, seed=2)
        assert kept.anchor() == 2
        assert kept.check().bad_files == ["2026-11-24: the record remembers another file of that day"]
        kept.file().write_bytes(first)
        assert kept.check().is_whole

    @pytest.mark.parametrize(
        ("spoil", "told"),
        [
            (lambda data: data[:-30], "it cannot be read"),
            (lambda data: gzip.compress(gzip.decompress(data).replace(b"app-1", b"app-9")), "its root is not"),
            (lambda data: gzip.compress(b"\n".join(gzip.decompress(data).splitlines()[:-1])), "it is cut off"),
            (lambda data: data[:0] + gzip.compress(b'{"format":2}\n'), "it has no header"),
            (lambda data: gzip.compress(gzip.decompress(data).replace(b'["app', b'{"app')), "it has a line"),
        ],
        ids=["shortened", "altered", "without its end", "of another kind", "no lines"],
    )
    def test_file_that_was_altered(
        self, spoil: Callable[[bytes], bytes], told: str, kept: Kept, lived: Lived
    ) -> None:
        """It is named, and the file after it says that it was another one; the rest is still checked."""
        lived("app-1", Command.TAKE_TICKET)
        kept.anchor()
        kept.anchor(1)
        kept.file().write_bytes(spoil(kept.file().read_bytes()))
        bad = kept.check().bad_files
        assert bad[0].startswith(f"2026-11-24: {told}"), bad
        assert "2026-11-25: the file of 2026-11-24 is another one than it was" in bad


class TestPlace:
    """A folder or a bucket."""

    def test_bucket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is in a bucket is listed and read, and never overwritten."""
        with running_bucket() as bucket:
            for name, value in bucket.environment.items():
                monkeypatch.setenv(name, value)
            place = open_anchors(Settings(data=tmp_path, anchors_url="s3://papers"))
            assert place is not None
            draft = tmp_path / "draft"
            draft.write_bytes(b"one")
            for wanted in (True, False):
                with draft.open("rb") as content:
                    assert place.put(date(2026, 11, 24), content) is wanted
                draft.write_bytes(b"two")
            with place.read(date(2026, 11, 24)) as content:
                assert content.read() == b"one"
            assert place.days() == [date(2026, 11, 24)]
            bucket.refuses = 403
            with pytest.raises(UnavailableError):
                place.days()

    def test_folder_that_is_not_there(self, tmp_path: Path) -> None:
        """It is not made: a disk that is not mounted must not be hidden."""
        with pytest.raises(UnavailableError, match="TIREK_ANCHORS_URL"):
            open_anchors(Settings(data=tmp_path, anchors_url=f"file://{tmp_path}/nowhere"))
