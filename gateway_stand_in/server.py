"""The stand-in's server: messages to the gateway, and beside them the address that tells it how to be."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.host_clock import host_now
from gateway_stand_in import messages
from gateway_stand_in.behaviours import Behaviour, Behaviours, State, Told
from gateway_stand_in.certificates import CONTENT, SENDER
from gateway_stand_in.held import Holding, LeaveError, Receive, until_gone
from gateway_stand_in.messages import Asked
from gateway_stand_in.names import FaultError, Signer
from gateway_stand_in.people import People
from gateway_stand_in.registers import Wish, answer, register_of, whom
from models.data import local_iso
from models.identifiers import check_iin
from models.registers import Register

NAME = "Tirek stand-in for the gateway (no state's)"
LARGEST_MESSAGE = 1_000_000
_MOST_REMEMBERED = 100_000
_LARGE = 10_000_000
_A_MOMENT = 0.05
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_XML, _HTML, _JSON = "text/xml; charset=utf-8", "text/html", "application/json"
_log = logging.getLogger("tirek.gateway-stand-in")

Scope = dict[str, Any]
Answer = tuple[int, str, bytes]
"""Status, content type and body."""


class StandIn:
    """An ASGI application; one for each process."""

    def __init__(self, folder: Path, people: People) -> None:
        self.people = people
        self.behaviours = Behaviours(people.behaviours)
        self.asked: deque[dict[str, Any]] = deque(maxlen=_MOST_REMEMBERED)
        self._gateway, self._sender = Signer.load(folder, "gateway"), Signer.load(folder, "sender")
        self._stranger = Signer.load(folder, "stranger")
        self._last: bytes | None = None
        self.holding = Holding()
        self._held: list[asyncio.Event] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        try:
            status, kind, content = await self._answer(scope, body, receive)
        except LeaveError:
            # Nothing of ASGI closes a connection without an answer; the server's own transport does.
            send.__self__.transport.abort()
            await until_gone(receive)  # before that the server would answer in our place
            return
        headers = [(b"content-type", kind.encode()), (b"server", NAME.encode())]
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, body: bytes, receive: Receive) -> Answer:
        if scope["path"] == CONTENT and scope["method"] == "POST":
            return await self._message(body, receive)
        if scope["path"].startswith("/stand-in/"):
            return self._control(scope, body)
        return 404, "text/plain", b"messages are posted to /bip-sync-wss\n"

    # Messages.

    async def _message(self, body: bytes, receive: Receive) -> Answer:
        match self.behaviours.state:
            case State.DOWN:
                raise LeaveError
            case State.SILENT:
                await self._hold(receive)
            case State.FAILING:
                return _INSTEAD[Behaviour.FAILS]()
            case State.UP:
                pass
        try:
            asked = messages.read(body, self._sender, SENDER)
            return await self._behave(asked, register_of(asked), receive)
        except FaultError as error:
            return 500, _XML, messages.signed(messages.fault(error.code, str(error)), self._gateway)

    async def _behave(self, asked: Asked, register: Register, receive: Receive) -> Answer:
        """As told for this IIN, else an honest answer."""
        iin = whom(asked)
        told = self.behaviours.next(iin, register)
        row = self._remember(asked, iin)
        try:
            if told is not None:
                await self._wait(told, receive)
            given = self._given(asked, register, told.behaviour if told else None)
        finally:
            row["answered"] = str(told.behaviour) if told else "as usual"
        self._let_go()
        return given

    async def _wait(self, told: Told, receive: Receive) -> None:
        match told.behaviour:
            case Behaviour.SLOW:
                await self.holding.until(asyncio.sleep(1 if told.seconds is None else told.seconds), receive)
            case Behaviour.SILENT:
                await self._hold(receive, told.seconds)
            case Behaviour.HANGS_UP:
                raise LeaveError
            case Behaviour.OUT_OF_ORDER:
                held = asyncio.Event()
                self._held.append(held)
                await self.holding.until(held.wait(), receive)
            case _:
                pass

    async def _hold(self, receive: Receive, seconds: float | None = None) -> None:
        """Silence: until whoever asked has gone, or for so long; never an answer."""
        forever = asyncio.Event()
        await self.holding.until(forever.wait() if seconds is None else asyncio.sleep(seconds), receive)
        raise LeaveError

    def _let_go(self) -> None:
        """Whoever was held until a later message had its answer is answered now, a moment after it."""
        for held in self._held:
            asyncio.get_running_loop().call_later(_A_MOMENT, held.set)
        self._held.clear()

    def _given(self, asked: Asked, register: Register, kind: Behaviour | None) -> Answer:
        if kind in _INSTEAD:
            return _INSTEAD[kind]()
        if kind is Behaviour.FAULTS:
            raise FaultError("SCE909", "internal error of the stand-in")
        wish = Wish(kind is Behaviour.UNKNOWN, kind is Behaviour.DIFFERS, kind is Behaviour.OTHER_PERSON)
        return 200, _XML, self._written(kind, answer(asked, register, self.people, wish), asked.message_id)

    def _written(self, kind: Behaviour | None, content: str, message: str) -> bytes:
        """An answer, signed; or wrongly, or to something else."""
        right = messages.response(content, message)
        match kind:
            case Behaviour.UNSIGNED:
                return messages.unsigned(right)
            case Behaviour.WRONG_SIGNATURE:
                return messages.signed(right, self._stranger, shown=self._gateway)
            case Behaviour.WRONG_CERTIFICATE:
                return messages.signed(right, self._stranger)
            case Behaviour.ALTERED:
                return messages.signed(right, self._gateway).replace(b"processed", b"progessed")
            case Behaviour.REPLAYED if self._last is not None:
                return self._last
            case Behaviour.OTHER_MESSAGE | Behaviour.REPLAYED:
                right = messages.response(content, "another-message")
            case Behaviour.OLD_ANSWER:
                an_hour_ago = local_iso(host_now() - timedelta(hours=1))
                right = messages.response(content, message, at=an_hour_ago)
            case Behaviour.TWICE:
                right += right
            case _:
                pass
        self._last = messages.signed(right, self._gateway)
        return self._last

    def _remember(self, asked: Asked, iin: str) -> dict[str, Any]:
        """A row of what was asked; what it was answered is noted when it was."""
        _log.info("%s: %s", asked.service, asked.message_id)
        told = {"message_id": asked.message_id, "correlation_id": asked.correlation_id, "service": asked.service}
        row = {**told, "iin": iin, "at": local_iso(host_now()), "answered": None}
        self.asked.append(row)
        return row

    # How it is told.

    def _control(self, scope: Scope, body: bytes) -> Answer:
        if scope["client"] is None or scope["client"][0] not in _LOOPBACK:
            return _json(403, {"error": "only this machine tells the stand-in how to be"})
        try:
            match scope["method"], scope["path"]:
                case "POST", "/stand-in/tell":
                    content = json.loads(body)
                    self.behaviours.tell(check_iin(content.pop("iin")), Told.model_validate(content))
                case "DELETE", "/stand-in/told":
                    self.behaviours.forget()
                case "POST", "/stand-in/state":
                    self.behaviours.state = State(json.loads(body)["state"])
                case "GET", "/stand-in/asked":
                    return _json(200, list(self.asked))
                case _:
                    return _json(404, {"error": "POST tell or state, DELETE told, GET asked"})
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
            return _json(400, {"error": _told_wrongly(error)})
        return _json(200, {"state": self.behaviours.state})


def _told_wrongly(error: Exception) -> str:
    """What is wrong, without the IIN that it may be about."""
    if isinstance(error, ValidationError):
        return "; ".join(one["msg"] for one in error.errors(include_input=False))
    return f"{type(error).__name__}: tell wants iin, behaviour, times, seconds; state wants state"


def _json(status: int, content: Any) -> Answer:
    return status, _JSON, json.dumps(content).encode()


async def _read(receive: Receive) -> bytes:
    """The whole body; of one that is too large only so much that it is no message."""
    body = bytearray()
    while True:
        part = await receive()
        if part["type"] == "http.disconnect":
            return b""
        if len(body) < LARGEST_MESSAGE:
            body += part.get("body", b"")
        if not part.get("more_body"):
            return bytes(body)


_INSTEAD: dict[Behaviour | None, Callable[[], Answer]] = {
    Behaviour.FAILS: lambda: (503, "text/plain", b"stand-in: failing\n"),
    Behaviour.NONSENSE: lambda: (200, _HTML, b"<!DOCTYPE html><html><body>stand-in: nonsense</body></html>"),
    Behaviour.NO_SOAP: lambda: (200, _XML, b"<nonsense><of>the stand-in</of></nonsense>"),
    Behaviour.LARGE: lambda: (200, _XML, b"<large>" + b"x" * _LARGE + b"</large>"),
}
"""What is answered instead of an answer."""
