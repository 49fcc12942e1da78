"""When the personal data of a finished application may be erased."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from models.authority import may_erase
from models.lifecycle import Stage
from models.personal_data import Ending, PersonalDataRules, due_on, not_yet
from tests.models.builders import REGULATION

RULES = PersonalDataRules()
EVENING = datetime(2024, 2, 28, 19, 30, tzinfo=UTC)
"""29 February has begun in Karaganda."""
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def ending(stage: Stage = Stage.COLLECTED, at: datetime = EVENING) -> Ending:
    return Ending(execution="app-1", stage=stage, changed_at=at)


def codes(endings: list[Ending], story: Stage, now: datetime = LATER) -> list[str]:
    return [one.code for one in not_yet(endings, story, RULES, now)]


class TestTerm:
    """Years from the last fact, by the calendar of Karaganda."""

    def test_day(self) -> None:
        """29 February and five years is the last day of that February."""
        assert due_on([ending()], RULES) == date(2029, 2, 28)

    def test_last_of_all_counts(self) -> None:
        """A recall that was collected years later starts the term anew."""
        recall = ending(at=datetime(2026, 5, 4, tzinfo=UTC))
        assert due_on([ending(Stage.STORED), recall], RULES) == date(2031, 5, 4)

    def test_own_years(self) -> None:
        """An office may say another number; none is no number."""
        assert due_on([ending()], PersonalDataRules(years=1)) == date(2025, 2, 28)
        with pytest.raises(ValidationError):
            PersonalDataRules(years=0)

    @pytest.mark.parametrize(("now", "found"), [(27, ["term-not-over"]), (28, [])])
    def test_first_day(self, now: int, found: list[str]) -> None:
        """The day before is too early, and told with the date."""
        assert codes([ending()], Stage.COLLECTED, datetime(2029, 2, now, 12, tzinfo=UTC)) == found


class TestNotYet:
    """What has to be over first."""

    def test_open(self) -> None:
        assert codes([ending(Stage.UNDER_REVIEW)], Stage.UNDER_REVIEW) == ["not-ended"]

    def test_recall_is_open(self) -> None:
        assert codes([ending(Stage.STORED), ending(Stage.REQUESTED)], Stage.STORED) == ["recall-open"]

    def test_result_waits(self) -> None:
        """Whoever comes for a stored result has to prove who they are: that cannot be erased."""
        assert codes([ending(Stage.STORED)], Stage.STORED) == ["result-waits"]

    def test_collected_after_a_recall(self) -> None:
        assert codes([ending(Stage.STORED), ending(Stage.COLLECTED)], Stage.COLLECTED) == []


class TestAuthority:
    """Who may have it done."""

    def test_head_of_the_office_that_decides(self) -> None:
        """A head, of that office alone; no specialist and no supervisor."""
        posts = {officer.code: officer for officer in REGULATION.officers}
        provider = REGULATION.offices[0].decided_by
        may = {code for code, post in posts.items() if may_erase(provider, post)}
        assert may == {code for code, post in posts.items() if "head" in post.roles and post.office == provider}
        assert may
        assert not any(may_erase("another-office", post) for post in posts.values())
