"""The portal (R15, R16, R19, R22): what is accepted, what is refused, and what the cabinet is told."""

from datetime import datetime
from typing import Any

import pytest

from demo.examples import signed
from models.clocks import Clock, Outcome
from models.journal import FactName
from models.lifecycle import Command, Stage
from models.messages import APPLICANT, Submit
from models.outbound import NoticeKind
from models.package import examine
from models.regulation import ClockKind, Regulation
from models.signature import SignatureFinding
from models.submission import by_claims, by_package, by_signature, refusals_of, told_refusals
from tests.models.builders import PORTAL, REGULATION, Case, at, changed, example

UNSIGNED = changed(switches={"portal_needs_signature": False})


def message(**fields: Any) -> Submit:
    return Submit.model_validate(example(Command.SUBMIT, PORTAL) | fields)


def signature_codes(finding: SignatureFinding | None, regulation: Regulation = REGULATION) -> list[str]:
    return [refusal.code for refusal in by_signature(message(), finding, regulation)]


def processing(case: Case) -> Clock:
    clock: Clock = case.application.clocks[ClockKind.PROCESSING]
    return clock


class TestPackage:
    """R15: the portal's own package."""

    def test_no_paper_form_and_no_identity_document(self) -> None:
        """The signed request stands for both: neither is asked for on the portal."""
        items = {needed.item for needed in examine(message(), PORTAL, REGULATION).required}
        assert "signed-request" in items
        assert not items & {"application-form", "identity-document"}

    def test_complete_request_is_not_refused(self) -> None:
        """An example of a request lacks nothing."""
        assert list(by_package(message(), REGULATION)) == []

    def test_incomplete_request_names_what_is_missing(self) -> None:
        """R19: the refusal names the document and the child, in words and as data."""
        [refusal] = by_package(
            Submit.model_validate(example(Command.SUBMIT, PORTAL, missing=["child-income"])), REGULATION
        )
        assert (refusal.code, refusal.requirement) == ("incomplete-package", "R19")
        assert [needed.item for needed in refusal.missing] == ["child-income"]
        assert refusal.subjects == ("child-income/1",)
        assert "child-income/1" in refusal.reason


class TestSignature:
    """R15: signed, validly, by the applicant."""

    def test_valid_one_of_the_applicant_passes(self) -> None:
        """Nothing is said against it."""
        assert signature_codes(SignatureFinding(valid=True, signer=message().applicant.iin)) == []

    def test_missing_one_is_refused_where_it_is_required(self) -> None:
        """The regulation file says whether a request may do without."""
        assert signature_codes(None) == ["no-signature"]
        assert signature_codes(None, UNSIGNED) == []

    @pytest.mark.parametrize("regulation", [REGULATION, UNSIGNED])
    def test_wrong_one_is_refused_in_any_case(self, regulation: Regulation) -> None:
        """A signature that is there is checked, required or not."""
        another = message().children[0].iin
        assert signature_codes(SignatureFinding(valid=False), regulation) == ["signature-invalid"]
        assert signature_codes(SignatureFinding(valid=True, signer=another), regulation) == [
            "signature-of-another"
        ]
        assert signature_codes(SignatureFinding(valid=True), regulation) == ["signature-of-another"]


class TestReasons:
    """A fact keeps codes, a person gets words."""

    def test_they_come_back_in_words(self) -> None:
        """What a fact tells is the refusal again, but for the names of documents, which the code stands for."""
        refusals = [*by_claims(["KRG-2026-000001"]), *by_signature(message(), None, REGULATION)]
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION, refusals=tuple(refusals))
        fact = case.fact(FactName.SUBMISSION_REFUSED)
        assert fact.details == {"child-has-open-application": ["KRG-2026-000001"], "no-signature": []}
        assert refusals_of(fact) == refusals

    def test_claims_name_the_open_applications(self) -> None:
        """Whoever is refused hears which applications are open; nobody is refused for none."""
        [refusal] = by_claims(["KRG-2026-000001", "KRG-2026-000007"])
        assert "KRG-2026-000001, KRG-2026-000007" in refusal.reason
        assert list(by_claims([])) == []
        assert told_refusals([]) == {}


