"""The JSON API: the documents of the command line, and errors that say what to ask instead."""

from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import create_engine

from desk.answering import PARAMETERS, Question
from models.library import Library
from tests.boards import NOW, Board, sources_of
from tests.command_line import run_program
from web.board import create_app

AS_OF = "2026-03-18T16:00:00+05:00"
ASKED = {
    Question.BREACHES: {"sort": "recent", "limit": "7", "channel": "portal"},
    Question.SUMMARY: {"by": "officer", "clock": "processing", "from": "2025-12-01", "to": "2026-03-10"},
    Question.AT_RISK: {"within": "4d", "limit": "9"},
    Question.BUCKETS: {"office": "education-karaganda"},
    Question.HISTORY: {"from": "2026-03-01", "to": "2026-03-12"},
    Question.HEAT: {"state": "closed"},
}


class TestParity:
    """One question, one answer."""

    @pytest.mark.parametrize("question", list(Question))
    async def test_api_answers_as_the_command_line(
        self, browser: httpx.AsyncClient, board: Board, question: Question
    ) -> None:
        """The same words, as of the same instant, give the same document, and there is something in it."""
        words = {**ASKED[question], "as-of": AS_OF}
        answer = await browser.get(f"/api/sla/{question}?{urlencode(words)}")
        options = [part for name, word in words.items() for part in (f"--{name}", word)]
        ran = await run_program("sla", question, *options, "--json", environment=board.environment)
        assert (answer.status_code, ran.code) == (200, 0), ran.err
        assert answer.json() == ran.json
        assert answer.json()[question.replace("-", "_")]

    async def test_every_question_has_words(self) -> None:
        """Nothing is asked above that the API would not know."""
        assert all(set(words) <= set(PARAMETERS[question]) for question, words in ASKED.items())

    async def test_head(self, browser: httpx.AsyncClient) -> None:
        """HEAD answers as GET does, without a body."""
        answer = await browser.head("/api/sla/heat")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")


class TestErrors:
    """A bad question is named by its field."""

    @pytest.mark.parametrize(
        ("asked", "field", "says"),
        [
            ("breaches?clock=sundial", "clock", "waiting, service, processing, recall"),
            ("breaches?state=asleep", "state", "open, closed, all"),
            ("breaches?sort=size", "sort", "overrun, due, recent"),
            ("breaches?limit=1001", "limit", "1 to 1000"),
            ("breaches?limit=0", "limit", "1 to 1000"),
            ("breaches?limit=١", "limit", "1 to 1000"),
            ("breaches?after=abc", "after", "leave it out"),
            ("breaches?colour=red", "colour", "clock, channel, office, officer, from, to"),
            ("breaches?clock=service&clock=waiting", "clock", "stands twice"),
            ("summary", "by", "clock, channel, office"),
            ("summary?by=mood", "by", "clock, channel, office"),
            ("at-risk", "within", "2d, 4h, 30m"),
            ("at-risk?within=soon", "within", "2d, 4h, 30m"),
            ("buckets?office=moscow", "office", "sc-karaganda"),
            ("history?from=yesterday", "from", "2026-03-06"),
            ("history?by=week", "by", "day"),
            ("heat?officer=nobody", "officer", "specialist-1"),
            ("heat?as-of=2099-01-01", "as-of", "lies ahead"),
            ("heat?lang=ru", "lang", "clock, channel"),
        ],
    )
    async def test_names_the_field(self, browser: httpx.AsyncClient, asked: str, field: str, says: str) -> None:
        """400, with the field and the values that there are."""
        answer = await browser.get(f"/api/sla/{asked}")
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "malformed")
        assert [one["field"] for one in error["fields"]] == [field]
        assert says in error["fields"][0]["reason"]

    async def test_nothing_but_reading(self, browser: httpx.AsyncClient) -> None:
        """There is nothing to write to."""
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            for path in ("/", "/breaches", "/api/sla/heat", "/breaches.csv", "/events"):
                answer = await browser.request(method, path)
                assert answer.status_code == 405, (method, path)

    async def test_unknown_question(self, browser: httpx.AsyncClient) -> None:
        """A document, as everything of the API is."""
        answer = await browser.get("/api/sla/weather")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")

    async def test_record_away(self, board: Board, library: Library, tmp_path: Path) -> None:
        """503, as a document and as a page."""
        del board
        away = create_engine("postgresql+psycopg://127.0.0.1:1/none")
        sources = sources_of(away, library, tmp_path, lambda: NOW)
        transport = httpx.ASGITransport(app=create_app(sources))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            document, page = await client.get("/api/sla/heat"), await client.get("/?lang=en")
        assert (document.status_code, document.json()["error"]["code"]) == (503, "unavailable")
        assert page.status_code == 503
        assert "The record does not answer" in page.text


class TestSchema:
    """What the API says of itself."""

    async def test_lists_every_word(self, browser: httpx.AsyncClient) -> None:
        """Every question with every word that it knows."""
        paths = (await browser.get("/api/openapi.json")).json()["paths"]
        for question in Question:
            told = [one["name"] for one in paths[f"/api/sla/{question}"]["get"]["parameters"]]
            assert tuple(told) == PARAMETERS[question]
