"""The pages: the board, the two lists, the story of an application, and the check of a printed document."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from desk.answering import PARAMETERS, Answer, Question
from desk.printing.checking import Checking, finding_view
from desk.timeline import timeline
from models.data import local_day
from models.document_code import read_code
from models.errors import UnknownContentError
from web.address import address, has_empty, read_words, temporal_address
from web.language import choose
from web.once import Once
from web.rendering import Rendering
from web.shown import NARROWS, count_passed, look
from web.sources import Sources
from web.telling import iso
from web.watch import Moment

BOARD = (*NARROWS, "from", "to", "as-of", "by", "lang")
MOST = 500
"""So many rows of a list on one page at the most."""
_ROWS = 50
_STORY = ("lang",)


class Pages:
    """Each page is made once for an instant, however many look at it."""

    def __init__(self, sources: Sources, rendering: Rendering) -> None:
        self._sources = sources
        self._rendering = rendering
        self._made: Once[bytes] = Once()
        self._looked: Once[Any] = Once()

    def routes(self) -> list[Route]:
        """Plain ones: nothing of what they are asked is for FastAPI to read."""
        return [
            Route("/", self.board),
            Route("/breaches", self.breaches),
            Route("/at-risk", self.at_risk),
            Route("/applications/{reference}", self.application),
            Route("/documents/{code}", self.document),
        ]

    async def board(self, request: Request) -> Response:
        def see(words: Mapping[str, str], now: datetime) -> dict[str, Any]:
            narrowed = {name: words[name] for name in NARROWS if name in words}
            return {"board": look(self._sources.answering(), words, now), "words": words, "narrowed": narrowed}

        return await self._page(request, "board.html", BOARD, see)

    async def breaches(self, request: Request) -> Response:
        return await self._list(request, Question.BREACHES, {"sort": "recent"})

    async def at_risk(self, request: Request) -> Response:
        return await self._list(request, Question.AT_RISK, {})

    async def _list(self, request: Request, question: Question, usual: Mapping[str, str]) -> Response:
        def see(words: Mapping[str, str], now: datetime) -> dict[str, Any]:
            answering = self._sources.answering()
            if question is Question.AT_RISK and not {"within", "from", "to"} & words.keys():
                words = {**words, "within": "2d"}
            answer: Answer = answering.answer(question, {**usual, "limit": str(_ROWS), **words}, now, most=MOST)
            return {
                "answer": answer,
                "passed": count_passed(answering, words, now),
                "words": {**usual, **words},
                "exported": _whole({**usual, **words}, answer, "after", "limit"),
                "first": _whole(words, answer, "after"),
            }

        return await self._page(request, f"{question}.html", (*PARAMETERS[question], "lang"), see)

    async def application(self, request: Request) -> Response:
        reference: str = request.path_params["reference"]

        def see(words: Mapping[str, str], now: datetime) -> dict[str, Any]:
            del words
            sources = self._sources
            calendar = sources.supervise().calendar
            story = timeline(sources.reader, sources.library, calendar, reference, now)
            links = {
                part["id"]: temporal_address(sources.temporal_ui, sources.namespace, part["id"])
                for part in story["parts"]
            }
            return {"story": story, "temporal": links}

        return await self._page(request, "application.html", _STORY, see)

    async def document(self, request: Request) -> Response:
        """For whoever scans a document: nothing personal is told, and no code can be guessed."""
        typed: str = request.path_params["code"]

        def see(words: Mapping[str, str], now: datetime) -> dict[str, Any]:
            del words
            code = read_code(typed)
            finding = Checking(self._sources.reader, lambda: local_day(now)).by_code(code) if code else None
            if finding is None or finding.standing is None:
                raise UnknownContentError("no document of ours has this code")
            return {"found": finding_view(finding), "standing": finding.standing.code}

        return await self._page(request, "document.html", _STORY, see)

    async def _page(
        self,
        request: Request,
        template: str,
        known: tuple[str, ...],
        see: Callable[[Mapping[str, str], datetime], dict[str, Any]],
    ) -> Response:
        asked = read_words(request.query_params, known)
        path = request.url.path
        if has_empty(request.query_params):  # what a form left empty is no part of an address that is shared
            return RedirectResponse(address(path, asked), 303)
        code = choose(asked.get("lang"), request.headers.get("accept-language", ""))
        moment = self._sources.watch.moment()
        words = {name: word for name, word in asked.items() if name != "lang"}
        key = (path, tuple(sorted(words.items())), moment.at)
        # What is shown is the same in every language: the record is asked once for all of them.
        content = await self._looked.get(key, lambda: see(words, moment.at))
        html = await self._made.get(
            (*key, code, asked.get("lang")),
            lambda: self._rendering.page(template, code, path, asked, **content, **_standing(asked, path, moment)),
        )
        return HTMLResponse(html, headers={"Vary": "Accept-Language"})


def _whole(words: Mapping[str, str], answer: Answer, *left_out: str) -> dict[str, str]:
    """The same list from its beginning, as of the same instant."""
    return {name: word for name, word in words.items() if name not in left_out} | {"as-of": iso(answer.as_of)}


def _standing(asked: Mapping[str, str], path: str, moment: Moment) -> dict[str, Any]:
    """As of when a page is told, whether that is for good, and where the same is told as it stands now."""
    now = {name: word for name, word in asked.items() if name not in ("as-of", "after")}
    is_pinned = len(now) < len(asked)
    return {"now": moment.at, "mark": moment.mark, "is_pinned": is_pinned, "unpinned": address(path, now)}
