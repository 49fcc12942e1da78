"""Whole lives on the portal, from the signed request to its end (R15, R16, R22)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.journal import FactName
from models.lifecycle import FINAL, Command, Stage
from models.outbound import Form, NoticeKind
from models.submission import by_claims
from tests.models.builders import DEPUTY, HEAD, PORTAL, QUICK, Case
from tests.models.lives import Steps, check_at_rest, check_chain, check_without_persons, wander

Life = Callable[[Case], object]


def published(case: Case) -> None:
    case.published()


def published_late(case: Case) -> None:
    case.drafted(children=3).do(Command.TAKE, by=DEPUTY).do(Command.APPROVE, by=DEPUTY)
    case.now += timedelta(days=60)
    case.do(Command.PUBLISH)


def many_hands(case: Case) -> None:
    case.under_review().do(Command.TAKE).do(Command.ASK_AGAIN).do(Command.REASSIGN)
    case.do(Command.RELEASE, by=HEAD).do(Command.PREPARE_DECISION).do(Command.RETURN_DRAFT)
    case.do(Command.PREPARE_DECISION, {"verdict": "refuse", "grounds": ["not-entitled"]})
    case.do(Command.APPROVE).do(Command.PUBLISH)


def refused(case: Case) -> None:
    case.do(Command.REFUSE_SUBMISSION, refusals=tuple(by_claims(["KRG-2026-000001"])))


def withdrawn_at_once(case: Case) -> None:
    case.accepted().do(Command.WITHDRAW)


def withdrawn(case: Case) -> None:
    case.drafted().do(Command.TAKE, by=HEAD).do(Command.WITHDRAW)


LIVES: tuple[tuple[Life, Stage], ...] = (
    (published, Stage.PUBLISHED),
    (published_late, Stage.PUBLISHED),
    (many_hands, Stage.PUBLISHED),
    (refused, Stage.SUBMISSION_REFUSED),
    (withdrawn_at_once, Stage.WITHDRAWN),
    (withdrawn, Stage.WITHDRAWN),
)

every_life = pytest.mark.parametrize(("live", "ends"), LIVES)


def lived(live: Life, seed: int = 1) -> Case:
    case = Case(PORTAL, seed=seed)
    live(case)
    return case


class TestFullLives:
    """The ways through the chart that a request through the portal can take."""

    @every_life
    def test_each_ends_where_it_should(self, live: Life, ends: Stage) -> None:
        """Each life ends in its final stage and closes with as many facts as the journal has (C1)."""
        application = lived(live).application
        assert application.closing().stage is application.facts[-1].stage is ends
        assert application.closing().facts == len(application.facts)
        check_chain(application.facts)

    @every_life
    @pytest.mark.parametrize("seed", range(3))
    def test_no_person_stands_in_the_open(self, live: Life, ends: Stage, seed: int) -> None:
        """Facts, notices, papers and read model hold no personal data and no signature."""
        case = lived(live, seed)
        assert case.application.stage is ends
        check_without_persons(case)

    @every_life
    def test_no_clock_is_left_running(self, live: Life, ends: Stage) -> None:
        """Once a request has ended its term has stopped and nobody holds it (R5)."""
        case = lived(live)
        assert case.application.stage is ends
        check_at_rest(case)

    def test_the_shortest_way_is_six_facts(self) -> None:
        """Submitted, accepted, verified, drafted, approved, published: each command leaves its one fact (C1)."""
        assert lived(published).names() == [
            FactName.APPLICATION_SUBMITTED,
            FactName.APPLICATION_ACCEPTED,
            FactName.APPLICATION_VERIFIED,
            FactName.DECISION_PREPARED,
            FactName.DECISION_APPROVED,
            FactName.RESULT_PUBLISHED,
        ]

    def test_its_only_paper_is_the_decision(self) -> None:
        """The cabinet has notices in place of receipts; the decision is made as everywhere (R16, R18, R20)."""
        application = lived(published).application
        assert [paper.form for paper in application.papers] == [Form.DECISION]
        kinds = [notice.kind for notice in application.notices]
        assert kinds == [NoticeKind.SUBMISSION_ACCEPTED, NoticeKind.RESULT_PUBLISHED]

    def test_a_refused_request_gives_no_paper(self) -> None:
        """The reason goes into the cabinet, and no receipt of Annex 3 is printed (R19)."""
        application = lived(refused).application
        assert application.papers == []
        assert [notice.kind for notice in application.notices] == [NoticeKind.SUBMISSION_REFUSED]


class TestEntry:
    """What the record is given to write."""

    def test_request_and_signature_come_with_the_first_fact(self) -> None:
        """The record gets what was signed together with the signature over it (R15)."""
        case = Case(PORTAL)
        entry = case.application.entry(after=0)
        assert entry.request == case.application.request is not None
        assert entry.signature == case.application.signature is not None

    def test_later_facts_come_without_them(self) -> None:
        """Once the request is accepted and written, personal data do not travel again."""
        case = Case(PORTAL).accepted()
        taken = len(case.application.facts)
        entry = case.do(Command.VERIFY).application.entry(after=taken)
        assert [fact.fact for fact in entry.facts] == [FactName.APPLICATION_VERIFIED]
        assert (entry.request, entry.signature) == (None, None)

    def test_parts_make_the_whole(self) -> None:
        """Entries taken after each command hold every fact, notice and paper once, in order."""
        case, done, parts = Case(PORTAL), 0, []
        way = (
            Command.ACCEPT_SUBMISSION,
            Command.VERIFY,
            Command.PREPARE_DECISION,
            Command.APPROVE,
            Command.PUBLISH,
        )
        for step in way:
            case.do(step)
            parts.append(case.application.entry(after=done))
            done = len(case.application.facts)
        whole = case.application.entry(after=0)
        assert [fact for part in parts for fact in part.facts] == [*whole.facts]
        assert [notice for part in parts for notice in part.notices] == [*whole.notices]
        assert [paper for part in parts for paper in part.papers] == [*whole.papers]


class TestRandomLives:
    """Any commands by anybody: what the rules let through."""

    @QUICK
    @given(
        st.integers(1, 1000),
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3000)), min_size=8, max_size=30),
    )
    def test_the_journal_stays_whole(self, seed: int, steps: Steps) -> None:
        """Whoever does whatever the rules allow, the journal is whole and holds no person."""
        case = Case(PORTAL, seed=seed)
        wander(case, steps)
        check_chain(case.application.facts)
        check_without_persons(case)
        assert case.application.has_ended == (case.application.stage in FINAL)
        if case.application.has_ended:
            check_at_rest(case)
