"""Gives every HTTP request an id, which its log lines and its answer carry, and tells in a line what came of it.

A caller's own X-Request-ID is kept if it is harmless. The line has the path alone, as it came over the wire: what
stands behind a question mark, a reader may have typed, and a number of twelve digits may be somebody's.
"""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from structlog.contextvars import bound_contextvars

HEADER = b"x-request-id"
_HARMLESS = re.compile(r"[A-Za-z0-9-]{8,64}")
_IIN = re.compile(r"(?<!\w)[0-9]{12}(?!\w)")
_LONGEST_PATH = 200
_NOBODY = 499
"""What is told where the caller was gone, or was left without an answer."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

_log = logging.getLogger("tirek.requests")


class RequestIds:
    """Stands before an ASGI application."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = id_of(scope["headers"])
        status, began = _NOBODY, time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request.encode())]
            await send(message)

        with bound_contextvars(request=request):
            try:
                await self._app(scope, receive, answered)
            finally:
                took = (time.perf_counter() - began) * 1000
                _log.info("%s %s %d, %.0f ms", scope["method"], path_of(scope), status, took)


def id_of(headers: list[tuple[bytes, bytes]]) -> str:
    """The id that the caller gave, if it is harmless, or a new one."""
    given = dict(headers).get(HEADER, b"").decode("latin-1")
    is_harmless = _HARMLESS.fullmatch(given) and not _IIN.fullmatch(given)
    return given if is_harmless else uuid.uuid4().hex


def path_of(scope: Message) -> str:
    """The path as it may be written down: nothing in it begins a line of its own."""
    # Before it is quoted: %20 would stand before a number as if the two were one word.
    pieces = _IIN.split(scope["path"])
    return "…".join(quote(piece, safe="/-._~:") for piece in pieces)[:_LONGEST_PATH]
