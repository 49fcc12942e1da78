"""What is shown as a file: CSV and Excel of every question, to the end of its list."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import IO

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from desk.answering import PARAMETERS, Answer, Question
from desk.exports import as_csv, as_xlsx
from models.data import ALMATY
from web.address import read_words
from web.sources import Sources

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMS = tuple(_KINDS)
_PART = 1 << 16


def files(sources: Sources) -> APIRouter:
    """/breaches.csv, /breaches.xlsx and the like, for every question."""
    router = APIRouter()
    for question in Question:
        for form in FORMS:
            path, route = f"/{question}.{form}", _sends(sources, question, form)
            router.add_api_route(path, route, methods=["GET", "HEAD"], include_in_schema=False)
    return router


def _sends(sources: Sources, question: Question, form: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:
        words = read_words(request.query_params, PARAMETERS[question])
        now = sources.watch.moment().at
        file, as_of = await asyncio.to_thread(_written, sources, question, words, now, form)
        name = f"tirek-{question}-{as_of.astimezone(ALMATY):%Y-%m-%dT%H%M%S}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(_parts(file), media_type=_KINDS[form], headers=headers)

    return send


def _written(
    sources: Sources, question: Question, words: dict[str, str], now: datetime, form: str
) -> tuple[IO[bytes], datetime]:
    """The whole file, before the first byte is sent: half a list that looks whole would be worse than none, and
    no snapshot of the record is held for as long as somebody downloads."""
    answer = sources.answering().export(question, words, now)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        _write(file, answer, form)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, answer.as_of


def _write(file: IO[bytes], answer: Answer, form: str) -> None:
    if form == "csv":
        for line in as_csv(answer.columns, answer.rows):
            file.write(line.encode())
    else:
        file.writelines(as_xlsx(answer.columns, answer.rows))


async def _parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while part := await asyncio.to_thread(file.read, _PART):
            yield part
    finally:
        file.close()
