"""What is signed: the canonical text of a request (R15)."""

import json
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lifecycle import Channel, Command
from models.messages import Submit
from models.request import Request
from models.signature import signed_content
from tests.models.builders import (
    PORTAL,
    QUICK,
    Case,
    child,
    date,
    example,
    make_iban,
    paper,
    person,
    randomness,
    request,
)


def of_two_children() -> dict[str, Any]:
    """A request that names both parents of each child, so that any place of it can be changed."""
    data = example(Command.SUBMIT, PORTAL, children=2)
    for one in data["children"]:
        one["parents"] = ["father", "mother"]
    data["documents"][-1] |= {"child": 2, "parents": []}
    return data


DATA = of_two_children()
SOMEBODY = person(date(1979, 3, 3), 4)

CHANGES: dict[str, tuple[list[str | int], Any]] = {
    "language": (["language"], "ru"),
    "surname of the applicant": (["applicant", "surname"], "Басқа"),
    "name of the applicant": (["applicant", "name"], "Басқа"),
    "patronymic of the applicant": (["applicant", "patronymic"], None),
    "address": (["applicant", "address"], "Қарағанды қ., Тірек көшесі, 2"),
    "phone": (["applicant", "phone"], None),
    "another applicant": (["applicant"], DATA["applicant"] | SOMEBODY),
    "surname of a child": (["children", 1, "surname"], "Басқа"),
    "name of a child": (["children", 1, "name"], "Басқа"),
    "patronymic of a child": (["children", 1, "patronymic"], None),
    "birth place": (["children", 1, "birth_place"], "abroad"),
    "parents": (["children", 1, "parents"], ["mother", "father"]),
    "another child": (["children", 1], child("mother", "father", born=date(2014, 1, 9), seed=77)),
    "order of the children": (["children"], DATA["children"][::-1]),
    "account": (["account"], None),
    "iban": (["account", "iban"], make_iban(randomness(5))),
    "bank": (["account", "bank"], "Басқа банк"),
    "kind of a document": (["documents", 0, "kind"], "passport"),
    "child of a document": (["documents", 0, "child"], 1),
    "parents of a document": (["documents", -1, "parents"], ["mother"]),
    "number of a document": (["documents", 0, "number"], "7"),
    "date of a document": (["documents", 0, "issued_on"], "2026-01-01"),
    "issuer of a document": (["documents", 0, "issued_by"], None),
    "a document less": (["documents"], DATA["documents"][1:]),
    "order of the documents": (["documents"], DATA["documents"][::-1]),
}
"""What somebody could change in a request after it was signed."""


def altered(data: dict[str, Any], path: list[str | int], value: Any) -> dict[str, Any]:
    """The same request but for one place."""
    data = deepcopy(data)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


def shuffled(value: Any, random: Random) -> Any:
    """The same data with the keys of every object in some other order."""
    if isinstance(value, dict):
        keys = random.sample(sorted(value), len(value))
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(one, random) for one in value] if isinstance(value, list) else value


def text_of(data: dict[str, Any]) -> str:
    return signed_content(Submit.model_validate(data))


class TestCanonical:
    """The same request, however it was written down, is the same text."""

    @QUICK
    @given(st.randoms(use_true_random=False))
    def test_the_order_of_keys_does_not_matter(self, random: Random) -> None:
        """In whatever order a request's fields stand, the text is the same."""
        assert text_of(shuffled(DATA, random)) == text_of(DATA)

    def test_the_signature_itself_is_no_part_of_it(self) -> None:
        """Signed, unsigned or signed by another: what is signed is the same."""
        for signature in (None, "x", "stand-in.x.y"):
            assert text_of(DATA | {"signature": signature}) == text_of(DATA)

    def test_a_message_and_its_request_are_one_text(self) -> None:
        """Whether it is the message of `submit` or the request that is kept makes no difference."""
        plain = {name: value for name, value in DATA.items() if name != "signature"}
        assert signed_content(Request.model_validate(plain)) == text_of(DATA)

    def test_what_is_kept_is_what_was_signed(self) -> None:
        """A signature can be checked again years later, over the request as the application keeps it."""
        data = example(Command.SUBMIT, PORTAL, children=3)
        kept = Case(PORTAL, begins=False).do(Command.SUBMIT, data).application.request
        assert signed_content(kept) == text_of(data)
        assert signed_content(Request.model_validate_json(kept.model_dump_json())) == text_of(data)

    def test_what_is_left_to_a_default_is_signed_too(self) -> None:
        """A field that is left out and one that says the default are the same request."""
        plain = {name: value for name, value in DATA.items() if name not in ("language", "channel")}
        assert text_of(plain) == text_of(DATA | {"language": "kk"})

    def test_white_space_around_words_does_not_matter(self) -> None:
        """Words are signed as they are kept, without spaces around them."""
        assert text_of(altered(DATA, ["account", "bank"], "  Үлгі банк ")) == text_of(DATA)

    def test_its_form_is_fixed(self) -> None:
        """Sorted keys, no spaces, plain letters: it must not change for signatures on record."""
        one = request([child("mother")], [paper("alimony", 1)])
        text = (
            '{"account":{"bank":"Үлгі банк","iban":"%(iban)s"},'
            '"applicant":{"address":"Қарағанды қ., Тірек көшесі, 1","birth_date":"1985-05-05","iin":"%(iin)s",'
            '"name":"%(name)s","patronymic":"%(patronymic)s","phone":null,"surname":"%(surname)s"},'
            '"channel":"state-corporation",'
            '"children":[{"birth_date":"2015-03-02","birth_place":"kz","iin":"%(child_iin)s",'
            '"name":"%(child_name)s","parents":["mother"],"patronymic":"%(child_patronymic)s",'
            '"surname":"%(child_surname)s"}],'
            '"documents":[{"child":1,"issued_by":null,"issued_on":null,"kind":"alimony","number":null,"parents":[]}],'
            '"language":"kk"}'
        )
        people = one.applicant.model_dump() | {f"child_{k}": v for k, v in one.children[0].model_dump().items()}
        assert one.account is not None
        assert signed_content(one) == text % (people | {"iban": one.account.iban})


class TestComplete:
    """Whatever a request says is signed."""

    def test_every_field_stands_in_it(self) -> None:
        """The text read again is the whole request, and nothing beside it."""
        submit = Submit.model_validate(DATA)
        assert json.loads(text_of(DATA)) == submit.model_dump(mode="json", exclude={"signature"})
        assert Request.model_validate_json(text_of(DATA)) == Request.model_validate_json(
            submit.model_dump_json(exclude={"signature"})
        )

    @pytest.mark.parametrize("change", CHANGES)
    def test_every_change_is_seen(self, change: str) -> None:
        """Each place of a request that is changed afterwards changes what was signed."""
        path, value = CHANGES[change]
        assert text_of(altered(DATA, path, value)) != text_of(DATA)

    @pytest.mark.parametrize("channel", [Channel.STATE_CORPORATION, Channel.PROVIDER])
    def test_another_channel_is_another_text(self, channel: Channel) -> None:
        """What was signed for the portal is no request of a counter (R3)."""
        plain = {name: value for name, value in DATA.items() if name != "signature"}
        assert signed_content(Request.model_validate(plain | {"channel": channel})) != text_of(DATA)

    def test_it_has_one_line(self) -> None:
        """No line break stands in it, so that nothing can be taken for the line of the signer."""
        assert "\n" not in text_of(DATA)
