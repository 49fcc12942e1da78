"""`print` and `verify-document` as their users run them: on a real engine, for every channel, as real PDF/A."""

import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import delete

from adapters.database import tables as t
from adapters.database.engine import writing
from demo.visit import SPECIALIST, Visit
from models.lifecycle import Channel, Command
from models.regulation import ClockKind
from tests.command_line import Ran, run_program, start_program
from tests.conftest import House, strangers

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
Drive = Callable[[Visit], Awaitable[None]]


async def started(house: House, channel: Channel, *steps: Drive) -> Visit:
    visit = await Visit.open(house.desk, channel, strangers())
    for step in steps:
        await step(visit)
    return visit


async def accepted(visit: Visit) -> None:
    await (visit.submit() if visit.channel is PORTAL else visit.be_accepted(children=2))


async def decided(visit: Visit) -> None:
    await visit.be_decided()
    await visit.be_delivered()


async def refused_at_the_counter(visit: Visit) -> None:
    await visit.do(Command.CALL, visit.clerk)
    await visit.do(Command.REFUSE_INTAKE, visit.clerk)


async def stored(visit: Visit) -> None:
    await visit.skip_past(ClockKind.RETENTION)
    await visit.do(Command.HAND_OVER, visit.clerk)


async def run(house: House, *arguments: str, **environment: str) -> Ran:
    return await run_program(*arguments, environment={**house.environment, **environment})


async def printed(house: House, visit: Visit, form: str, out: Path, *more: str) -> Any:
    ran = await run(house, "print", visit.application, form, "--out", str(out), "--json", *more)
    assert ran.code == 0, ran.out + ran.err
    return ran.json


async def verified(house: House, what: object) -> tuple[int, Any]:
    ran = await run(house, "verify-document", str(what), "--json")
    return ran.code, ran.json


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def text_of(path: Path) -> str:
    """What stands in a PDF, without the places at which long words may be broken."""
    with PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return "\n".join(pages).replace("\u200b", "")


STAGES: dict[tuple[Channel, str], tuple[list[Drive], Drive]] = {
    (SC, "application"): ([], accepted),
    (PROVIDER, "application"): ([], accepted),
    (SC, "acceptance-receipt"): ([], accepted),
    (PROVIDER, "acceptance-receipt"): ([], accepted),
    (SC, "refusal-receipt"): ([], refused_at_the_counter),
    (PROVIDER, "refusal-receipt"): ([], refused_at_the_counter),
    (SC, "decision"): ([accepted], decided),
    (PROVIDER, "decision"): ([accepted], decided),
    (PORTAL, "decision"): ([accepted], decided),
    (SC, "storage-list"): ([accepted, decided], stored),
}
"""How an application comes before the stage that has the document, and then there."""


