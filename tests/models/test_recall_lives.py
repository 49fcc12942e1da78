"""Whole lives of recalls: each journal goes on where the story of the application stands (R9, R10)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.journal import FactName
from models.lifecycle import Channel, Command, Stage
from models.outbound import Form
from tests.models.builders import PROVIDER, QUICK, SC, Case
from tests.models.lives import Steps, check_at_rest, check_chain, check_without_persons, wander

Life = Callable[[Case], Case]
"""From a story in storage to the end of its recall."""


def collected(story: Case) -> Case:
    return story.recalled().do(Command.SEND_BACK).do(Command.DELIVER).do(Command.COLLECT)


def collected_after_the_month(story: Case) -> Case:
    case = story.recalled().do(Command.SEND_BACK).do(Command.DELIVER)
    return case.do(Command.RETENTION_ENDS).do(Command.COLLECT)


def stored_again(story: Case) -> Case:
    case = story.recalled().do(Command.SEND_BACK).do(Command.DELIVER)
    return case.do(Command.RETENTION_ENDS).do(Command.HAND_OVER)


def sent_late(story: Case) -> Case:
    case = story.recalled()
    case.now += timedelta(days=30)
    return case.do(Command.SEND_BACK).do(Command.DELIVER).do(Command.COLLECT)


def recalled_twice(story: Case) -> Case:
    return collected(stored_again(story))


def collected_at_the_provider(story: Case) -> Case:
    return story.recalled(Command.COLLECT)


LIVES: tuple[tuple[Channel, Life, Stage], ...] = (
    (SC, collected, Stage.COLLECTED),
    (SC, collected_after_the_month, Stage.COLLECTED),
    (SC, stored_again, Stage.STORED),
    (SC, sent_late, Stage.COLLECTED),
    (SC, recalled_twice, Stage.COLLECTED),
    (PROVIDER, collected_at_the_provider, Stage.COLLECTED),
)

every_life = pytest.mark.parametrize(("channel", "live", "ends"), LIVES)


class TestFullLives:
    """The ways that a stored result can take."""

    @every_life
    def test_each_ends_where_it_should(self, channel: Channel, live: Life, ends: Stage) -> None:
        """Each life ends in its final stage, with as many facts as the journal has, and at rest (C1)."""
        case = live(Case(channel).stored())
        closing = case.application.closing()
        assert closing.stage is case.application.facts[-1].stage is ends
        assert closing.facts == len(case.application.facts)
        check_at_rest(case)

    @every_life
    def test_no_person_stands_in_the_open(self, channel: Channel, live: Life, ends: Stage) -> None:
        """A recall has no request of its own, and nothing in it names a person of the application's."""
        story = Case(channel).stored()
        case = live(story)
        assert case.application.stage is ends
        check_without_persons(case, story.application.request)
        entry = case.application.entry(after=0)
        assert (entry.request, entry.signature) == (None, None)


class TestChain:
    """One story, one chain of hashes."""

    @pytest.mark.parametrize(
        ("channel", "live"), [(SC, collected), (SC, stored_again), (PROVIDER, collected_at_the_provider)]
    )
    def test_it_begins_with_the_applications_last_hash(self, channel: Channel, live: Life) -> None:
        """The recall's facts are numbered anew and chained to where the application ended (R10)."""
        story = Case(channel).stored()
        case = live(story)
        check_chain(story.application.facts)
        assert case.application.facts[0].number == 1
        check_chain(case.application.facts, after=story.application.facts[-1].hash)

    def test_a_second_recall_goes_on_from_the_first(self) -> None:
        """What went back into storage is recalled from where its first recall ended, not from the application."""
        first = stored_again(Case(SC).stored())
        second = collected(first)
        check_chain(second.application.facts, after=first.application.facts[-1].hash)
        assert (
            second.application.opening.recall_of == first.application.opening.recall_of == "test-state-corporation"
        )
        numbers = [case.fact(FactName.RECALL_REQUESTED).details["recall"] for case in (first, second)]
        assert numbers == [1, 2]

    def test_a_changed_application_breaks_it(self) -> None:
        """Another end of the application would have given the recall another first hash."""
        ends = [Case(SC, seed=1).stored(), Case(SC, opened="2026-11-23 10:01").stored()]
        first, second = (collected(end).application.facts[0].hash for end in ends)
        assert first != second

    def test_the_hand_over_is_on_a_list_again(self) -> None:
        """Whoever hands a recalled result over gives a list as the first time (R9)."""
        papers = stored_again(Case(SC).stored()).application.papers
        assert [paper.form for paper in papers] == [Form.STORAGE_LIST]


class TestRandomLives:
    """Any commands by anybody: what the rules let through."""

    @QUICK
    @given(
        st.integers(1, 1000),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 30000)), min_size=6, max_size=20),
    )
    def test_the_journal_stays_whole(self, seed: int, steps: Steps) -> None:
        """Whoever does whatever the rules allow, the recall's journal is whole and holds no person."""
        story = Case(SC, seed=seed).stored()
        case = story.recalled()
        wander(case, steps)
        assert case.application.facts[0].number == 1
        check_chain(case.application.facts, after=story.application.facts[-1].hash)
        check_without_persons(case, story.application.request)
        if case.application.has_ended:
            check_at_rest(case)
        else:
            assert case.application.chart.enabled()
