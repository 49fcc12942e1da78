"""Whole lives at a counter: the journal is numbered, chained and without personal data, whatever happened."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.application import Application
from models.journal import Fact, FactName, seal
from models.lifecycle import FINAL, Channel, Command, Stage
from tests.models.builders import COUNTERS, DEPUTY, HEAD, PORTAL, PROVIDER, QUICK, SC, SPECIALIST, Case
from tests.models.lives import Steps, check_at_rest, check_chain, check_without_persons, somebody, wander

REPRESENTATIVE = {
    "receipt_shown": True,
    "collected_by": "representative",
    "identity_document": {"kind": "identity-card", "number": "000000002"},
    "power_of_attorney": {"number": "77-1", "issued_on": "2026-01-15", "notarised": True},
}


def left(case: Case) -> None:
    case.do(Command.LEAVE)


def left_the_counter(case: Case) -> None:
    case.do(Command.CALL).do(Command.LOOK_UP).do(Command.LEAVE)


def refused_late(case: Case) -> None:
    case.now += timedelta(hours=1)
    case.do(Command.CALL)
    case.now += timedelta(hours=1)
    case.do(Command.LOOK_UP).do(Command.ATTACH).do(Command.REFUSE_INTAKE)


def collected(case: Case) -> None:
    case.do(Command.CALL).do(Command.LOOK_UP).do(Command.ACCEPT).do(Command.VERIFY).do(Command.TAKE)
    case.do(Command.ASK_AGAIN).do(Command.PREPARE_DECISION).do(Command.APPROVE).do(Command.DELIVER)
    case.do(Command.COLLECT, REPRESENTATIVE)


def many_hands(case: Case) -> None:
    case.under_review(children=3, place="abroad").do(Command.TAKE).do(Command.REASSIGN)
    case.do(Command.RELEASE, by=HEAD)
    case.do(Command.PREPARE_DECISION, case.example(Command.PREPARE_DECISION, children=3))
    case.do(Command.RETURN_DRAFT).do(Command.PREPARE_DECISION).do(Command.TAKE, by=DEPUTY)
    case.do(Command.APPROVE, by=DEPUTY)
    case.now += timedelta(days=60)
    case.do(Command.DELIVER).do(Command.COLLECT)


def stored(case: Case) -> None:
    case.stored()


def withdrawn(case: Case) -> None:
    case.under_review().do(Command.TAKE).do(Command.WITHDRAW)


LIVES: tuple[tuple[Callable[[Case], None], Stage], ...] = (
    (left, Stage.LEFT),
    (left_the_counter, Stage.LEFT),
    (refused_late, Stage.INTAKE_REFUSED),
    (collected, Stage.COLLECTED),
    (many_hands, Stage.COLLECTED),
    (stored, Stage.STORED),
    (withdrawn, Stage.WITHDRAWN),
)

every_life = pytest.mark.parametrize(("live", "ends"), LIVES)
every_counter = pytest.mark.parametrize("channel", COUNTERS)


def lived(channel: Channel, live: Callable[[Case], None], seed: int = 1) -> Case:
    case = Case(channel)
    case.seed = seed
    live(case)
    return case


class TestFullLives:
    """The ways through the chart that an application can take at a counter."""

    @every_counter
    @every_life
    def test_each_ends_where_it_should(self, channel: Channel, live: Callable[[Case], None], ends: Stage) -> None:
        """Each life ends in its final stage and closes with as many facts as the journal has (C1)."""
        application = lived(channel, live).application
        assert application.has_ended
        assert application.closing().stage is application.facts[-1].stage is ends
        assert application.closing().facts == len(application.facts)

    @every_counter
    @every_life
    def test_every_command_left_a_fact(self, channel: Channel, live: Callable[[Case], None], ends: Stage) -> None:
        """Facts are numbered 1 to n, each hash is right, and each names the one before."""
        application = lived(channel, live).application
        assert application.stage is ends
        check_chain(application.facts)

    @every_counter
    @every_life
    @pytest.mark.parametrize("seed", range(3))
    def test_no_person_stands_in_the_open(
        self, channel: Channel, live: Callable[[Case], None], ends: Stage, seed: int
    ) -> None:
        """Facts, notices, papers and read model hold ids, codes, times and numbers, no personal data."""
        case = lived(channel, live, seed)
        assert case.application.stage is ends
        check_without_persons(case)

    @every_counter
    @every_life
    def test_no_clock_is_left_running(self, channel: Channel, live: Callable[[Case], None], ends: Stage) -> None:
        """Once an application has ended no clock of it runs and nobody holds it."""
        case = lived(channel, live)
        assert case.application.stage is ends
        check_at_rest(case)


class TestJournal:
    """One fact."""

    def test_a_changed_fact_is_not_intact(self) -> None:
        """Whatever is changed in a fact afterwards, its hash no longer agrees."""
        fact = lived(SC, collected).application.facts[4]
        changes = {"at": fact.at + timedelta(seconds=1), "by": "nobody", "number": 99, "stage": Stage.NEW}
        changes |= {"fact": FactName.FILE_TAKEN, "cause": "?", "details": {"a": 1}, "previous": "", "hash": ""}
        for name, value in changes.items():
            assert not fact.model_copy(update={name: value}).is_intact(), name

    def test_the_form_of_the_seal_is_fixed(self) -> None:
        """The hash is SHA-256 over the fact's canonical JSON: it must not change for facts on record."""
        fact = Case(PROVIDER).application.facts[0]
        text = (
            '{"at":"2026-11-23T05:00:00Z","by":"process","cause":"update:take_ticket",'
            '"details":{"application":"test-provider","office":"education-karaganda"},'
            '"fact":"TicketTaken","number":1,'
            '"previous":"","stage":"queued"}'
        )
        assert fact.hash == hashlib.sha256(text.encode()).hexdigest()

    @pytest.mark.parametrize("channel", Channel)
    def test_the_first_fact_says_whose_journal_it_begins(self, channel: Channel) -> None:
        """Two that begin in the same office at the same instant with the same words have chains of their own."""
        one = Case(channel)
        another = Case(channel, begins=False)
        name = {"application": f"{one.application.opening.application}-2"}
        opening = one.application.opening.model_copy(update=name)
        another.application = Application(opening, another.application.rules)
        another.do(Command.SUBMIT if channel is PORTAL else Command.TAKE_TICKET, when="2026-11-23 10:00")
        first, second = one.application.facts[0], another.application.facts[0]
        assert (first.at, first.fact) == (second.at, second.fact)
        assert first.hash != second.hash
        assert second.details.items() >= {**name, "office": opening.office}.items()

    def test_a_fact_outlives_its_journey(self) -> None:
        """Written as JSON and read again a fact is the same and intact."""
        for fact in lived(SC, many_hands).application.facts:
            again = Fact.model_validate_json(fact.model_dump_json())
            assert again == fact
            assert again.hash == seal(again)

    def test_the_fact_says_who_when_and_why(self) -> None:
        """A fact has its officer, its instant, its cause and the stage it led to."""
        case = Case().under_review().do(Command.TAKE, when="2026-11-24 09:00", cause="update:abc")
        fact = case.application.facts[-1]
        assert (fact.fact, fact.by, fact.cause) == (FactName.FILE_TAKEN, SPECIALIST, "update:abc")
        assert (fact.at, fact.stage) == (case.now, Stage.UNDER_REVIEW)


