"""Signing in to the codec server and out of it, on a page of its own."""

import asyncio
import logging
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from operations.codec_sources import CodecSources
from operations.sign_in_page import sign_in_page, signed_in_page

_log = logging.getLogger("tirek.codec")
_AT_ONCE = 2
"""Passwords that are hashed at the same time: each takes 64 MiB."""
_LONGEST = 200

Text = Annotated[str, Form()]


class SignIn:
    """GET and POST /sign-in, POST /sign-out."""

    def __init__(self, sources: CodecSources) -> None:
        self._sources = sources
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    def join(self, app: FastAPI) -> None:
        app.add_api_route("/", self.show, methods=["GET"])
        app.add_api_route("/sign-in", self.show, methods=["GET"])
        app.add_api_route("/sign-in", self.sign_in, methods=["POST"])
        app.add_api_route("/sign-out", self.sign_out, methods=["POST"])

    async def show(self, request: Request) -> Response:
        session = self._sources.session_of(request)
        return HTMLResponse(
            sign_in_page() if session is None else signed_in_page(session.operator, self._sources.ui)
        )

    async def sign_in(self, request: Request, name: Text = "", password: Text = "") -> Response:
        if not _is_from_here(request):
            return _refused("Sign in on the page of this server.", 403)
        address = request.client.host if request.client else ""
        wait = self._sources.attempts.wait_seconds(name[:_LONGEST], address)
        if wait:
            refused = _refused(f"Too many wrong passwords; try again in {-(-wait // 60)} minutes.", 429)
            refused.headers["Retry-After"] = str(wait)
            return refused
        self._sources.attempts.begins(name[:_LONGEST], address)
        async with self._hashing:
            mark = await asyncio.to_thread(self._sources.operators.verified, name, password)
        if mark is None:
            _log.warning("somebody at %s was not let in", address)
            return _refused("Name or password is wrong.", 401)
        self._sources.attempts.succeeded(name, address)
        _log.info("%s signed in from %s", name, address)
        return self._kept(RedirectResponse("/sign-in", 303), self._sources.sessions.begun(name, mark))

    async def sign_out(self, request: Request) -> Response:
        if not _is_from_here(request):
            return _refused("Sign out on the page of this server.", 403)
        self._sources.sessions.end(request.cookies.get(self._sources.cookie))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(
            self._sources.cookie, secure=self._sources.is_secure, httponly=True, samesite="strict"
        )
        return answer

    def _kept(self, answer: Response, cookie: str) -> Response:
        answer.set_cookie(
            self._sources.cookie,
            cookie,
            max_age=self._sources.sessions.lasts_seconds,
            secure=self._sources.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer


def _is_from_here(request: Request) -> bool:
    """Whether a form came from our own page: else somebody's page could sign people in or out."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _refused(words: str, status: int) -> HTMLResponse:
    return HTMLResponse(sign_in_page(words), status)