class TestPrint:
    """Each document at its stage, and not before."""

    @pytest.mark.parametrize(("channel", "form"), STAGES)
    async def test_at_its_stage(self, house: House, tmp_path: Path, channel: Channel, form: str) -> None:
        """Exit 3 with the reason before it, and no file; then a PDF of ours."""
        before, last = STAGES[channel, form]
        visit, out = await started(house, channel, *before), tmp_path / "paper.pdf"
        early = await run(house, "print", visit.application, form, "--out", str(out), "--json")
        assert (early.code, early.json["error"]["code"], out.exists()) == (3, "no-such-document-yet", False)
        await last(visit)
        told = await printed(house, visit, form, out)
        assert (told["size"], told["language"], told["out"]) == (out.stat().st_size, "kk", str(out))
        assert told["code"] in text_of(out)
        assert told["number"] in text_of(out)
        code, found = await verified(house, out)
        assert (code, found["unaltered"], found["in_force"], found["reasons"]) == (0, True, True, [])

    async def test_cabinet(self, house: House, tmp_path: Path) -> None:
        """Both notices and the application; which there is, is said where a fact gave none."""
        visit = await started(house, PORTAL, accepted)
        first = await printed(house, visit, "notice", tmp_path / "1.pdf")
        assert (await printed(house, visit, "application", tmp_path / "a.pdf"))["number"].endswith("-A1")
        await decided(visit)
        second = await printed(house, visit, "notice", tmp_path / "2.pdf", "--lang", "ru")
        assert (first["number"][-3:], second["number"][-3:]) == ("-N1", "-N2")
        again = await printed(house, visit, "notice", tmp_path / "3.pdf", "--fact", "2")
        assert again | {"out": ""} == first | {"out": ""}
        wrong = await run(house, "print", visit.application, "notice", "--out", str(tmp_path / "x"), "--fact", "1")
        assert (wrong.code, (tmp_path / "x").exists()) == (3, False)
        assert (await verified(house, tmp_path / "1.pdf"))[0] == 3
        never = await run(house, "print", visit.application, "acceptance-receipt", "--out", "-")
        assert (never.code, never.out) == (3, "")

    async def test_both_languages(self, house: House, tmp_path: Path) -> None:
        """Two documents of one number: office and title are in the language, the child's name is the child's."""
        visit = await started(house, SC, accepted, decided)
        kk, ru = tmp_path / "kk.pdf", tmp_path / "ru.pdf"
        told = [await printed(house, visit, "decision", out, "--lang", out.stem) for out in (kk, ru)]
        assert told[0]["number"] == told[1]["number"]
        assert told[0]["code"] != told[1]["code"]
        request = house.reader.request(visit.application)
        assert request is not None
        for text in (text_of(kk), text_of(ru)):
            assert all(child.surname in text and child.iin in text for child in request.children)
        assert "Отдел образования города Караганды" in text_of(ru)
        assert "Қарағанды қаласының білім беру бөлімі" in text_of(kk)

    async def test_shown(self, house: House, tmp_path: Path) -> None:
        """`show` lists what was printed; who printed it is in `access`."""
        visit = await started(house, PROVIDER, accepted)
        told = await printed(house, visit, "acceptance-receipt", tmp_path / "r.pdf", "--as", SPECIALIST)
        shown = (await run(house, "show", visit.application, "--json")).json["printed"]
        assert [row["code"] for row in shown] == [told["code"]]
        assert (shown[0]["form"], shown[0]["in_force"]) == ("acceptance-receipt", True)
        assert (SPECIALIST, "print-acceptance-receipt", "printed") in house.reader.accesses(visit.application)
        for_people = (await run(house, "show", visit.application)).out
        assert told["code"] in for_people

    async def test_erased(self, house: House, tmp_path: Path) -> None:
        """Refused with its reason, also where the bytes are stored."""
        visit = await started(house, PROVIDER, accepted)
        await printed(house, visit, "application", tmp_path / "a.pdf")
        key = t.application_key
        with writing(house.record) as connection:
            connection.execute(delete(key).where(key.c.application == visit.application))
        ran = await run(house, "print", visit.application, "application", "--out", "-")
        assert (ran.code, ran.out) == (3, "")
        assert "personal-data-erased" in ran.err


@pytest.fixture
async def receipt(house: House) -> Visit:
    return await started(house, PROVIDER, accepted)


