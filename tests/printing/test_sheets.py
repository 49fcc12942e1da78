"""What stands on each document, composed from the record (R9, R11, R15, R18-R22)."""

from decimal import Decimal

import pytest

from models.lifecycle import Channel, Command
from models.messages import Accept, PrepareDecision
from models.outbound import Form, NoticeKind
from models.refusals import Refusal
from models.request import Request
from models.sheet import (
    AcceptanceReceiptSheet,
    ApplicationSheet,
    DecisionSheet,
    Language,
    NoticeSheet,
    RefusalSheet,
    StorageListSheet,
)
from tests.models.builders import PORTAL, PROVIDER, SC, example
from tests.printing.conftest import Office, Record, carry
from tests.proceedings import ACCEPTED, AT_COUNTER, DECIDED, PUBLISHED, STORED, STORED_AGAIN, SUBMITTED, life

REFUSED = (*AT_COUNTER, Command.REFUSE_INTAKE)
LANGUAGES: tuple[Language, Language] = ("kk", "ru")
NAMES = {
    "kk": ("Қарағанды қаласының білім беру бөлімі", "Бөлім басшысы"),
    "ru": ("Отдел образования города Караганды", "Руководитель отдела"),
}


def names(request: Request) -> list[str]:
    return [f"{one.surname} {one.name} {one.patronymic}" for one in (request.applicant, *request.children)]


class TestApplication:
    """Annex 2."""

    @pytest.mark.parametrize("channel", [SC, PORTAL])
    def test_is_filled_in(self, office: Office, on_record: Record, channel: Channel) -> None:
        """Whom it is from and for, its papers by name, and on the portal the signature (R11, R15)."""
        commands = SUBMITTED if channel is PORTAL else ACCEPTED
        one = on_record(*commands, channel=channel)
        sheet = office.content(one.id, Form.APPLICATION)
        assert isinstance(sheet, ApplicationSheet)
        applicant, *children = names(one.request)
        assert (sheet.body, sheet.registration_number) == (NAMES["ru"][0], one.number)
        assert (sheet.applicant.name, [child.name for child in sheet.children]) == (applicant, children)
        assert sheet.handed_in_at == one.proceeding.facts[0 if channel is PORTAL else 2].at
        assert (sheet.identity_document is None, sheet.signature is None) == (channel is PORTAL, channel is SC)
        assert [paper.name for paper in sheet.appointments] == ["Решение местного исполнительного органа"] * 2
        papers = [paper.name for paper in sheet.papers]
        assert "Договор о лицевом счете" in papers
        assert not {"Заявление (приложение 2)", "Удостоверение личности", "Электронный запрос"} & set(papers)
        assert {paper.child for paper in sheet.papers} == {None, *children}

    def test_refused_one_has_no_number(self, office: Office, on_record: Record) -> None:
        """It was never registered."""
        sheet = office.content(on_record(*REFUSED, channel=SC).id, Form.APPLICATION)
        assert isinstance(sheet, ApplicationSheet)
        assert sheet.registration_number is None

    @pytest.mark.parametrize(
        ("code", "is_signed"), [("child-has-open-application", True), ("signature-invalid", False)]
    )
    def test_refused_one_of_the_portal(
        self, office: Office, on_record: Record, code: str, *, is_signed: bool
    ) -> None:
        """What was signed well is told to be signed, though it was refused; nothing is to be signed by hand."""
        one = on_record(Command.SUBMIT, channel=PORTAL)
        carry(one, Command.REFUSE_SUBMISSION, refusals=(Refusal(code=code, reason="-"),))
        on_record.write(one)
        sheet = office.content(one.id, Form.APPLICATION)
        assert isinstance(sheet, ApplicationSheet)
        assert (sheet.signature is not None, sheet.is_electronic) == (is_signed, True)


class TestReceipts:
    """R18, R19."""

    def test_acceptance(self, office: Office, on_record: Record) -> None:
        """All papers, and by when the result is there, as it was told that day."""
        one = on_record(*ACCEPTED, channel=PROVIDER)
        sheet = office.content(one.id, Form.ACCEPTANCE_RECEIPT, "kk")
        assert isinstance(sheet, AcceptanceReceiptSheet)
        [clock] = [clock for clock in one.proceeding.clocks.values() if clock.clock == "processing"]
        assert (sheet.due_at, sheet.accepted_at, sheet.office) == (clock.due_at, one.now, NAMES["kk"][0])
        assert len(sheet.papers) == len(one.request.documents)
        assert (sheet.gaps, sheet.registration_number) == ((), one.number)

    @pytest.mark.parametrize("channel", [SC, PROVIDER])
    def test_refusal_names_what_is_missing(self, office: Office, on_record: Record, channel: Channel) -> None:
        """In the language of the sheet; at the provider as a note (R19)."""
        one = on_record(*REFUSED, channel=channel)
        printed = office.print(one.id, Form.REFUSAL_RECEIPT, "kk")
        sheet = office.printer.sheets[-1].content
        assert isinstance(sheet, RefusalSheet)
        assert [line.name for line in sheet.missing] == ["Дербес шоттың ашылуы туралы шарт"]
        assert sheet.refused_at == one.now
        assert printed.printout.form is (Form.REFUSAL_NOTE if channel is PROVIDER else Form.REFUSAL_RECEIPT)


