"""Out of storage again: the recall's clock, its officers, and the story it belongs to (R9, R10)."""

import pytest

from models.clocks import Outcome
from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.recall import after_the_end, stage_of_story
from models.regulation import ClockKind
from models.rules import may_command
from tests.models.builders import PORTAL, PROVIDER, REGULATION, SC, Case, at

RECALL, RETENTION = ClockKind.RECALL, ClockKind.RETENTION


def recalled(when: str) -> Case:
    """A recall that SC asks for at an instant."""
    return Case(SC, opened="2026-11-23 08:00").stored().recalled(when=when)


class TestClock:
    """R10: the provider sends within one working day."""

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            ("2026-11-23 09:05", "2026-11-24 18:30"),
            ("2026-11-23 17:59", "2026-11-24 18:30"),
            ("2026-11-27 12:00", "2026-11-30 18:30"),  # over a weekend
            ("2026-11-28 10:00", "2026-11-30 18:30"),  # SC's open Saturday is no working day
            ("2026-12-15 12:00", "2026-12-17 18:30"),  # 16 December is a holiday
        ],
    )
    def test_day_of_the_request_is_not_counted(self, asked: str, due: str) -> None:
        """It is due at the provider's close of business on the next working day."""
        clock = recalled(asked).application.clocks[RECALL]
        assert (clock.started_at, clock.due_at) == (at(asked), at(due))
        assert (clock.office, clock.limit) == ("education-karaganda", True)

    def test_sending_in_time_meets_it(self) -> None:
        """It stops when the provider sends, not when the result arrives."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK, when="2026-11-24 18:30")
        clock = case.application.clocks[RECALL]
        assert (clock.stopped_at, clock.outcome) == (at("2026-11-24 18:30"), Outcome.MET)

    def test_sending_late_passes_it_first(self) -> None:
        """The limit is dated to its due instant, and the provider's supervisor is told (C2)."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK, when="2026-11-24 18:31")
        assert case.names() == [FactName.RECALL_REQUESTED, FactName.LIMIT_PASSED, FactName.RESULT_SENT_BACK]
        assert case.fact(FactName.LIMIT_PASSED).at == at("2026-11-24 18:30")
        assert [notice.recipient for notice in case.application.notices] == ["education-supervisor"]

    def test_month_begins_anew_with_the_delivery(self) -> None:
        """If nobody collects it, R9 applies again."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK).do(Command.DELIVER, when="2026-11-25 11:00")
        clock = case.application.clocks[RETENTION]
        assert (clock.started_at, clock.due_at) == (at("2026-11-25 11:00"), at("2026-12-25 18:00"))
        case.do(Command.RETENTION_ENDS, when="2026-12-25 18:00").do(Command.HAND_OVER)
        assert case.application.stage is Stage.STORED
        assert case.application.clocks[RETENTION].outcome is Outcome.MET


class TestStory:
    """An application and its recall are one story."""

    def test_journal_goes_on_from_the_last_hash(self) -> None:
        """The first fact is numbered one and chained to the application's last."""
        before = Case(SC).stored()
        first, second = before.recalled().do(Command.SEND_BACK).application.facts
        assert (first.number, first.previous) == (1, before.application.facts[-1].hash)
        assert second.previous == first.hash
        assert first.is_intact()

    def test_it_stays_stored_until_collected(self) -> None:
        """Whatever the recall does meanwhile, the story is stored; collected, it is collected."""
        for stage in (None, Stage.REQUESTED, Stage.SENT, Stage.READY, Stage.DUE_FOR_STORAGE, Stage.STORED):
            assert stage_of_story(Stage.STORED, stage) is Stage.STORED
        assert stage_of_story(Stage.STORED, Stage.COLLECTED) is Stage.COLLECTED
        assert stage_of_story(Stage.WITHDRAWN, None) is Stage.WITHDRAWN

    def test_kept_result_is_collected_at_once(self) -> None:
        """At the provider a visit is a plain collection: no request, no clock."""
        case = Case(PROVIDER).stored().recalled(Command.COLLECT)
        assert case.names() == [FactName.RESULT_COLLECTED]
        assert (case.application.stage, case.application.clocks) == (Stage.COLLECTED, {})

    @pytest.mark.parametrize(
        ("channel", "stage", "possible"),
        [
            (SC, Stage.STORED, [Command.RECALL]),
            (PROVIDER, Stage.STORED, [Command.COLLECT]),
            (SC, Stage.COLLECTED, []),
            (PORTAL, Stage.PUBLISHED, []),
        ],
    )
    def test_what_is_possible_after_the_end(self, channel: Channel, stage: Stage, possible: list[Command]) -> None:
        """Only what is stored can come out again."""
        assert after_the_end(channel, stage) == possible


class TestOfficers:
    """Who asks, and who sends (R10)."""

    @pytest.mark.parametrize(
        ("command", "able"),
        [
            (Command.RECALL, {"sc-intake-1", "sc-intake-2"}),
            (Command.SEND_BACK, {"education-intake-1", "specialist-1", "specialist-2", "deputy-head"}),
            (Command.DELIVER, {"sc-intake-1", "sc-intake-2"}),
            (Command.COLLECT, {"sc-intake-1", "sc-intake-2"}),
        ],
    )
    def test_by_their_posts(self, command: Command, able: set[str]) -> None:
        """SC's intake asks, receives and issues; the provider sends."""
        officers = {o.code for o in REGULATION.officers if may_command(REGULATION, "sc-karaganda", command, o)}
        assert officers == able

    def test_nobody_else(self) -> None:
        """Another officer is refused, and a command that is not the recall's is no move."""
        case = recalled("2026-11-23 12:00")
        assert case.codes(Command.SEND_BACK, by="sc-intake-1") == ["not-authorised"]
        assert case.codes(Command.DELIVER) == ["illegal-move"]
        assert case.codes(Command.WITHDRAW) == ["illegal-move"]

    def test_collecting_needs_the_receipt_again(self) -> None:
        """R21 holds for what was recalled as for any other result."""
        case = recalled("2026-11-23 12:00").do(Command.SEND_BACK).do(Command.DELIVER)
        without = case.example(Command.COLLECT) | {"receipt_shown": False}
        assert case.codes(Command.COLLECT, without) == ["no-receipt"]
