"""XML that reaches further than its text: entities, document types, other encodings, comments, depth."""

from pathlib import Path

import pytest

from tests.gateway import people
from tests.gateway.answering import as_string, asked_in, envelope, response, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "external": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    "expansion": f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{LAUGHS}]>',
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>',
    "subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "empty": "<!DOCTYPE x>",
}
ENTITIES = {"external": "&e;", "expansion": "&a9;"}
NAME = "Response"


def fields(surname: str) -> str:
    return people.persons(people.person(surname=surname))


def declared(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'


class TestMessage:
    """The message itself."""

    @pytest.mark.parametrize("kind", DOCTYPES)
    async def test_document_type(self, talk: Talk, gateway: Partner, kind: str) -> None:
        """Refused before a parser sees it, signed or not."""

        def make(came: bytes) -> bytes:
            made = signed(response(people.person_data(), asked_in(came)), gateway).split(b"?>", 1)[1]
            return DOCTYPES[kind].encode() + made.replace(
                b"<surname>", b"<surname>" + ENTITIES.get(kind, "").encode(), 1
            )

        assert await talk.refusal(make) == "answer-forbidden-xml"

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [
            ("utf-16", "UTF-16"),
            ("utf-16-le", "UTF-16"),
            ("utf-16-be", "UTF-16"),
            ("utf-32", "UTF-32"),
            ("utf-7", "UTF-7"),
            ("ascii", "UTF-7"),
            ("cp1251", "windows-1251"),
            ("ascii", "IBM037"),
        ],
    )
    async def test_disguised(self, talk: Talk, gateway: Partner, encoding: str, name: str) -> None:
        """In another encoding nothing is looked for: it is not UTF-8."""

        def make(came: bytes) -> bytes:
            words = "a" if encoding == "ascii" else "я"
            text = envelope(response("<data/>", asked_in(came), message=words))
            return declared(name, DOCTYPES["external"] + text).encode(encoding)

        assert await talk.refusal(make) == "answer-not-utf-8"

    async def test_declared_otherwise(self, talk: Talk, gateway: Partner) -> None:
        """What says of itself that it is in UTF-7 would be another text to another reader."""

        def make(came: bytes) -> bytes:
            made = signed(response(people.person_data(), asked_in(came)), gateway).split(b"?>", 1)[1]
            return declared("UTF-7", "").encode() + made

        assert await talk.refusal(make) == "answer-not-utf-8"

    async def test_mark_of_utf_8(self, talk: Talk, gateway: Partner) -> None:
        """The mark that some programs write before UTF-8 does no harm."""

        def make(came: bytes) -> bytes:
            return b"\xef\xbb\xbf" + signed(response(people.person_data(), asked_in(came)), gateway)

        assert await talk.person(make) == people.WOMAN_ENTRY

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (people.WOMAN, f"{people.WOMAN[:6]}<!-- -->{people.WOMAN[6:]}"),
            (people.WOMAN, f"{people.WOMAN[:6]}<?x?>{people.WOMAN[6:]}"),
            ("<soap:Header>", "<!-- --><soap:Header>"),
            ("<soap:Envelope", '<?xml-stylesheet href="x"?><soap:Envelope'),
        ],
    )
    async def test_comment(self, talk: Talk, gateway: Partner, old: str, new: str) -> None:
        """A comment is not signed, and cuts a text in two for whoever reads it carelessly."""

        def make(came: bytes) -> bytes:
            made = signed(response(people.person_data(), asked_in(came)), gateway)
            return made.replace(old.encode(), new.encode())

        assert await talk.refusal(make) == "answer-forbidden-xml"

    @pytest.mark.parametrize(
        "text",
        ["<a>" * 10_000, "<a b='1' b='2'/>", "<!doctype x [<!entity e 'x'>]><a/>", "&e;", "<a>&e;</a>", "<x:a/>"],
        ids=["deep", "twice", "small", "entity", "unknown entity", "prefix"],
    )
    async def test_not_well_formed(self, talk: Talk, gateway: Partner, text: str) -> None:
        """What a parser stumbles over is not mended."""
        assert await talk.refusal(lambda _: envelope(text).encode()) == "answer-not-understood"


class TestTextWithin:
    """XML that is escaped into a string, and signed as a text: the signer itself may be deceived."""

    @pytest.mark.parametrize("kind", DOCTYPES)
    async def test_document_type(self, talk: Talk, gateway: Partner, kind: str) -> None:
        """It goes through the same gate."""
        data = as_string(people.PERSONS, NAME, fields(ENTITIES.get(kind, "x")), before=DOCTYPES[kind])

        def make(came: bytes) -> bytes:
            return signed(response(data, asked_in(came)), gateway)

        assert await talk.refusal(make) == "answer-forbidden-xml"

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (as_string(people.PERSONS, NAME, fields("a<!-- -->b")), "answer-forbidden-xml"),
            (as_string(people.PERSONS, NAME, fields("a<?x?>b")), "answer-forbidden-xml"),
            (as_string(people.PERSONS, NAME, fields("a"), before=declared("UTF-7", "")), "answer-not-utf-8"),
            (as_string(people.PERSONS, NAME, fields("a&e;")), "answer-not-understood"),
            (as_string(people.PERSONS, NAME, "<a>" * 5000), "answer-not-understood"),
            (as_string(people.BIRTHS, NAME, fields("a")), "answer-not-understood"),
            ("<data>words</data>", "answer-not-understood"),
            ("<data>words<a/></data>", "answer-not-understood"),
        ],
    )
    async def test_refused(self, talk: Talk, gateway: Partner, data: str, code: str) -> None:
        """Comments, another encoding, depth, another register's answer, and no XML at all."""
        assert await talk.refusal(lambda came: signed(response(data, asked_in(came)), gateway)) == code

    async def test_include(self, talk: Talk, gateway: Partner, tmp_path: Path) -> None:
        """An instruction to include a file is an element that nobody knows."""
        (tmp_path / "name").write_text("read from a file")
        include = (
            f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="file://{tmp_path}/name"/>'
        )
        data = as_string(people.PERSONS, NAME, fields(include))
        assert await talk.refusal(lambda came: signed(response(data, asked_in(came)), gateway)) == (
            "answer-not-understood"
        )

    async def test_marked_section(self, talk: Talk, gateway: Partner) -> None:
        """CDATA is a way of writing a text, and read as one."""
        data = as_string(people.PERSONS, NAME, fields("<![CDATA[Ұлы & Ко]]>"))
        found = await talk.person(lambda came: signed(response(data, asked_in(came)), gateway))
        assert found is not None
        assert found.surname == "Ұлы & Ко"
