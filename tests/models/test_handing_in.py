"""What is handed in: each original shown and given back (R14), each file a known paper (R11-R15), incomes told."""

import json
from typing import Any

import pytest

from desk.document_views import amounts_view
from models.evidence import Attach, evidence_id
from models.journal import FactName
from models.lifecycle import Command
from models.messages import APPLICANT
from models.signature import signed_content
from tests.models.builders import (
    CLERK,
    COUNTERS,
    PORTAL,
    PROVIDER,
    REGULATION,
    SC,
    SPECIALIST,
    Case,
    at,
    child,
    paper,
    request,
)

A_HASH, ANOTHER = "a" * 64, "b" * 64


def scan(kind: str = "appointment-decision", sha256: str = A_HASH, **fields: Any) -> Attach:
    return Attach.model_validate(
        {"kind": kind, "sha256": sha256, "media_type": "application/pdf", "size": 1000} | fields
    )


def package(case: Case, command: Command = Command.ACCEPT, place: int = 0, **original: bool) -> dict[str, Any]:
    """A package in which the paper at a place was handled otherwise."""
    content = case.example(command)
    content["documents"][place]["original"] |= original
    return content


class TestOriginals:
    """R14: documents are shown in the original, compared, and given back."""

    @pytest.mark.parametrize("channel", COUNTERS)
    @pytest.mark.parametrize("command", [Command.ACCEPT, Command.REFUSE_INTAKE])
    def test_nothing_is_decided_while_an_original_is_held(self, channel: Any, command: Command) -> None:
        """Also a refusal waits until the papers are back with the applicant; the paper is named by its place."""
        case = Case(channel).do(Command.CALL)
        (refusal,) = case.refusals(command, package(case, command, place=1, returned=False))
        assert (refusal.code, refusal.requirement) == ("original-held", "R14")
        assert refusal.subjects == (f"1/{case.example(command)['documents'][1]['kind']}",)

    @pytest.mark.parametrize("channel", COUNTERS)
    def test_a_paper_that_was_not_shown_in_the_original_is_not_accepted(self, channel: Any) -> None:
        case = Case(channel).do(Command.CALL)
        assert case.codes(Command.ACCEPT, package(case, shown=False)) == ["original-not-shown"]

    def test_an_identity_document_is_shown_and_not_kept(self) -> None:
        """Its copy need not be kept (R11, item 2), and the fact counts what was shown, kept and given back."""
        case = Case().accepted()
        details, papers = case.fact(FactName.APPLICATION_ACCEPTED).details, case.application.request.documents
        assert details["originals_shown"] == details["originals_returned"] == len(papers)
        assert details["copies_kept"] == len(papers) - 1

    def test_a_kept_copy_of_an_identity_document_is_refused(self) -> None:
        case = Case().do(Command.CALL)
        kinds = REGULATION.identity_documents()
        papers = case.example(Command.ACCEPT)["documents"]
        place = next(number for number, one in enumerate(papers) if one["kind"] in kinds)
        assert case.codes(Command.ACCEPT, package(case, place=place, copy_kept=True)) == ["identity-not-kept"]

    @pytest.mark.parametrize("channel", [*COUNTERS, PORTAL])
    def test_a_file_of_an_identity_document_is_refused(self, channel: Any) -> None:
        """A request that names the copy itself keeps one as well."""
        command = Command.SUBMIT if channel is PORTAL else Command.ACCEPT
        case = Case(channel, begins=False) if channel is PORTAL else Case(channel).do(Command.CALL)
        content = case.example(command)
        copy = {"sha256": A_HASH, "media_type": "image/png", "size": 5}
        content["documents"] = [*content["documents"], {"kind": "passport", "file": copy}]
        assert case.codes(command, content) == ["identity-not-kept"]

    def test_a_package_of_earlier_days_says_it_of_all_papers_at_once(self) -> None:
        """Without a word on each paper the two on all of them hold, and the fact tells what it always did."""
        case = Case().do(Command.CALL)
        content = case.example(Command.ACCEPT)
        for one in content["documents"]:
            del one["original"]
        case.do(Command.ACCEPT, content)
        assert "originals_shown" not in case.fact(FactName.APPLICATION_ACCEPTED).details
        content["originals_returned"] = False
        assert Case().do(Command.CALL).codes(Command.ACCEPT, content) == ["originals-not-returned"]

    def test_what_is_not_told_stands_in_no_signed_text(self) -> None:
        """A signature over a request of earlier days still holds: its canonical text is what it was."""
        asked = request([child("mother")], [paper("alimony", child=1)])
        (told,) = json.loads(signed_content(asked))["documents"]
        assert not {"original", "monthly_income", "file"} & told.keys()


