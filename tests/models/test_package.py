"""Which documents an application needs and which it lacks (R11-R15)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lifecycle import Channel, Command
from models.package import PackageReport, examine, unknown_kinds
from models.refusals import Needed
from models.request import Request
from tests.models.builders import COUNTERS, PORTAL, PROVIDER, QUICK, REGULATION, SC, child, example, paper, request

Lack = tuple[str, int | None, str | None]
"""An item, the child and the parent it is needed for."""

TWINS = [child("mother", "father", place="abroad", seed=10), child("mother", seed=11)]
"""Two children: one born abroad of two parents, one born in the country of one."""

PER_CHILD: list[tuple[dict[str, Any], Lack]] = [
    (paper("appointment-decision", 1), ("appointment-decision", 1, None)),
    (paper("birth-certificate", 1), ("birth-certificate", 1, None)),
    (paper("death-certificate", 1, ["mother"]), ("parental-care-absence", 1, "mother")),
    (paper("court-sentence", 1, ["father"]), ("parental-care-absence", 1, "father")),
    (paper("alimony", 1), ("child-income", 1, None)),
    (paper("appointment-decision", 2), ("appointment-decision", 2, None)),
    (paper("renunciation", 2, ["mother"]), ("parental-care-absence", 2, "mother")),
    (paper("no-income-statement", 2), ("child-income", 2, None)),
]
ON_PAPER = [
    (paper("application-form"), ("application-form", None, None)),
    (paper("identity-card"), ("identity-document", None, None)),
    (paper("bank-account-contract"), ("bank-account-contract", None, None)),
]
SIGNED = [
    (paper("signed-request"), ("signed-request", None, None)),
    (paper("bank-account-contract"), ("bank-account-contract", None, None)),
]
FULL = {SC: ON_PAPER + PER_CHILD, PROVIDER: ON_PAPER + PER_CHILD, PORTAL: SIGNED + PER_CHILD}
"""Per channel a package without a gap or a spare, and beside each document what it is there for."""

ONE_GAP = [(channel, place) for channel, package in FULL.items() for place in range(len(package))]

EVIDENCE = (
    "death-certificate",
    "court-deprivation",
    "court-restriction",
    "court-missing",
    "court-incapable",
    "court-limited-capacity",
    "court-declared-dead",
    "court-sentence",
    "search-record",
    "child-removal-record",
    "long-term-treatment",
    "abandonment-act",
    "renunciation",
)
"""R13, in its order."""

SPARE = [
    paper("appointment-decision"),
    paper("birth-certificate"),
    paper("court-missing", None, ["mother"]),
    paper("court-missing", None, ["mother", "father"]),
    paper("abandonment-act"),
    paper("property-income"),
    paper("birth-certificate", 2),
    paper("passport"),
]
"""Documents that are more than is needed, or of no use as they stand."""

every_channel = pytest.mark.parametrize("channel", Channel)


def lacks(needed: tuple[Needed, ...]) -> list[Lack]:
    return [(one.item, one.child, one.parent) for one in needed]


def report(channel: Channel, children: list[dict[str, Any]], documents: list[dict[str, Any]]) -> PackageReport:
    return examine(request(children, documents), channel, REGULATION)


def missing(
    children: list[dict[str, Any]], documents: list[dict[str, Any]], item: str, channel: Channel = SC
) -> list[Lack]:
    """What is missing of one item."""
    return [lack for lack in lacks(report(channel, children, documents).missing) if lack[0] == item]


class TestCompletePackage:
    """R11 at the counters, R15 on the portal."""

    @every_channel
    def test_the_lists_of_the_passport_are_complete(self, channel: Channel) -> None:
        """What R11 or R15 lists, and nothing more, is a complete package."""
        found = report(channel, TWINS, [document for document, _ in FULL[channel]])
        assert found.complete
        assert found.missing == ()
        assert sorted(lacks(found.required), key=str) == sorted((lack for _, lack in FULL[channel]), key=str)

    @every_channel
    @pytest.mark.parametrize("seed", range(5))
    def test_the_examples_are_complete(self, channel: Channel, seed: int) -> None:
        """Every example package that trials hand in is complete for its channel (R11, R15)."""
        command = Command.SUBMIT if channel is PORTAL else Command.ACCEPT
        data = example(command, channel, seed, children=3, place="abroad")
        content = {name: value for name, value in data.items() if name in Request.model_fields}
        assert examine(Request.model_validate(content), channel, REGULATION).complete

    @pytest.mark.parametrize(("channel", "place"), ONE_GAP)
    def test_one_document_less_is_exactly_that_one_missing(self, channel: Channel, place: int) -> None:
        """What is left out is missing for exactly its child and parent, and nothing else is (R19)."""
        package = FULL[channel]
        found = report(channel, TWINS, [document for n, (document, _) in enumerate(package) if n != place])
        assert not found.complete
        assert lacks(found.missing) == [package[place][1]]

    def test_no_documents_at_all_is_everything_missing(self) -> None:
        """Of an empty package everything that is required is missing (R19)."""
        found = report(SC, TWINS, [])
        assert found.missing == found.required

    @pytest.mark.parametrize("kind", ["identity-card", "passport", "residence-permit"])
    def test_any_identity_document_will_do(self, kind: str) -> None:
        """The passport asks for an identity document and leaves open which (R11)."""
        assert missing(TWINS, [paper(kind)], "identity-document") == []

    def test_the_portal_asks_for_no_paper_application_and_no_identity_document(self) -> None:
        """On the portal a signed request stands for both (R15)."""
        items = {needed.item for needed in report(PORTAL, TWINS, []).required}
        assert "signed-request" in items
        assert not items & {"application-form", "identity-document"}

    @pytest.mark.parametrize("channel", COUNTERS)
    def test_a_counter_asks_for_no_signed_request(self, channel: Channel) -> None:
        """At a counter the paper application stands alone (R11)."""
        items = {needed.item for needed in report(channel, TWINS, []).required}
        assert {"application-form", "identity-document"} <= items
        assert "signed-request" not in items

    def test_a_kind_that_no_file_knows_is_named(self) -> None:
        """A document of an unknown kind is named with its place, so that a slip is not lost."""
        (line,) = unknown_kinds(request(TWINS, [paper("passport"), paper("library-card")]), REGULATION)
        assert line.startswith("documents.1.kind: library-card is none of ")


class TestBirthCertificate:
    """R12: only of a child born before 13 August 2007 or abroad."""

    @every_channel
    @pytest.mark.parametrize(
        ("born", "place", "is_needed"),
        [
            (date(2007, 8, 12), "kz", True),
            (date(2007, 8, 13), "kz", True),
            (date(2007, 8, 14), "kz", False),
            (date(2015, 3, 2), "kz", False),
            (date(2007, 8, 12), "abroad", True),
            (date(2007, 8, 14), "abroad", True),
            (date(2026, 1, 1), "abroad", True),
        ],
    )
    def test_who_needs_one(self, channel: Channel, born: date, place: str, is_needed: bool) -> None:
        """Born up to 13 August 2007, that day included, or abroad whenever: a certificate is needed (R12)."""
        expected = [("birth-certificate", 1, None)] if is_needed else []
        assert missing([child("mother", born=born, place=place)], [], "birth-certificate", channel) == expected

    def test_it_says_why(self) -> None:
        """A certificate that is asked for carries its reason in three languages (R12)."""
        found = report(SC, TWINS, [])
        (needed,) = [one for one in found.missing if one.item == "birth-certificate"]
        assert needed.requirement == "R12"
        assert needed.because is not None
        assert "13 August 2007" in needed.because.en

    def test_one_without_a_child_is_nobodys(self) -> None:
        """A birth certificate is of one child: one that names no child satisfies none (R12)."""
        assert missing(TWINS, [paper("birth-certificate")], "birth-certificate") == [
            ("birth-certificate", 1, None)
        ]

    def test_one_of_another_child_does_not_count(self) -> None:
        """The certificate of one child does not serve another (R12)."""
        documents = [paper("birth-certificate", 2)]
        assert missing(TWINS, documents, "birth-certificate") == [("birth-certificate", 1, None)]


class TestEvidence:
    """R13: a document for each parent that the application names."""

    def test_the_regulation_knows_the_thirteen_kinds(self) -> None:
        """The kinds of evidence are the thirteen of the passport, in its order (R13)."""
        (item,) = [one for one in REGULATION.package if one.item == "parental-care-absence"]
        assert tuple(kind.kind for kind in item.kinds) == EVIDENCE

    @pytest.mark.parametrize("kind", EVIDENCE)
    @pytest.mark.parametrize("parent", ["mother", "father"])
    def test_any_kind_satisfies_a_parent(self, kind: str, parent: str) -> None:
        """Each of the thirteen kinds by itself confirms the absence of a single parent's care (R13)."""
        assert missing([child(parent)], [paper(kind, 1, [parent])], "parental-care-absence") == []

    def test_of_the_mother_is_not_of_the_father(self) -> None:
        """Evidence for the mother leaves the father open: both need it (R13)."""
        documents = [paper("death-certificate", 1, ["mother"])]
        lack = [("parental-care-absence", 1, "father")]
        assert missing([child("mother", "father")], documents, "parental-care-absence") == lack

    def test_one_document_may_cover_both(self) -> None:
        """An official record of abandonment that the officer marks for both parents covers both (R13)."""
        documents = [paper("abandonment-act", 1, ["mother", "father"])]
        assert missing([child("mother", "father")], documents, "parental-care-absence") == []

    def test_one_that_covers_nobody_does_not_count(self) -> None:
        """The officer marks whom a document covers; without the mark it covers no named parent (R13)."""
        lack = [("parental-care-absence", 1, "mother")]
        assert missing([child("mother")], [paper("renunciation", 1)], "parental-care-absence") == lack

    def test_a_child_of_unknown_parents_needs_one_too(self) -> None:
        """A child whose parents nobody names needs one document that says so (R13)."""
        lack = [("parental-care-absence", 1, None)]
        assert missing([child()], [], "parental-care-absence") == lack
        assert missing([child()], [paper("abandonment-act", 1)], "parental-care-absence") == []


