"""The questions as JSON: the same words as the command line, the same documents as its `--format json`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from desk.answering import PARAMETERS, Question
from web.address import read_words
from web.sources import Sources

PREFIX = "/api/sla"
MOST = 1_000
"""So many rows of a list at the most; an export tells all of them."""

_WHAT = {
    Question.BREACHES: "Every limit that had passed, a page at a time, with what happened before.",
    Question.SUMMARY: "How many met and passed their limit, and percentiles of how long they took, by group.",
    Question.AT_RISK: "What has not passed yet and is due soon, the first due first.",
    Question.BUCKETS: "How many run in each office, by the working days left to them.",
    Question.HISTORY: "What was accepted, finished and passed on each day, and what was under way at its end.",
    Question.HEAT: "How many limits have passed, by weekday (1 is Monday) and hour of their due instant.",
}


class Document(Response):
    """JSON as the command line writes it."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def api(sources: Sources) -> APIRouter:
    """A route for each question."""
    router = APIRouter(prefix=PREFIX)
    for question in Question:
        path, answer = f"/{question}", _answers(sources, question)
        router.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False)
        router.add_api_route(
            path,
            answer,
            methods=["GET"],
            summary=_WHAT[question],
            operation_id=question.replace("-", "_"),
            response_class=Document,
            openapi_extra={"parameters": [_parameter(name) for name in PARAMETERS[question]]},
        )
    return router


def _answers(sources: Sources, question: Question) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        words = read_words(request.query_params, PARAMETERS[question])
        now = sources.watch.moment().at

        def ask() -> Document:
            return Document(sources.answering().answer(question, words, now, most=MOST).document)

        return await asyncio.to_thread(ask)

    return answer


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
