"""What stands before every answer of the codec server: names, sizes, and what a browser may do with it."""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.listening import host_name
from operations.sign_in_page import STYLE_HASH

_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src '{STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer a browser would hide where a form was sent from, and we ask that.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_MOST_OF_A_FORM = 8192


class CodecGuard:
    """Refuses a foreign name, and a body that says that it is too large or does not say how large it is."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None, most_bytes: Mapping[str, int]) -> None:
        """`most_bytes`: of a body, by path; of any other path a form is all that comes."""
        self._app = app
        self._hosts = hosts
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, method: str, path: str, headers: Headers) -> PlainTextResponse | None:
        if self._hosts is not None and host_name(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("The codec server does not answer to this name; use 127.0.0.1.\n", 421)
        if method != "POST":
            return None
        length = headers.get("content-length", "")
        # A body in pieces may be of any size, whatever else stands beside it.
        if "transfer-encoding" in headers or not (length.isascii() and length.isdigit()):
            return PlainTextResponse("Say how long the body is.\n", 411)
        is_large = int(length) > self._most_bytes.get(path, _MOST_OF_A_FORM)
        return PlainTextResponse("The body is too large.\n", 413) if is_large else None