class TestSharedDocuments:
    """A paper that names no child."""

    def test_one_appointment_may_name_all_children(self) -> None:
        """A decision that appoints the guardian of all children is handed in once (R11)."""
        assert missing(TWINS, [paper("appointment-decision")], "appointment-decision") == []

    def test_one_parents_document_serves_all_children(self) -> None:
        """A parent's death certificate that names no child covers that parent for every child (R13)."""
        documents = [paper("death-certificate", None, ["mother"])]
        lack = [("parental-care-absence", 1, "father")]
        assert missing(TWINS, documents, "parental-care-absence") == lack

    def test_one_of_a_child_serves_that_child_alone(self) -> None:
        """A shared kind of paper that does name a child covers no other (R11)."""
        lack = [("appointment-decision", 1, None)]
        assert missing(TWINS, [paper("appointment-decision", 2)], "appointment-decision") == lack

    def test_income_is_each_childs_own(self) -> None:
        """A document on income that names no child is nobody's (R11)."""
        lack = [("child-income", 1, None), ("child-income", 2, None)]
        assert missing(TWINS, [paper("alimony")], "child-income") == lack


class TestIncome:
    """R11, item 7: always present."""

    @every_channel
    @pytest.mark.parametrize(
        "kind", ["no-income-statement", "state-benefit", "social-payment", "alimony", "property-income"]
    )
    def test_a_statement_that_there_is_none_will_do(self, channel: Channel, kind: str) -> None:
        """Any document on income satisfies it, a written statement that there is none as well (R11, R15)."""
        assert missing([child("mother")], [paper(kind, 1)], "child-income", channel) == []