class TestBeforehand:
    """What refuses a request before anything begins."""

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"signature": None}, "no-signature"),
            ({"account": None}, "incomplete-package"),
            ({"documents": [{"kind": "library-card"}]}, "unknown-document-kind"),
        ],
    )
    def test_refused(self, fields: dict[str, Any], code: str) -> None:
        """Each with its own code."""
        case = Case(PORTAL)
        case.application = type(case.application)(case.application.opening, case.application.rules)
        assert code in case.codes(Command.SUBMIT, message(**fields))

    def test_papers_of_tomorrow(self) -> None:
        """A document that will be issued is none."""
        request = example(Command.SUBMIT, PORTAL)
        request["documents"][0]["issued_on"] = "2026-11-24"
        case = Case(PORTAL)
        case.application = type(case.application)(case.application.opening, case.application.rules)
        again = Submit.model_validate(signed(Submit.model_validate(request)))
        assert case.codes(Command.SUBMIT, again) == ["issued-in-the-future"]

    def test_channel_is_the_portals(self) -> None:
        """A request that says another channel is malformed."""
        with pytest.raises(ValueError, match="says portal"):
            message(channel="provider")


class TestTerm:
    """R5: a request out of hours counts from the next opening; both instants are kept."""

    @pytest.mark.parametrize(
        ("received", "counts_from", "due"),
        [
            ("2026-11-23 10:00", "2026-11-23 10:00", "2026-12-04 18:30"),
            ("2026-11-23 08:59", "2026-11-23 09:00", "2026-12-04 18:30"),
            ("2026-11-23 09:00", "2026-11-23 09:00", "2026-12-04 18:30"),
            ("2026-11-23 13:30", "2026-11-23 13:30", "2026-12-04 18:30"),  # lunch lies within the hours
            ("2026-11-23 18:30", "2026-11-23 18:30", "2026-12-04 18:30"),  # so does the close of business
            ("2026-11-23 18:31", "2026-11-24 09:00", "2026-12-07 18:30"),
            ("2026-11-27 20:00", "2026-11-30 09:00", "2026-12-11 18:30"),  # Friday evening
            ("2026-11-28 11:00", "2026-11-30 09:00", "2026-12-11 18:30"),  # Saturday
            ("2026-12-15 19:00", "2026-12-17 09:00", "2026-12-30 18:30"),  # 16 December is a holiday
            ("2026-12-16 12:00", "2026-12-17 09:00", "2026-12-30 18:30"),
        ],
    )
    def test_it_counts_from_the_opening(self, received: str, counts_from: str, due: str) -> None:
        """The day from which it counts is day one; the journal has both instants and the due one."""
        case = Case(PORTAL, opened=received)
        clock = processing(case)
        assert (clock.started_at, clock.due_at) == (at(counts_from), at(due))
        details = case.fact(FactName.APPLICATION_SUBMITTED).details
        kept = [datetime.fromisoformat(str(details[name])) for name in ("received_at", "counts_from", "due_at")]
        assert kept == [at(received), at(counts_from), at(due)]


class TestCabinet:
    """R22: the notices in the personal cabinet."""

    def test_acceptance_and_result(self) -> None:
        """First by when the result will be there, then when it really was; both to the applicant."""
        case = Case(PORTAL).drafted().do(Command.APPROVE).do(Command.PUBLISH, when="2026-11-26 15:20")
        accepted, published = case.application.notices
        assert {accepted.recipient, published.recipient} == {APPLICANT}
        assert (accepted.kind, published.kind) == (NoticeKind.SUBMISSION_ACCEPTED, NoticeKind.RESULT_PUBLISHED)
        assert accepted.details["due_at"] == "2026-12-04T18:30:00+05:00"
        assert accepted.details["registration_number"] == "KRG-2026-000001"
        assert published.details["published_at"] == "2026-11-26T15:20:00+05:00"
        assert case.application.stage is Stage.PUBLISHED
        assert processing(case).outcome is Outcome.MET

    def test_refusal(self) -> None:
        """A refused request has no number, its term has ended, and the applicant is told why."""
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION, refusals=tuple(by_claims(["KRG-2026-000009"])))
        [notice] = case.application.notices
        assert (notice.kind, notice.recipient) == (NoticeKind.SUBMISSION_REFUSED, APPLICANT)
        assert notice.details == {"child-has-open-application": ["KRG-2026-000009"]}
        assert case.application.registration_number is None
        assert processing(case).outcome is Outcome.ENDED