class TestOut:
    """Where the document goes."""

    async def test_for_us_alone(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """A file that was there is replaced, nobody else may read it, and nothing is left beside it."""
        out = tmp_path / "receipt.pdf"
        out.write_text("something else")
        await printed(house, receipt, "acceptance-receipt", out)
        assert out.read_bytes().startswith(b"%PDF-")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert names(tmp_path) == [out.name]

    async def test_standard_output(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """The bytes alone; words go beside them. With --json there would be two documents: malformed."""
        piped = tmp_path / "piped.pdf"
        await printed(house, receipt, "acceptance-receipt", piped)
        given = ("print", receipt.application, "acceptance-receipt", "--out", "-")
        out = await run_bytes(house, *given)
        assert out == piped.read_bytes()
        ran = await run(house, *given, "--json")
        assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "out")

    async def test_nowhere(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """A folder, a folder that is not there, a name that is too long: 2, and nothing is half written."""
        for out in (tmp_path, tmp_path / "none" / "x.pdf", tmp_path / ("x" * 300), Path("/dev/null")):
            ran = await run(house, "print", receipt.application, "acceptance-receipt", "--out", str(out), "--json")
            assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "out"), out
        assert names(tmp_path) == []

    async def test_link(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """2, and it stays a link: /dev/stdout, redirected to a file, is one too and must not become a document."""
        link, file = tmp_path / "stdout", tmp_path / "file"
        file.write_text("")
        link.symlink_to(file)
        ran = await run(house, "print", receipt.application, "acceptance-receipt", "--out", str(link), "--json")
        assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "out")
        assert (link.is_symlink(), file.read_text()) == (True, "")

    async def test_malformed_and_unknown(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """2 for a form or a language that there is not, 5 for an application, 3 for an officer."""
        out = ("--out", str(tmp_path / "x.pdf"))
        of_it = ("print", receipt.application)
        codes = [
            (await run(house, *of_it, "passport", *out)).code,
            (await run(house, *of_it, "refusal-note", *out)).code,
            (await run(house, *of_it, "application", *out, "--lang", "en")).code,
            (await run(house, *of_it, "application")).code,
            (await run(house, "print", "KRG-1999-000001", "application", *out)).code,
            (await run(house, *of_it, "application", *out, "--as", "stranger")).code,
        ]
        assert codes == [2, 2, 2, 2, 5, 3]
        assert names(tmp_path) == []

    async def test_link_leads_to_us(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """By TIREK_PUBLIC_ADDRESS, which is read when a document is printed first."""
        out = tmp_path / "x.pdf"
        given = ("print", receipt.application, "application", "--out", str(out))
        ran = await run(house, *given, TIREK_PUBLIC_ADDRESS="https://tirek.example/")
        assert ran.code == 0, ran.err
        assert "https://tirek.example/documents/" in text_of(out).replace("\r\n", "")
        for wrong in ("tirek.example", "https://tirek.example/a?b=1", "https://tirek.example/#a"):
            bad = await run(house, *given, TIREK_PUBLIC_ADDRESS=wrong)
            assert bad.code == 2
            assert "TIREK_PUBLIC_ADDRESS" in bad.err


async def run_bytes(house: House, *arguments: str) -> bytes:
    """Standard output as it is: a PDF is no text."""
    process = await start_program(*arguments, environment=house.environment)
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return out


class TestVerify:
    """A file or a code."""

    async def test_altered(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """One byte, wherever it stands in the file: 3, ours and altered."""
        out = tmp_path / "x.pdf"
        told = await printed(house, receipt, "acceptance-receipt", out)
        content = out.read_bytes()
        for place in (20, len(content) // 2, len(content) - 300):
            changed = bytearray(content)
            changed[place] ^= 1
            out.write_bytes(bytes(changed))
            code, document = await verified(house, out)
            assert (code, document["ours"], document["unaltered"]) == (3, True, False), place
            assert document["code"] == told["code"]
            assert document["sha256"] != told["sha256"]
            assert document["reasons"][0]["code"] == "altered"

    async def test_code_as_it_is_typed(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """In lower case, without hyphens, O for 0 and I for 1: 0, and it is said what a code cannot tell."""
        told = await printed(house, receipt, "acceptance-receipt", tmp_path / "x.pdf")
        for typed in (told["code"], told["code"].lower().replace("-", "").replace("0", "o").replace("1", "i")):
            code, document = await verified(house, typed)
            assert (code, document["ours"], document["unaltered"], document["in_force"]) == (0, True, None, True)
            assert [reason["code"] for reason in document["reasons"]] == ["by-code-alone"]
            assert (document["number"], document["sha256"]) == (told["number"], told["sha256"])

    async def test_no_longer_in_force(self, house: House, receipt: Visit, tmp_path: Path) -> None:
        """3, with why; nothing of a person is told."""
        out = tmp_path / "x.pdf"
        await printed(house, receipt, "acceptance-receipt", out)
        await receipt.withdraw()
        code, document = await verified(house, out)
        assert (code, document["unaltered"], document["in_force"]) == (3, True, False)
        assert [reason["code"] for reason in document["reasons"]] == ["withdrawn"]
        ran = await run(house, "verify-document", str(out))
        assert (ran.code, ran.out.splitlines()[-1]) == (3, "The application was withdrawn.")
        request = house.reader.request(receipt.application)
        assert request is not None
        told = ran.out + str(document)
        assert not [word for word in (request.applicant.iin, request.applicant.surname) if word in told]

    async def test_not_ours(self, house: House, tmp_path: Path) -> None:
        """5 for a code that we never gave, and for any file of somebody's."""
        foreign = tmp_path / "foreign.pdf"
        foreign.write_bytes(b"%PDF-1.7\nnothing")
        for what in ("3F7K-9Q2M-XT5A", foreign):
            code, document = await verified(house, what)
            assert (code, document["ours"], document["in_force"], document["number"]) == (5, False, None, None)
        assert (await run(house, "verify-document", str(foreign))).code == 5

    async def test_neither_file_nor_code(self, house: House, tmp_path: Path) -> None:
        """2, also for what cannot be read; a file counts before a code of that name."""
        for what in ("nothing.pdf", str(tmp_path), "3F7K-9Q2M", "x" * 5000, ""):
            ran = await run(house, "verify-document", what, "--json")
            assert (ran.code, ran.json["error"]["fields"][0]["field"]) == (2, "document"), what
