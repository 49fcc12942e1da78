"""Why the process does not accept a request (R15, R19): its package, its signature, its children."""

from collections.abc import Iterator

import pytest

from models.journal import Fact, FactName
from models.lifecycle import Command
from models.package import examine
from models.refusals import Refusal
from models.regulation import Regulation
from models.signature import Flaw, SignatureFinding
from models.submission import by_claims, by_package, by_signature, refusals_of, told_refusals
from tests.models.builders import (
    PORTAL,
    REGULATION,
    Case,
    changed,
    example,
    lacking,
    submission,
)

UNSIGNED = changed(switches={"portal_needs_signature": False})
INVALID = SignatureFinding(valid=False)

EVERY_REASON = {
    "incomplete-package": "R19",
    "no-signature": "R15",
    "signature-invalid": "R15",
    "signature-of-another": "R15",
    "child-has-open-application": None,
    **dict.fromkeys(Flaw, "R15"),
}
"""Why the process refuses a request, and by which requirement; the last rule is ours."""


def by(iin: str | None) -> SignatureFinding:
    return SignatureFinding(valid=True, signer=iin)


def signature_codes(finding: SignatureFinding | None, regulation: Regulation = REGULATION) -> list[str]:
    return [refusal.code for refusal in by_signature(submission(), finding, regulation)]


def every_refusal() -> Iterator[Refusal]:
    """One of each reason that the process can have."""
    yield from by_package(lacking("child-income", children=2), REGULATION)
    yield from by_signature(submission(), None, REGULATION)
    yield from by_signature(submission(), INVALID, REGULATION)
    yield from by_signature(submission(), by(submission().children[0].iin), REGULATION)
    yield from by_claims(["KRG-2026-000001", "KRG-2026-000007"])
    for flaw in set(Flaw) - {Flaw.INVALID}:
        yield from by_signature(submission(), SignatureFinding(valid=False, flaw=flaw), REGULATION)


class TestPackage:
    """R15: the portal's own package."""

    def test_no_paper_form_and_no_identity_document(self) -> None:
        """The signed request stands for both: the portal asks for six items, neither of them among these."""
        born_abroad = lacking(place="abroad")
        items = {needed.item for needed in examine(born_abroad, PORTAL, REGULATION).required}
        assert items == {
            "signed-request",
            "appointment-decision",
            "birth-certificate",
            "parental-care-absence",
            "bank-account-contract",
            "child-income",
        }

    def test_complete_request_is_not_refused(self) -> None:
        """An example of a request lacks nothing."""
        assert list(by_package(submission(), REGULATION)) == []

    @pytest.mark.parametrize("extra", ["identity-card", "application-form"])
    def test_a_counters_paper_is_no_harm(self, extra: str) -> None:
        """Whoever attaches a paper that only a counter wants is not refused for it."""
        documents = [*example(Command.SUBMIT, PORTAL)["documents"], {"kind": extra}]
        assert list(by_package(submission(documents=documents), REGULATION)) == []

    def test_incomplete_request_names_what_is_missing(self) -> None:
        """R19: the refusal names the document and the child, in words and as data."""
        [refusal] = by_package(lacking("child-income"), REGULATION)
        assert (refusal.code, refusal.requirement) == ("incomplete-package", "R19")
        assert [needed.item for needed in refusal.missing] == ["child-income"]
        assert refusal.subjects == ("child-income/1",)
        assert "child-income/1" in refusal.reason

    def test_each_child_is_named_by_its_place(self) -> None:
        """Of several children each lack is told, by number and never by name (R2)."""
        [refusal] = by_package(lacking("child-income", "bank-account-contract", children=3), REGULATION)
        assert refusal.subjects == ("bank-account-contract", "child-income/1", "child-income/2", "child-income/3")
        assert refusal.reason.endswith(": " + ", ".join(refusal.subjects))

    @pytest.mark.parametrize(("place", "codes"), [("abroad", ["incomplete-package"]), ("kz", [])])
    def test_birth_certificate_under_its_condition(self, place: str, codes: list[str]) -> None:
        """R12 holds on the portal: a certificate of a child born abroad, none of one that the register knows."""
        found = by_package(lacking("birth-certificate", place=place), REGULATION)
        assert [refusal.code for refusal in found] == codes

    def test_a_contract_without_its_account_does_not_count(self) -> None:
        """The contract is about an account that the request names (R15, item 5)."""
        [refusal] = by_package(submission(account=None), REGULATION)
        assert refusal.subjects == ("bank-account-contract",)


class TestSignature:
    """R15: signed, validly, by the applicant."""

    @pytest.mark.parametrize("regulation", [REGULATION, UNSIGNED])
    def test_valid_one_of_the_applicant_passes(self, regulation: Regulation) -> None:
        """Nothing is said against it, required or not."""
        assert signature_codes(by(submission().applicant.iin), regulation) == []

    def test_missing_one_is_refused_where_it_is_required(self) -> None:
        """The regulation file says whether a request may do without."""
        assert signature_codes(None) == ["no-signature"]
        assert signature_codes(None, UNSIGNED) == []

    @pytest.mark.parametrize("regulation", [REGULATION, UNSIGNED])
    @pytest.mark.parametrize(
        ("finding", "code"),
        [
            (INVALID, "signature-invalid"),
            (SignatureFinding(valid=False, signer=submission().applicant.iin), "signature-invalid"),
            (SignatureFinding(valid=False, flaw=Flaw.REVOKED), "certificate-revoked"),
            (by(submission().children[0].iin), "signature-of-another"),
            (by(None), "signature-of-another"),
            (by(""), "signature-of-another"),
        ],
    )
    def test_wrong_one_is_refused_in_any_case(
        self, finding: SignatureFinding, code: str, regulation: Regulation
    ) -> None:
        """A signature that is there is checked, required or not: valid, and by nobody but the applicant."""
        assert signature_codes(finding, regulation) == [code]


class TestReasons:
    """A fact keeps codes, a person gets words."""

    def test_every_reason_has_its_requirement(self) -> None:
        """Each code cites the passport where it demands the refusal, and nothing where the rule is ours."""
        assert {refusal.code: refusal.requirement for refusal in every_refusal()} == EVERY_REASON

    def test_claims_name_the_open_applications(self) -> None:
        """Whoever is refused hears which applications are open; nobody is refused for none."""
        [refusal] = by_claims(["KRG-2026-000001", "KRG-2026-000007"])
        assert refusal.subjects == ("KRG-2026-000001", "KRG-2026-000007")
        assert "KRG-2026-000001, KRG-2026-000007" in refusal.reason
        assert list(by_claims([])) == []
        assert told_refusals([]) == {}

    def test_they_come_back_in_words(self) -> None:
        """What a fact tells is the refusal again, but for the names of documents, which the code stands for."""
        refusals = list(every_refusal())
        case = Case(PORTAL).do(Command.REFUSE_SUBMISSION, refusals=tuple(refusals))
        fact = Fact.model_validate_json(case.fact(FactName.SUBMISSION_REFUSED).model_dump_json())
        without_names = [refusal.model_copy(update={"missing": ()}) for refusal in refusals]
        assert refusals_of(fact) == without_names

    def test_a_fact_tells_codes_and_subjects_alone(self) -> None:
        """Words in any language stay out of the journal: codes, labels and numbers only."""
        assert told_refusals(every_refusal()) == {
            "incomplete-package": ["child-income/1", "child-income/2"],
            "no-signature": [],
            "signature-invalid": [],
            "signature-of-another": [],
            "child-has-open-application": ["KRG-2026-000001", "KRG-2026-000007"],
            **{flaw.value: [] for flaw in Flaw},
        }
