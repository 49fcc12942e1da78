"""The codec server of the Temporal UI: decrypts what the UI shows, for whoever has signed in, and writes it down.

The protocol is the UI's: POST /decode with payloads as JSON, and the namespace in X-Namespace. It never encrypts:
operators look, they do not write.
"""

import asyncio
import logging
import re
from urllib.parse import unquote

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from adapters.database.codec_accesses import CodecAccess
from adapters.requests import RequestIds
from models.errors import MalformedError
from operations.codec_guard import CodecGuard
from operations.codec_sources import CodecSources, origin_of
from operations.decoding import MOST_BYTES, decode
from operations.sign_in import SignIn

_log = logging.getLogger("tirek.codec")
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_WORKFLOW = re.compile(r"/workflows/([^/?#]{1,1000})")


def create_codec_app(sources: CodecSources) -> ASGIApp:
    """The page, the decoding, and a sign of life."""
    app = FastAPI(title="Tirek codec server", docs_url=None, redoc_url=None, openapi_url=None)
    SignIn(sources).join(app)
    _Decoding(sources).join(app)

    @app.get("/live")
    async def live() -> Response:
        return Response("live\n", media_type="text/plain")

    async def not_readable(request: Request, error: Exception) -> Response:
        _log.error("%s: %s", request.url.path, error)
        return Response("It is not known who may sign in; the log says why.\n", 503, media_type="text/plain")

    app.add_exception_handler(MalformedError, not_readable)
    return RequestIds(CodecGuard(app, sources.hosts, {"/decode": MOST_BYTES}))


class _Decoding:
    """POST /decode, for pages of the UI's own origin."""

    def __init__(self, sources: CodecSources) -> None:
        self._sources = sources
        self._origin = origin_of(sources.ui)

    def join(self, app: FastAPI) -> None:
        app.add_api_route("/decode", self.ask_first, methods=["OPTIONS"])
        app.add_api_route("/decode", self.decode, methods=["POST"])

    async def ask_first(self, request: Request) -> Response:
        if request.headers.get("origin") != self._origin:
            return Response(status_code=403)
        allowed = {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type, x-namespace",
            "Access-Control-Max-Age": "600",
        }
        return self._shared(Response(status_code=204, headers=allowed))

    async def decode(self, request: Request) -> Response:
        if request.headers.get("origin") != self._origin:
            return _told("foreign-origin", 403)
        return self._shared(await self._answer(request))

    async def _answer(self, request: Request) -> Response:
        session = self._sources.session_of(request)
        if session is None:
            return _told("not-signed-in", 401)
        namespace = request.headers.get("x-namespace", "")
        if not _NAMESPACE.fullmatch(namespace):
            return _told("no-namespace", 400)
        try:
            decoded = await asyncio.to_thread(decode, self._sources.ring, await request.body())
        except MalformedError:
            return _told("malformed", 400)
        read = decoded.of or {None: 0}
        accesses = [
            CodecAccess(session.operator, namespace, execution or _workflow(request), count)
            for execution, count in read.items()
        ]
        try:
            for access in accesses:
                await asyncio.to_thread(self._sources.note, access)
        except SQLAlchemyError as error:
            _log.error("nothing was decrypted for %s: %s", session.operator, type(error).__name__)
            return _told("record-away", 503)  # what cannot be written down is not shown
        _log.info("%s had %d payloads of %s decrypted", session.operator, decoded.payloads, namespace)
        if decoded.unreadable:
            _log.warning("%d payloads of %s: no key of the ring opens them", decoded.unreadable, namespace)
        return JSONResponse(decoded.document)

    def _shared(self, answer: Response) -> Response:
        answer.headers["Access-Control-Allow-Origin"] = self._origin
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        answer.headers["Vary"] = "Origin"
        return answer


def _workflow(request: Request) -> str | None:
    """Where the reader was, if the browser told it: for payloads that are bound to no execution."""
    found = _WORKFLOW.search(request.headers.get("referer", ""))
    return unquote(found[1])[:1000] if found else None


def _told(code: str, status: int) -> JSONResponse:
    return JSONResponse({"error": {"code": code}}, status)
