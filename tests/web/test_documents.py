"""The page that a printed document's code leads to: whether we gave it, and whether it is in force."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Engine

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.keys import load_key_ring
from models.library import Library
from models.lifecycle import Command
from models.outbound import Form
from models.printout import Printout
from models.standing import CODES
from tests.boards import NOW, sources_of
from tests.models.builders import SC
from tests.printing.conftest import Office
from tests.proceedings import DECIDED, Life, life
from web.board import create_app
from web.language import load_languages

LANGUAGES = {
    "kk": ("Ол күшінде.", "жәрдемақы тағайындау туралы шешім"),
    "ru": ("Он действует.", "решение о назначении пособия"),
    "en": ("It is in force.", "decision on the allowance"),
}


@pytest.fixture
def records(engine: Engine, tmp_path: Path) -> SqlApplicationRecords:
    return SqlApplicationRecords(engine, load_key_ring(tmp_path / "keys.json", may_create=True))


@pytest.fixture
def decided(records: SqlApplicationRecords) -> Life:
    one = life(*DECIDED, channel=SC)
    records.record(one.entry())
    return one


@pytest.fixture
def office(engine: Engine, tmp_path: Path, library: Library) -> Office:
    ring = load_key_ring(tmp_path / "keys.json", may_create=True)
    return Office(RecordReader(engine, ring), library, ring)


@pytest.fixture
def printout(office: Office, decided: Life) -> Printout:
    return office.print(decided.id, Form.DECISION, "kk").printout


@pytest_asyncio.fixture
async def page(engine: Engine, library: Library, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A browser over this record; it is March 2026."""
    app = create_app(sources_of(engine, library, tmp_path, lambda: NOW))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8733") as client:
        yield client


class TestFound:
    """A code of ours."""

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_says_what_it_is(
        self, page: httpx.AsyncClient, printout: Printout, decided: Life, language: str
    ) -> None:
        """In the reader's language: form, number, when it was printed, and that it is in force; nobody's name."""
        answer = await page.get(f"/documents/{printout.code}", params={"lang": language})
        assert answer.status_code == 200
        for words in (*LANGUAGES[language], printout.number, printout.code, printout.sha256, decided.number):
            assert words in answer.text
        people = (decided.request.applicant, *decided.request.children)
        assert not [one for one in people if one.iin in answer.text or one.surname in answer.text]
        assert answer.headers["cache-control"] == "no-store"

    async def test_typed_by_hand(self, page: httpx.AsyncClient, printout: Printout) -> None:
        """As the command line reads it."""
        typed = printout.code.lower().replace("-", "").replace("0", "o")
        assert printout.number in (await page.get(f"/documents/{typed}")).text

    async def test_no_longer_in_force(
        self, page: httpx.AsyncClient, office: Office, records: SqlApplicationRecords, decided: Life
    ) -> None:
        """With the reason in the reader's language."""
        code = office.print(decided.id, Form.ACCEPTANCE_RECEIPT).printout.code
        after = len(decided.proceeding.facts)
        records.record(decided.do(Command.DELIVER, Command.COLLECT).entry(after))
        answer = await page.get(f"/documents/{code}?lang=ru")
        assert "Он больше не действует: результат выдан." in answer.text

    async def test_leads_nowhere_into_the_board(self, page: httpx.AsyncClient, printout: Printout) -> None:
        """Whoever scans a code is no supervisor: no link to the lists, none to the application."""
        html = (await page.get(f"/documents/{printout.code}")).text
        assert "/breaches" not in html
        assert "/applications/" not in html


class TestNotFound:
    """Any other code."""

    @pytest.mark.parametrize("code", ["3F7K-9Q2M-XT5A", "nothing", "%3Cscript%3E", "0" * 4000])
    async def test_is_404(self, page: httpx.AsyncClient, printout: Printout, code: str) -> None:
        """One page for what is no code, and for what is nobody's: nothing tells them apart."""
        answer = await page.get(f"/documents/{code}?lang=en")
        assert answer.status_code == 404
        assert "No document of ours has this code." in answer.text
        assert "<script>" not in answer.text

    async def test_there_is_no_list(self, page: httpx.AsyncClient, printout: Printout) -> None:
        """Documents are found by their codes alone."""
        for path in ("/documents", "/documents/"):
            assert (await page.get(path, follow_redirects=True)).status_code == 404


class TestWords:
    """Every form and every reason has words."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_in_each_language(self, language: str) -> None:
        """So no page lacks one."""
        words = load_languages()[language].words
        assert {f"form.{form}" for form in Form} | {f"standing.{code}" for code in CODES} <= set(words)