class TestFiles:
    """A file is evidence of one paper of the package, and is told by id and hash."""

    def test_the_fact_names_paper_and_hash(self) -> None:
        case = Case().under_review().do(Command.ATTACH, scan())
        fact = case.fact(FactName.DOCUMENT_ATTACHED)
        identity = evidence_id(case.application.opening.application, scan())
        assert fact.details == {
            "document": identity,
            "kind": "appointment-decision",
            "child": None,
            "sha256": A_HASH,
        }
        (kept,) = case.application.state().evidence
        assert (kept.id, kept.attached_by, kept.attached_at) == (identity, SPECIALIST, case.now)

    def test_same_file_as_another_paper_is_another_document(self) -> None:
        """An id says which paper of which child a file is, not only what is in it."""
        ids = {
            evidence_id("app-1", one)
            for one in (
                scan(),
                scan(sha256=ANOTHER),
                scan("alimony", child=1),
                scan("alimony", child=2),
                scan("alimony", child=1),
            )
        }
        assert len(ids) == 4
        assert evidence_id("app-2", scan()) not in ids

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [
            (scan("holiday-photograph"), "unknown-paper"),
            (scan("signed-request"), "unknown-paper"),
            (scan("identity-card"), "identity-not-kept"),
            (scan("alimony"), "child-missing"),
            (scan("alimony", child=7), "unknown-child"),
            (scan("bank-account-contract", child=1), "child-not-meant"),
        ],
    )
    def test_a_file_that_is_no_paper_of_this_package_is_refused(self, wanted: Attach, code: str) -> None:
        """At a counter there is no signed request; a paper on income is one child's, a contract no child's."""
        assert Case().under_review().codes(Command.ATTACH, wanted) == [code]

    def test_a_file_of_a_child_whom_the_application_does_not_name(self) -> None:
        """Attached at the counter before the children were known: it is not accepted for nobody."""
        case = Case().do(Command.CALL).do(Command.ATTACH, scan("alimony", child=2))
        assert case.codes(Command.ACCEPT) == ["unknown-child"]
        assert case.codes(Command.ACCEPT, case.example(Command.ACCEPT, children=2)) == []

    def test_who_may_attach(self) -> None:
        """Whoever takes in or decides, at their office, and the applicant; no supervisor."""
        case = Case().under_review()
        assert [case.codes(Command.ATTACH, scan(), by=by) for by in (CLERK[SC], SPECIALIST, APPLICANT)] == [[]] * 3
        assert case.codes(Command.ATTACH, scan(), by=CLERK[PROVIDER]) == ["not-authorised"]
        assert case.codes(Command.ATTACH, scan(), by="sc-supervisor") == ["not-authorised"]

    def test_nothing_is_attached_to_what_is_decided(self) -> None:
        assert Case().ready().codes(Command.ATTACH, scan()) == ["illegal-move"]

    def test_copies_that_a_request_names_are_its_evidence(self) -> None:
        """R15: the signed request names the copies by their hashes, so they are the applicant's from the start."""
        content = Case(PORTAL).example(Command.SUBMIT)
        place = next(n for n, one in enumerate(content["documents"]) if one["kind"] == "appointment-decision")
        content["documents"][place]["file"] = {"sha256": A_HASH, "media_type": "image/png", "size": 5}
        case = Case(PORTAL, begins=False).do(Command.SUBMIT, content)
        (kept,) = case.application.state().evidence
        assert (kept.sha256, kept.kind, kept.attached_by) == (A_HASH, "appointment-decision", APPLICANT)


class TestIncome:
    """R11, item 7: the child's income stands beside the amount, and takes nothing from it."""

    def test_each_childs_income_is_its_own(self) -> None:
        papers = [
            paper("alimony", child=1) | {"monthly_income": "12000.50"},
            paper("state-benefit", child=1) | {"monthly_income": "78311"},
            paper("no-income-statement", child=2) | {"monthly_income": "0"},
            paper("alimony", child=3),
        ]
        asked = request([child("mother", seed=10 + n) for n in range(3)], papers)
        views = amounts_view(asked, REGULATION, at("2026-11-23 10:00"))
        assert [view["monthly_income"] for view in views] == ["90311.50", "0", None]
        assert {view["monthly_amount"] for view in views} == {"43250"}
        assert views[0]["income"][1] == {"kind": "state-benefit", "monthly_income": "78311"}

    def test_a_year_without_an_index_has_no_amount(self) -> None:
        """It is said that there is none; nothing is guessed."""
        (view,) = amounts_view(request([child("mother")], []), REGULATION, at("2031-01-05 10:00"))
        assert (view["year"], view["index"], view["monthly_amount"]) == (2031, None, None)
