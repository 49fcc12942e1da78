"""The board as an ASGI application."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from adapters.requests import RequestIds
from models.calendar import UnknownYearError
from models.errors import MalformedError, TirekError, UnavailableError
from web.api import Document, api
from web.errors import code_of, error_document, fields_of, reason_of, status_of
from web.events import events
from web.files import files
from web.guard import Guard
from web.language import choose
from web.pages import Pages
from web.rendering import STATIC, Rendering
from web.sources import Sources

_log = logging.getLogger("tirek.board")


def create_app(sources: Sources) -> ASGIApp:
    """The pages, the API beside them, the files and the events; it watches the record while it is up."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        watching = asyncio.create_task(sources.watch.run())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    # Its own pages of documentation would load scripts from elsewhere; the schema itself is enough.
    app = FastAPI(title="Tirek", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    rendering = Rendering(sources.library)
    app.router.routes.extend(Pages(sources, rendering).routes())
    for router in (api(sources), files(sources), events(sources)):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    _tell_errors(app, rendering)
    return RequestIds(Guard(app, sources.hosts))  # before everything, what goes wrong included


def _tell_errors(app: FastAPI, rendering: Rendering) -> None:
    """Every error is a document for the API, and a page in the reader's language for everybody else."""

    def told(request: Request, status: int, error: TirekError | None, code: str, reason: str) -> Response:
        fields = fields_of(error) if error else ()
        if request.url.path.startswith("/api/"):
            return Document(error_document(code, reason, fields), status)
        language = _language(request)
        content = {"error": code, "fields": fields}
        asked = {"lang": language} if "lang" in request.query_params else {}
        return HTMLResponse(rendering.page("error.html", language, request.url.path, asked, **content), status)

    async def refused(request: Request, error: Exception) -> Response:
        known = _known(error)
        if known is None:
            _log.error("%s failed", request.url.path, exc_info=error)
            return told(request, 500, None, "failed", "something unexpected happened; the log says what")
        return told(request, status_of(known), known, known.code, reason_of(known))

    async def not_served(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code = code_of(status)
        answer = told(request, status, None, code, code.replace("-", " "))
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    for kind in (TirekError, SQLAlchemyError, UnknownYearError, Exception):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(HTTPException, not_served)


def _known(error: Exception) -> TirekError | None:
    """What went wrong as one of our errors; None for what nobody expected."""
    match error:
        case TirekError():
            return error
        case SQLAlchemyError():
            return UnavailableError(f"the record does not answer ({type(error).__name__})")
        case UnknownYearError():
            return MalformedError(f"as-of: {error}", [("as-of", str(error))])
        case _:
            return None


def _language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "")
    try:
        return choose(request.query_params.get("lang"), accepted)
    except MalformedError:
        return choose(None, accepted)
