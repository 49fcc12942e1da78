"""Recalls on record: rows of their own in the story of one application, on SQLite and on PostgreSQL."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from models.lifecycle import Channel, Command, Stage
from models.outbound import Form, NoticeKind
from models.regulation import ClockKind
from models.state import Entry
from tests.models.builders import PORTAL, PROVIDER, SC
from tests.proceedings import (
    ACCEPTED,
    DECIDED,
    KEPT,
    PUBLISHED,
    SENT_AGAIN,
    STORED,
    STORED_AGAIN,
    Life,
    life,
)

COLLECTED_AFTER_ALL = (*SENT_AGAIN, Command.COLLECT)
REQUESTED = (Command.RECALL,)


def write(records: SqlApplicationRecords, *stories: Life) -> None:
    """Whole stories, each recall after what came before it."""
    for story in stories:
        for one in (story, *story.recalls):
            records.record(one.entry())


def sent_too_late(story: Life) -> Life:
    """A recall that the provider answers days after its one working day."""
    recall = story.recalled(*REQUESTED).later(days=5)
    return recall.do(*STORED_AGAIN[1:])


def without_order(entry: Entry) -> Entry:
    """The record does not keep in which order clocks were started at one instant."""
    clocks = tuple(sorted(entry.state.clocks, key=lambda clock: clock.clock))
    return entry.model_copy(update={"state": entry.state.model_copy(update={"clocks": clocks})})


def touch(engine: Engine, application: str) -> None:
    """Write a row anew as it is: PostgreSQL then finds it behind those that were written after it."""
    with writing(engine) as connection:
        connection.execute(update(t.application).where(t.application.c.id == application).values(id=application))


class TestRecording:
    """A recall is written as any proceeding, beside its application."""

    def test_row_of_its_own(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """A recall's row names its application, and leaves the number to the application's row."""
        story = life(*STORED)
        recall = story.recalled(*SENT_AGAIN)
        write(records, story)
        a = t.application.c
        with engine.connect() as connection:
            query = select(a.id, a.recall_of, a.registration_number, a.stage).order_by(a.id)
            found = [tuple(row) for row in connection.execute(query)]
        assert found == [
            (story.id, None, story.number, Stage.STORED),
            (recall.id, story.id, None, Stage.READY),
        ]

    def test_comes_back_as_written(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """Facts, clocks, the notice of a passed limit and the storage list are read back by content."""
        story = life(*STORED)
        recall = sent_too_late(story)
        write(records, story)
        entry, read = recall.entry(), reader.entry(recall.id)
        assert read is not None
        assert without_order(read) == without_order(entry)
        assert [n.kind for n in read.notices if n.fact < 6].count(NoticeKind.LIMIT_PASSED) == 1
        assert [paper.form for paper in read.papers] == [Form.STORAGE_LIST]
        assert {clock.clock for clock in read.state.clocks} == {ClockKind.RECALL, ClockKind.RETENTION}
        assert (read.state.registration_number, read.state.opening.recall_of) == (story.number, story.id)

    def test_application_stays_as_it_was(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """Whatever happens to a recall, what is on record of its application does not change."""
        story = life(*STORED)
        write(records, story)
        before = reader.entry(story.id)
        recall = story.recalled()
        for number, command in enumerate(COLLECTED_AFTER_ALL):
            records.record(recall.do(command).entry(after=number))
        assert reader.find(recall.id).stage == Stage.COLLECTED
        assert reader.entry(story.id) == before is not None

    def test_pieces_make_the_whole(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """A recall recorded fact by fact, and some of it twice, ends as one recorded at once."""
        story = life(*STORED)
        write(records, story)
        recall = story.recalled()
        for number, command in enumerate(STORED_AGAIN):
            recall.do(command)
            last = [records.record(recall.entry(after=after)) for after in (number, number, 0)]
            assert last == [number + 1] * 3
        read = reader.entry(recall.id)
        assert read is not None
        assert without_order(read) == without_order(recall.entry())

    def test_journal_goes_on(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """The first fact of each recall is chained to the last one of what came before it."""
        story = life(*STORED)
        first, second = story.recalled(*STORED_AGAIN), story.recalled(*REQUESTED)
        write(records, story)
        facts = [reader.facts(one.id) for one in (story, first, second)]
        assert [journal[0].number for journal in facts] == [1, 1, 1]
        assert [journal[0].previous for journal in facts] == ["", facts[0][-1].hash, facts[1][-1].hash]
        assert all(fact.is_intact() for journal in facts for fact in journal)

    def test_collected_where_it_is_kept(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """At the provider a recall is one fact: the collection."""
        story = life(*KEPT, channel=PROVIDER)
        recall = story.recalled(Command.COLLECT)
        write(records, story)
        read = reader.entry(recall.id)
        assert read == recall.entry()
        assert read is not None
        assert (len(read.facts), read.state.stage) == (1, Stage.COLLECTED)

    def test_needs_its_application(self, engine: Engine, records: SqlApplicationRecords) -> None:
        """A recall of an application that is not on record is not written at all."""
        recall = life(*STORED).recalled(*REQUESTED)
        with pytest.raises(IntegrityError):
            records.record(recall.entry())
        with engine.connect() as connection:
            assert connection.execute(select(t.application.c.id)).all() == []


class TestFinding:
    """A recall is found by its id, and its application by the number that both have."""

    def test_by_id_and_number(self, engine: Engine, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """The number leads to the application and never to a recall; either id leads to its own row."""
        story = life(*STORED)
        recall = story.recalled(*REQUESTED)
        write(records, story, life(name="app-2", seed=2).later(minutes=1).do(*STORED))
        touch(engine, story.id)
        found = {reference: reader.find(reference) for reference in (story.number, story.id, recall.id)}
        assert {reference: row.id for reference, row in found.items()} == {
            story.number: story.id,
            story.id: story.id,
            recall.id: recall.id,
        }
        assert {row.registration_number for row in found.values()} == {story.number}
        assert (found[story.id].recall_of, found[recall.id].recall_of) == (None, story.id)

    def test_nothing(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """A recall that has not begun is not found, though its application is there."""
        story = life(*STORED)
        write(records, story)
        unborn = story.recalled(*REQUESTED)
        assert (reader.find(unborn.id), reader.entry(unborn.id), reader.opening(unborn.id)) == (None, None, None)
        assert reader.last_fact(unborn.id) == 0

    def test_opening(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """What a recall and its application were opened with is read back from either row."""
        story = life(*STORED)
        recall = story.recalled(*REQUESTED)
        write(records, story)
        openings = [reader.opening(one) for one in (recall.id, story.number)]
        assert openings == [recall.proceeding.opening, story.proceeding.opening]

    def test_in_order(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """The recalls of an application come in the order of their beginning, the eleventh after the tenth."""
        story = life(*STORED)
        for _ in range(10):
            story.recalled(*STORED_AGAIN)
        story.recalled(*SENT_AGAIN)
        other = life(name="app-2", seed=2).later(minutes=1).do(*STORED)
        other.recalled(*REQUESTED)
        write(records, story, other)
        recalls = reader.recalls(story.id)
        assert [row.id for row in recalls] == [f"app-1-recall-{number}" for number in range(1, 12)]
        assert [row.stage for row in recalls] == [Stage.STORED] * 10 + [Stage.READY]
        assert {row.registration_number for row in recalls} == {story.number}

    def test_no_recalls(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """An application that nobody has recalled has none, and neither has a recall."""
        story = life(*STORED)
        write(records, story)
        assert reader.recalls(story.id) == []
        recall = story.recalled(*REQUESTED)
        write(records, story)
        assert reader.recalls(recall.id) == []


Listed = tuple[str, str, str | None]
"""A row of the list: the application, its own stage, and the stage of its last recall."""

STORIES: dict[str, tuple[Channel, Sequence[Command], Sequence[Sequence[Command]]]] = {
    "accepted": (SC, ACCEPTED, ()),
    "collected": (SC, (*DECIDED, Command.DELIVER, Command.COLLECT), ()),
    "published": (PORTAL, PUBLISHED, ()),
    "stored": (SC, STORED, ()),
    "kept": (PROVIDER, KEPT, ()),
    "requested": (SC, STORED, (REQUESTED,)),
    "back": (SC, STORED, (SENT_AGAIN,)),
    "stored-again": (SC, STORED, (STORED_AGAIN,)),
    "requested-again": (SC, STORED, (STORED_AGAIN, REQUESTED)),
    "collected-after-all": (SC, STORED, (STORED_AGAIN, STORED_AGAIN, COLLECTED_AFTER_ALL)),
    "collected-where-kept": (PROVIDER, KEPT, ((Command.COLLECT,),)),
}


@pytest.fixture
def listed(records: SqlApplicationRecords, reader: RecordReader) -> RecordReader:
    """A record with every kind of story; each began a minute after the one before."""
    for seed, (name, (channel, lived, recalls)) in enumerate(STORIES.items(), start=1):
        story = life(name=name, channel=channel, seed=seed).later(minutes=seed).do(*lived)
        for recall in recalls:
            story.recalled(*recall)
        write(records, story)
    return reader


class TestListing:
    """A list has one row for each story, and its filter knows where a story stands."""

    def test_one_row_for_each_story(self, listed: RecordReader) -> None:
        """Every application stands there once, the newest first, with the stage of its last recall."""
        rows = [(row.id, row.stage, row.recall) for row in listed.applications()]
        assert rows == [
            ("collected-where-kept", Stage.STORED, Stage.COLLECTED),
            ("collected-after-all", Stage.STORED, Stage.COLLECTED),
            ("requested-again", Stage.STORED, Stage.REQUESTED),
            ("stored-again", Stage.STORED, Stage.STORED),
            ("back", Stage.STORED, Stage.READY),
            ("requested", Stage.STORED, Stage.REQUESTED),
            ("kept", Stage.STORED, None),
            ("stored", Stage.STORED, None),
            ("published", Stage.PUBLISHED, None),
            ("collected", Stage.COLLECTED, None),
            ("accepted", Stage.ACCEPTED, None),
        ]

    def test_by_stage(self, listed: RecordReader) -> None:
        """A stage finds stories that stand there, a stored one until it is collected, and recalls under way."""
        found = {stage: sorted(row.id for row in listed.applications(stage=stage)) for stage in Stage}
        assert {stage: names for stage, names in found.items() if names} == {
            Stage.ACCEPTED: ["accepted"],
            Stage.COLLECTED: ["collected", "collected-after-all", "collected-where-kept"],
            Stage.PUBLISHED: ["published"],
            Stage.READY: ["back"],
            Stage.REQUESTED: ["requested", "requested-again"],
            Stage.STORED: ["back", "kept", "requested", "requested-again", "stored", "stored-again"],
        }

    def test_by_channel(self, listed: RecordReader) -> None:
        """A channel finds its own stories, together with a stage those that are both."""
        assert [row.id for row in listed.applications(channel=PROVIDER)] == ["collected-where-kept", "kept"]
        both = listed.applications(stage=Stage.COLLECTED, channel=PROVIDER)
        assert [row.id for row in both] == ["collected-where-kept"]

    def test_limit_counts_stories(self, listed: RecordReader) -> None:
        """A limit of three gives the three newest stories, however many recalls they have."""
        rows = [row.id for row in listed.applications(limit=3)]
        assert rows == ["collected-where-kept", "collected-after-all", "requested-again"]

    def test_numbers(self, listed: RecordReader) -> None:
        """Every row has the registration number of its application."""
        rows = listed.applications()
        numbers = [row.registration_number for row in rows]
        assert numbers == [f"KRG-2026-{seed:06}" for seed in range(len(STORIES), 0, -1)]
