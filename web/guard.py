"""What stands before every answer: whose name the board is asked under, and what a browser may do with it."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.listening import host_name

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_KEPT = "public, max-age=31536000, immutable"


class Guard:
    """Refuses a foreign name: else a page of somebody's could have its own name lead here, and read the board."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", _kept(scope, message["status"]))
            await send(message)

        name = host_name(Headers(scope=scope).get("host", ""))
        if self._hosts is not None and name not in self._hosts:
            refusal = PlainTextResponse("The board does not answer to this name; use 127.0.0.1.\n", 421)
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)


def _kept(scope: Scope, status: int) -> str:
    """Static files are asked for by a version, so they may be kept; nothing else is."""
    is_versioned = scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v=")
    return _KEPT if is_versioned and status == 200 else "no-store"
