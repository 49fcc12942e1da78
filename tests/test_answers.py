"""What a command was answered, and the order of notices, on record: on SQLite and on PostgreSQL."""

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from models.journal import FactName
from models.lifecycle import Command
from models.messages import APPLICANT
from models.outbound import Notice, NoticeKind
from tests.proceedings import DECIDED, NOON, STORED, Life, life


def answered(one: Life, command: Command) -> Life:
    """The last command is one that its caller can repeat."""
    one.proceeding.keep(one.proceeding.answer(command, "officer-1", "digest"))
    return one


class TestAnswers:
    """An answer stands beside the last fact of its command, and is found by the id of the command."""

    def test_comes_back_as_given(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """Stage, clocks and all: to the letter, though the application has moved on; other facts have none."""
        one = answered(life(*DECIDED), Command.APPROVE)
        given = one.proceeding.facts[-1].answer
        assert given is not None
        one.do(Command.DELIVER, Command.COLLECT)
        records.record(one.entry())
        done = reader.done([one.id], "approve")
        assert done is not None
        assert (done[0], done[1].fact, done[1].answer) == (one.id, FactName.DECISION_APPROVED, given)
        assert [fact.answer for fact in reader.facts(one.id) if fact.answer] == [given]

    def test_seal_is_what_it_was(self) -> None:
        """The chain is about what has happened: an answer changes no hash."""
        before = life(*DECIDED).proceeding.facts[-1]
        after = answered(life(*DECIDED), Command.APPROVE).proceeding.facts[-1]
        assert (after.hash, after.is_intact()) == (before.hash, True)

    def test_found_in_its_story_alone(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """Each execution of a story is looked at, and none of another story."""
        story = life(*STORED)
        recall = story.recalled(Command.RECALL)
        for one in (story, recall):
            records.record(one.entry())
        found = reader.done([story.id, recall.id], "recall")
        assert found is not None
        assert found[0] == recall.id
        assert reader.done([story.id], "recall") is None
        assert reader.done(["app-2"], "approve") is None

    def test_last_fact_of_several(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """A command that first writes that a limit passed is found by what it did itself."""
        one = life(Command.TAKE_TICKET).later(hours=2).do(Command.CALL)
        records.record(answered(one, Command.CALL).entry())
        found = reader.done([one.id], "call")
        assert found is not None
        assert (found[1].number, found[1].answer) == (len(one.proceeding.facts), one.proceeding.facts[-1].answer)


class TestNotices:
    """`show` tells notices in the order in which they came about."""

    def test_by_number(self, records: SqlApplicationRecords, reader: RecordReader) -> None:
        """The second fact's notice stands before the tenth's."""
        one = life(*STORED)
        kinds = (NoticeKind.RESULT_PUBLISHED, NoticeKind.LIMIT_PASSED)
        told = [
            Notice(fact=fact, kind=kind, recipient=APPLICANT, at=NOON, details={})
            for fact in (10, 2)
            for kind in kinds
        ]
        records.record(one.entry().model_copy(update={"notices": tuple(told)}))
        rows = [(row["fact"], row["kind"]) for row in reader.rows(one.id)["notice"]]
        assert rows == [(fact, kind) for fact in (2, 10) for kind in sorted(kinds)]