POOL = [document for document, _ in ON_PAPER + SIGNED[:1] + PER_CHILD] + SPARE
subsets = st.lists(st.sampled_from(POOL), max_size=len(POOL), unique_by=POOL.index)
channels = st.sampled_from(Channel)


class TestAnyPackage:
    """Promises about every package there can be."""

    @QUICK
    @given(channels, subsets)
    def test_complete_means_nothing_missing(self, channel: Channel, documents: list[dict[str, Any]]) -> None:
        """A package is complete if and only if nothing is missing, and only required things are missing (R19)."""
        found = report(channel, TWINS, documents)
        assert found.complete == (not found.missing)
        assert set(lacks(found.missing)) <= set(lacks(found.required))

    @QUICK
    @given(channels, subsets, st.sampled_from(POOL))
    def test_one_more_document_never_makes_a_gap(
        self, channel: Channel, documents: list[dict[str, Any]], more: dict[str, Any]
    ) -> None:
        """Handing in one more document never makes anything missing that was not."""
        before = report(channel, TWINS, documents)
        now = report(channel, TWINS, [*documents, more])
        assert set(lacks(now.missing)) <= set(lacks(before.missing))
        assert now.required == before.required

    @QUICK
    @given(channels, subsets, st.randoms(use_true_random=False))
    def test_the_order_of_documents_does_not_matter(
        self, channel: Channel, documents: list[dict[str, Any]], random: Any
    ) -> None:
        """The same documents in another order give the same report."""
        shuffled = random.sample(documents, len(documents))
        assert report(channel, TWINS, shuffled) == report(channel, TWINS, documents)