class TestEntry:
    """What the record is given to write."""

    def test_parts_make_the_whole(self) -> None:
        """Entries taken after each command hold every fact, notice, paper and remark once, in order."""
        case, done, parts = Case(), 0, []
        way = (Command.CALL, Command.ACCEPT, Command.VERIFY, Command.PREPARE_DECISION, Command.RETURN_DRAFT)
        for step in way:
            case.now += timedelta(hours=1)
            case.do(step)
            parts.append(case.application.entry(after=done))
            done = len(case.application.facts)
        whole = case.application.entry(after=0)
        assert [fact for part in parts for fact in part.facts] == [*whole.facts]
        assert [notice for part in parts for notice in part.notices] == [*whole.notices]
        assert [paper for part in parts for paper in part.papers] == [*whole.papers]
        assert [remark for part in parts for remark in part.remarks] == [*whole.remarks]
        assert (len(whole.notices), len(whole.papers), len(whole.remarks)) == (8, 1, 1)

    @pytest.mark.parametrize(
        ("live", "fact"), [(collected, "ApplicationAccepted"), (refused_late, "IntakeRefused")]
    )
    def test_the_request_comes_with_its_fact_alone(self, live: Callable[[Case], None], fact: str) -> None:
        """Personal data travel once: with the fact that brought them in, not after it."""
        case = lived(SC, live)
        number = case.fact(FactName(fact)).number
        assert case.application.entry(after=number - 1).request == case.application.request is not None
        assert case.application.entry(after=number).request is None

    def test_the_state_ends_with_the_last_fact(self) -> None:
        """The read model names the number and the hash of the last fact."""
        application = lived(SC, collected).application
        state = application.state()
        assert (state.last_fact, state.last_hash) == (len(application.facts), application.facts[-1].hash)
        assert (state.stage, state.registration_number) == (Stage.COLLECTED, "KRG-2026-000001")


class TestRandomLives:
    """Any commands by anybody: what the rules let through."""

    @QUICK
    @given(
        st.sampled_from(COUNTERS),
        st.integers(1, 1000),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3000)), min_size=12, max_size=30),
    )
    def test_the_journal_stays_whole(self, channel: Channel, seed: int, steps: Steps) -> None:
        """Whoever does whatever the rules allow, the journal is whole and holds no person."""
        case = Case(channel)
        case.seed = seed
        wander(case, steps)
        check_chain(case.application.facts)
        check_without_persons(case)
        assert case.application.has_ended == (case.application.stage in FINAL)

    @QUICK
    @given(st.sampled_from(COUNTERS), st.sampled_from(Command), st.integers(0, 9), st.integers(0, 6))
    def test_judging_changes_nothing(self, channel: Channel, command: Command, officer: int, depth: int) -> None:
        """Asking whether a command may be given leaves the application exactly as it was."""
        case = Case(channel)
        way = (
            Command.CALL,
            Command.ACCEPT,
            Command.VERIFY,
            Command.TAKE,
            Command.PREPARE_DECISION,
            Command.APPROVE,
        )
        for step in way[:depth]:
            case.do(step)
        before = case.application.entry(after=0)
        case.refusals(command, by=somebody(command, channel, officer))
        assert case.application.entry(after=0) == before
