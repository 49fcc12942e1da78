"""The regulation as data: what the shipped file says, and which contradictions are refused."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from models.lifecycle import Channel
from models.regulation import AmountPolicy, ClockKind, Regulation, Role
from tests.models.builders import PORTAL, PROVIDER, REGULATION, SC

Data = dict[str, Any]
Change = Callable[[Data], None]

SHIPPED: Data = REGULATION.model_dump(mode="json")


def named(data: Data, shelf: str, code: str) -> Data:
    """The office, officer or item of that code."""
    return next(one for one in data[shelf] if code in (one.get("code"), one.get("item")))


def twice(shelf: str) -> Change:
    """Let the first of a list stand a second time."""
    return lambda data: data[shelf].append(deepcopy(data[shelf][0]))


def without(shelf: str, **unwanted: Any) -> Change:
    """Leave out of a list whatever has such a field."""

    def change(data: Data) -> None:
        data[shelf] = [one for one in data[shelf] if all(one[name] != value for name, value in unwanted.items())]

    return change


def setting(shelf: str, code: str, **fields: Any) -> Change:
    return lambda data: named(data, shelf, code).update(fields)


def only_one_person(data: Data) -> None:
    """The department loses everybody but a head who is a specialist too."""
    data["officers"] = [one for one in data["officers"] if not {"specialist", "head"} & {*one["roles"]}]
    both = {"code": "alone", "office": "education-karaganda", "roles": ["head", "specialist"]}
    data["officers"].append(both | {"post": SHIPPED["title"]})


def kind_twice(data: Data) -> None:
    """A kind of paper that satisfies two items."""
    named(data, "package", "child-income")["kinds"].append(
        deepcopy(named(data, "package", "birth-certificate")["kinds"][0])
    )


CONTRADICTIONS: dict[str, tuple[Change, str]] = {
    "an office twice": (twice("offices"), "offices: sc-karaganda stands 2 times"),
    "an officer twice": (twice("officers"), "officers: sc-intake-1 stands 2 times"),
    "a ground twice": (twice("grounds"), "grounds: unreliable-documents stands 2 times"),
    "an item twice": (twice("package"), "package items: application-form stands 2 times"),
    "a kind of paper twice": (kind_twice, "document kinds: birth-certificate stands 2 times"),
    "an officer of nowhere": (
        setting("officers", "specialist-2", office="nowhere"),
        "officer specialist-2: office nowhere is unknown",
    ),
    "decided by no provider": (
        setting("offices", "egov-portal", decided_by="sc-karaganda"),
        "office egov-portal: decided_by sc-karaganda is no provider's office",
    ),
    "decided by nobody": (
        setting("offices", "sc-karaganda", decided_by="nowhere"),
        "office sc-karaganda: decided_by nowhere is no provider's office",
    ),
    "a supervisor without the role": (
        setting("offices", "sc-karaganda", supervisor="sc-intake-1"),
        "office sc-karaganda: supervisor sc-intake-1 is no supervisor",
    ),
    "an unknown supervisor": (
        setting("offices", "sc-karaganda", supervisor="nobody"),
        "office sc-karaganda: supervisor nobody is no supervisor",
    ),
    "a provider that keeps nothing": (
        setting("offices", "education-karaganda", keeps_result=None),
        "office education-karaganda: a provider's office needs keeps_result",
    ),
    "a counter that nobody mans": (
        without("officers", code="education-intake-1"),
        "office education-karaganda: nobody has the role intake",
    ),
    "no State Corporation": (without("offices", code="sc-karaganda"), "no office on channel state-corporation"),
    "one person for four eyes": (only_one_person, "office education-karaganda: the four-eyes rule needs"),
    "no head": (
        lambda data: data.update(officers=[one for one in data["officers"] if "head" not in one["roles"]]),
        "office education-karaganda: the four-eyes rule needs",
    ),
    "a clock missing": (lambda data: data["clocks"].pop("recall"), "clocks: recall is missing"),
    "a clock that runs nowhere": (
        lambda data: data["clocks"]["waiting"].update(terms={}),
        "clocks.waiting: no term for channel provider; clocks.waiting: no term for channel state-corporation",
    ),
    "a clock that cannot run there": (
        lambda data: data["clocks"]["retention"]["terms"].update(provider={"months": 1}),
        "clocks.retention: it does not run, but has a term for channel provider",
    ),
    "a limit that is none": (
        lambda data: data["clocks"]["waiting"].update(limit=False),
        "clocks.waiting: limit has to be true",
    ),
    "an officer who is the process": (
        lambda data: data["officers"][5].update(code="process"),
        "officer process: this word stands for somebody else",
    ),
    "no term of processing": (
        lambda data: data["clocks"]["processing"]["terms"].pop("portal"),
        "clocks.processing: no term for channel portal",
    ),
    "nothing to hand in": (
        lambda data: data.update(package=[one for one in data["package"] if "portal" not in one["channels"]]),
        "package: no item for channel portal",
    ),
    "ended before it began": (
        lambda data: data.update(valid_to="2019-12-31"),
        "valid_to is before valid_from",
    ),
    "the same number every year": (
        lambda data: data.update(registration_number="KRG-{number}"),
        "registration_number: it needs",
    ),
    "the same number for everybody": (
        lambda data: data.update(registration_number="KRG-{year}"),
        "registration_number: it needs",
    ),
    "a part of the number": (
        lambda data: data.update(registration_number="{year[0]}-{number}"),
        "registration_number: it needs",
    ),
    "a condition on nobody": (
        lambda data: data["package"][0].update(when=data["package"][4]["when"]),
        "package.application-form: a condition on a child",
    ),
    "an unknown place in the number": (
        lambda data: data.update(registration_number="KRG-{month}-{number}"),
        "registration_number: it needs",
    ),
    "an open brace in the number": (
        lambda data: data.update(registration_number="KRG-{number"),
        "registration_number: it needs",
    ),
}

WRONG_VALUES: dict[str, tuple[Change, str]] = {
    "closing before opening": (
        lambda data: data["offices"][0]["weekdays"].update(opens="18:00", closes="09:00"),
        "offices.0.weekdays",
    ),
    "lunch before opening": (
        lambda data: data["offices"][1]["weekdays"].update(lunch=["08:00", "09:30"]),
        "offices.1.weekdays",
    ),
    "lunch the wrong way round": (
        lambda data: data["offices"][1]["weekdays"].update(lunch=["14:30", "13:00"]),
        "offices.1.weekdays",
    ),
    "hours of a Saturday": (
        lambda data: data["offices"][0]["saturday"].update(closes="09:00"),
        "offices.0.saturday",
    ),
    "no ground to refuse on": (lambda data: data.update(grounds=[]), "grounds"),
    "a term of no days": (
        lambda data: data["clocks"]["processing"]["terms"]["portal"].update(working_days=0),
        "clocks.processing.terms.portal",
    ),
    "a term of two kinds": (
        lambda data: data["clocks"]["waiting"]["terms"]["provider"].update(months=1),
        "clocks.waiting.terms.provider",
    ),
    "an unknown channel": (
        lambda data: data["package"][0]["channels"].append("post"),
        "package.0.channels.2",
    ),
    "an officer without a role": (lambda data: data["officers"][0].update(roles=[]), "officers.0.roles"),
    "an index of nothing": (lambda data: data["amount"]["index"].update({"2027": 0}), "amount.index.2027"),
    "a misspelt switch": (
        lambda data: data["switches"].update(provider_refuses=True),
        "switches.provider_refuses",
    ),
}


def loaded(change: Change) -> Regulation:
    data = deepcopy(SHIPPED)
    change(data)
    return Regulation.model_validate(data)


class TestShippedRegulation:
    """The committed file."""

    def test_it_loads_and_says_again_what_it_said(self) -> None:
        """The shipped file is valid, and reading what it dumps gives the same regulation."""
        assert Regulation.model_validate(SHIPPED) == REGULATION

    def test_the_title_is_verbatim(self) -> None:
        """The Kazakh title stands word for word as in the passport, its order uncorrected (R1)."""
        assert REGULATION.title.kk == (
            "Қамқоршыларға немесе қорғаншыларға жетім баланы (жетім балаларды) және ата-анасының қамқорлығынсыз "
            "қалған баланы (балаларды) асырап-бағуға жәрдемақы тағайындау"
        )

    @pytest.mark.parametrize("channel", Channel)
    def test_each_place_of_the_passport_has_an_office(self, channel: Channel) -> None:
        """SC, the provider and the portal each have an office, and the department decides for all (R3)."""
        assert {office.decided_by for office in REGULATION.offices_of(channel)} == {"education-karaganda"}

    def test_officers_are_found_by_role_and_office(self) -> None:
        """A deputy head who is a specialist too is found under both roles, in their office alone."""
        heads = [one.code for one in REGULATION.officers_with(Role.HEAD, "education-karaganda")]
        assert heads == ["head", "deputy-head"]
        specialists = [one.code for one in REGULATION.officers_with(Role.SPECIALIST, "education-karaganda")]
        assert specialists == ["specialist-1", "specialist-2", "deputy-head"]
        assert REGULATION.officers_with(Role.HEAD, "sc-karaganda") == []

    def test_what_it_does_not_know_is_none(self) -> None:
        """An unknown office or officer, or a clock that does not run on a channel, is None."""
        assert REGULATION.office("nowhere") is None
        assert REGULATION.officer("nobody") is None
        assert REGULATION.term(ClockKind.RETENTION, PROVIDER) is None

    def test_a_channel_has_its_own_list_of_documents(self) -> None:
        """The counters' list has seven items, the portal's six (R11, R15)."""
        assert [len(REGULATION.items(channel)) for channel in (SC, PROVIDER, PORTAL)] == [7, 7, 6]


class TestAmount:
    """Ten indices a month and child."""

    @pytest.mark.parametrize(("year", "amount"), [(2024, 36920), (2025, 39320), (2026, 43250)])
    def test_ten_indices_of_the_year(self, year: int, amount: int) -> None:
        """The amount is ten monthly calculation indices of the year."""
        assert REGULATION.amount.monthly(year) == amount

    def test_a_year_without_an_index_has_none(self) -> None:
        """A year whose index is not known has no amount: nothing is guessed from another year."""
        assert REGULATION.amount.monthly(2027) is None
        assert AmountPolicy(indices=3, index={2027: Decimal("4500.50")}).monthly(2027) == Decimal("13501.50")


class TestContradictions:
    """A file that contradicts itself is not loaded, and the message says where."""

    @pytest.mark.parametrize("name", CONTRADICTIONS)
    def test_a_contradiction_is_refused_by_its_place(self, name: str) -> None:
        """Parts of a file that contradict one another are refused with the words for where they stand."""
        change, words = CONTRADICTIONS[name]
        with pytest.raises(ValidationError) as refused:
            loaded(change)
        assert words in str(refused.value)

    @pytest.mark.parametrize("name", WRONG_VALUES)
    def test_a_wrong_value_is_refused_by_its_path(self, name: str) -> None:
        """A value that cannot be is refused with the path of the field in the file."""
        change, path = WRONG_VALUES[name]
        with pytest.raises(ValidationError) as refused:
            loaded(change)
        paths = [".".join(str(part) for part in error["loc"]) for error in refused.value.errors()]
        assert any(found.startswith(path) for found in paths)

    def test_all_contradictions_are_told_at_once(self) -> None:
        """Whoever edits a file is told of every contradiction in it, not of the first alone."""

        def several(data: Data) -> None:
            twice("offices")(data)
            data["valid_to"] = "2019-12-31"

        with pytest.raises(ValidationError) as refused:
            loaded(several)
        assert "stands 2 times" in str(refused.value)
        assert "valid_to is before valid_from" in str(refused.value)

    def test_a_specialist_and_a_head_are_enough(self) -> None:
        """Two persons in the deciding office can keep the four-eyes rule."""
        unneeded = ("specialist-2", "deputy-head")
        small = loaded(
            lambda data: data.update(officers=[one for one in data["officers"] if one["code"] not in unneeded])
        )
        assert len(small.officers) == len(REGULATION.officers) - 2

    def test_a_day_of_validity_is_enough(self) -> None:
        """A regulation may end on the day on which it begins."""
        assert loaded(lambda data: data.update(valid_to="2020-01-01")).valid_to == date(2020, 1, 1)
