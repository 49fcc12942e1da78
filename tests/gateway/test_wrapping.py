"""Signature wrapping: the signature stays right, in a message that was put together anew."""

from collections.abc import Callable

import pytest
from lxml import etree

from tests.gateway import people
from tests.gateway.answering import (
    DS,
    SOAP,
    WSSE,
    WSU,
    envelope,
    signed,
)
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner
from tests.gateway.people import content

Element = etree._Element
HEADER = f"{{{SOAP}}}Header"
SECURITY, SIGNATURE, ID = f"{{{WSSE}}}Security", f"{{{DS}}}Signature", f"{{{WSU}}}Id"
EVIL = people.person_data(people.person(surname="Evil"))

Move = Callable[[Element, Element], None]


def _evil(body: Element, **attributes: str) -> Element:
    """Another Body, with another's data, to the same message."""
    evil = etree.fromstring(etree.tostring(body))
    evil.tail = None
    evil.attrib.clear()
    evil.attrib.update(attributes)
    next(evil.iter("surname")).text = "Evil"
    return evil


def _into_header(root: Element, body: Element) -> None:
    root.append(_evil(body))
    etree.SubElement(root[0], "Wrapper").append(body)


def _into_header_with_id(root: Element, body: Element) -> None:
    root.append(_evil(body, **{ID: "id-2"}))
    etree.SubElement(root[0], "Wrapper").append(body)


def _same_id(root: Element, body: Element) -> None:
    root.append(_evil(body, **{ID: "id-1"}))
    etree.SubElement(root[0], "Wrapper").append(body)


def _same_id_of_another_kind(root: Element, body: Element) -> None:
    root.append(_evil(body, Id="id-1"))
    etree.SubElement(root[0], "Wrapper").append(body)


def _same_xml_id(root: Element, body: Element) -> None:
    body.attrib["{http://www.w3.org/XML/1998/namespace}id"] = "id-1"


def _into_security(root: Element, body: Element) -> None:
    root.append(_evil(body))
    root[0][0].append(body)


def _into_signature(root: Element, body: Element) -> None:
    root.append(_evil(body))
    etree.SubElement(next(root.iter(SIGNATURE)), f"{{{DS}}}Object").append(body)


def _two_bodies(root: Element, body: Element) -> None:
    root.append(_evil(body))


def _two_bodies_evil_first(root: Element, body: Element) -> None:
    root.insert(1, _evil(body))


def _after_the_body(root: Element, body: Element) -> None:
    etree.SubElement(root, "Wrapper").append(_evil(body))


def _within_evil(root: Element, body: Element) -> None:
    evil = _evil(body)
    root.append(evil)
    evil.append(body)


def _two_headers(root: Element, body: Element) -> None:
    root.insert(0, etree.Element(HEADER))


def _two_security_headers(root: Element, body: Element) -> None:
    etree.SubElement(root[0], SECURITY)


def _two_signatures(root: Element, body: Element) -> None:
    root[0][0].append(etree.fromstring(etree.tostring(next(root.iter(SIGNATURE)))))


def _signature_elsewhere(root: Element, body: Element) -> None:
    etree.SubElement(root[0], "Other").append(next(root.iter(SIGNATURE)))


def _two_references(root: Element, body: Element) -> None:
    info = next(root.iter(f"{{{DS}}}SignedInfo"))
    info.append(etree.fromstring(etree.tostring(info[2])))


def _body_without_id(root: Element, body: Element) -> None:
    del body.attrib[ID]


MOVES: list[Move] = [
    _into_header,
    _into_header_with_id,
    _same_id,
    _same_id_of_another_kind,
    _same_xml_id,
    _into_security,
    _into_signature,
    _two_bodies,
    _two_bodies_evil_first,
    _after_the_body,
    _within_evil,
    _two_headers,
    _two_security_headers,
    _two_signatures,
    _signature_elsewhere,
    _two_references,
    _body_without_id,
]


class TestWrapping:
    """A signature that stays right, in a message that was put together anew."""

    @pytest.mark.parametrize("move", MOVES)
    async def test_wrapped(self, talk: Talk, gateway: Partner, move: Move) -> None:
        """The signed Body is moved, copied or joined by another: refused by its form."""

        def make(came: bytes) -> bytes:
            root = etree.fromstring(signed(content(came), gateway))
            move(root, root[1])
            return etree.tostring(root)

        assert await talk.refusal(make) == "answer-wrapped"

    async def test_envelope_in_an_envelope(self, talk: Talk, gateway: Partner) -> None:
        """The whole answer within the Body of another one."""

        def make(came: bytes) -> bytes:
            inner = signed(content(came), gateway).split(b"?>", 1)[1].decode()
            return envelope(content(came, EVIL) + inner, body_id="id-2").encode()

        assert await talk.refusal(make) == "answer-unsigned"

    async def test_type_of_another_register(self, talk: Talk, gateway: Partner) -> None:
        """The prefix of a type is not signed, and means nothing: only what is signed is read."""

        def make(came: bytes) -> bytes:
            return signed(content(came), gateway).replace(people.PERSONS.encode(), b"urn:other")

        assert await talk.person(make) == people.WOMAN_ENTRY