class TestDecision:
    """Annex 1 (R20)."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_grants(self, office: Office, on_record: Record, language: Language) -> None:
        """Child by child, with amount and period; the head's post in the sheet's language."""
        one = on_record(*DECIDED, channel=SC)
        sheet = office.content(one.id, Form.DECISION, language)
        assert isinstance(sheet, DecisionSheet)
        decision = one.application.decision
        assert decision is not None
        assert (sheet.decision, sheet.decided_at) == (f"{one.number}-1", one.now)
        assert (sheet.body, sheet.head) == NAMES[language]
        assert [child.child.iin for child in sheet.children] == one.children
        assert {child.monthly_amount for child in sheet.children} == {Decimal(43250)}
        assert {child.ends_on for child in sheet.children} == {grant.ends_on for grant in decision.draft.grants}
        assert (sheet.grounds, sheet.signature) == ((), None)

    def test_refuses(self, office: Office, on_record: Record) -> None:
        """No amounts; the grounds by name, in the document's language."""
        one = on_record(*ACCEPTED, Command.VERIFY, channel=PROVIDER)
        grounds = ("not-entitled", "full-state-support")
        refusal = PrepareDecision.model_validate({"verdict": "refuse", "grounds": grounds})
        carry(one, Command.PREPARE_DECISION, refusal)
        on_record.write(one.do(Command.APPROVE))
        kk, ru = (office.content(one.id, Form.DECISION, language).grounds for language in LANGUAGES)
        assert kk[1] == "Бала толық мемлекет қамқорлығында"
        assert ru[1] == "Ребенок находится на полном государственном обеспечении"
        assert office.printer.sheets[-1].content.children[0].monthly_amount is None  # type: ignore[union-attr]

    def test_birth_abroad_names_the_certificate(self, office: Office, on_record: Record) -> None:
        """The paper that was handed in (R12)."""
        one = on_record(*AT_COUNTER, channel=SC)
        package = Accept.model_validate(example(Command.ACCEPT, SC, 7, place="abroad"))
        carry(one, Command.ACCEPT, package, registration_number=one.number)
        on_record.write(one.do(Command.VERIFY, Command.PREPARE_DECISION, Command.APPROVE))
        [child] = office.content(one.id, Form.DECISION).children
        assert child.birth_record.name == "Свидетельство о рождении"


class TestStorageList:
    """R9: the list on which results go over."""

    def test_has_what_went_before_on_it(self, office: Office, on_record: Record) -> None:
        """Each result up to this one, by number; what came later on the same list is on its own paper."""
        lives = [on_record(*STORED, channel=SC, name=f"app-{n}", seed=n) for n in (1, 2, 3)]
        sheet = office.content(lives[1].id, Form.STORAGE_LIST)
        assert isinstance(sheet, StorageListSheet)
        assert sheet.list_number == "T-1"
        assert [result.registration_number for result in sheet.results] == [one.number for one in lives[:2]]
        assert [result.decision for result in sheet.results] == [f"{one.number}-1" for one in lives[:2]]
        assert sheet.results[1].applicant == names(lives[1].request)[0]
        assert (sheet.to_office, sheet.received_by) == (NAMES["ru"][0], "Специалист приема")
        assert sheet.results[0].ready_at < sheet.handed_over_at

    def test_of_a_recall(self, office: Office, on_record: Record) -> None:
        """Stored again on the same list, it stands there once more, with when it was there the second time."""
        one = on_record(*STORED, channel=SC)
        recall = on_record.write(one.recalled(*STORED_AGAIN))
        sheet = office.content(one.id, Form.STORAGE_LIST)
        assert [result.registration_number for result in sheet.results] == [one.number] * 2
        delivered = [fact.at for fact in recall.proceeding.facts if fact.fact == "ResultDelivered"]
        assert [sheet.results[1].ready_at] == delivered
        first = office.content(one.id, Form.STORAGE_LIST, fact=one.proceeding.facts[-1].number)
        assert len(first.results) == 1

    def test_same_number_on_another_day(self, office: Office, on_record: Record) -> None:
        """Another list: nobody whose result went over before stands on it."""
        on_record(*STORED, channel=SC)
        later = life(*STORED[:-1], name="app-2", channel=SC, seed=2)
        later.later(days=366)
        on_record.write(later.do(Command.HAND_OVER))
        sheet = office.content(later.id, Form.STORAGE_LIST)
        assert [result.registration_number for result in sheet.results] == [later.number]


class TestNotice:
    """R22: what the cabinet was told."""

    def test_both(self, office: Office, on_record: Record) -> None:
        """By when it will be; when it was. The newest is meant, a fact names another one."""
        one = on_record(*PUBLISHED, channel=PORTAL)
        published = office.content(one.id, Form.NOTICE)
        accepted = office.content(one.id, Form.NOTICE, fact=2)
        assert isinstance(published, NoticeSheet)
        assert (published.kind, published.published_at) == (NoticeKind.RESULT_PUBLISHED, one.now)
        assert published.decision == f"{one.number}-1"
        assert (accepted.kind, accepted.published_at) == (NoticeKind.SUBMISSION_ACCEPTED, None)
        assert accepted.due_at == one.proceeding.clocks[next(iter(one.proceeding.clocks))].due_at

    def test_why_a_request_was_refused(self, office: Office, on_record: Record) -> None:
        """In words of the language, not by code."""
        one = on_record(Command.SUBMIT, channel=PORTAL)
        refusals = tuple(Refusal(code=code, reason="-") for code in ("signature-of-another", "new-code"))
        carry(one, Command.REFUSE_SUBMISSION, refusals=refusals)
        on_record.write(one)
        kk, ru = (office.content(one.id, Form.NOTICE, language).reasons for language in LANGUAGES)
        assert ru == ("Запрос подписан не заявителем", "new-code")
        assert kk[0] == "Сұранысқа өтініш берушіден басқа адам қол қойған"
