"""Delivers a supervisor's notices to a program of the office: signed JSON over HTTP, as Standard Webhooks say."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from adapters.host_clock import host_now
from adapters.notices.credentials import is_this_machine
from adapters.notices.escalation import Escalation
from models.data import local_iso
from models.errors import MalformedError
from models.outbound import Notice
from models.ports import NotDeliveredError

_SECONDS = 10.0
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)

for _name in ("httpx", "httpcore"):  # they would tell the address, and with it a token of the receiver's
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Receiver:
    """Where notices are posted to, and the keys that sign them: several while one is being replaced."""

    url: SecretStr
    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def parse(cls, url: SecretStr, secrets: SecretStr, setting: str) -> "Receiver":
        """MalformedError names the setting that is wrong, and repeats nothing of it."""
        _check(url.get_secret_value())
        keys = tuple(_key(one, setting) for one in secrets.get_secret_value().split())
        if not keys:
            raise MalformedError(f"{setting}: it holds no secret")
        return cls(url, keys)


def _check(url: str) -> None:
    setting = "TIREK_WEBHOOK_URL"
    try:
        place = urlsplit(url)
        httpx.URL(url)
        host, port = place.hostname, place.port
    except (httpx.InvalidURL, ValueError):
        raise MalformedError(f"{setting}: it is no address, as in https://HOST/PATH") from None
    if place.scheme not in ("http", "https") or not host or port == 0 or "@" in place.netloc:
        raise MalformedError(f"{setting}: it is https://HOST/PATH, without user and password")
    if place.scheme == "http" and not is_this_machine(host):
        raise MalformedError(f"{setting}: http is for a receiver on this machine, any other needs https")


def _key(secret: str, setting: str) -> bytes:
    try:
        text = secret.removeprefix(_PREFIX).rstrip("=")
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise MalformedError(
            f"{setting}: each secret is {_PREFIX} and the base64 of 24 to 64 bytes, with a space between two"
        )
    return key


def signatures(keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """What `webhook-signature` says: one signature for each key, with a space between two."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    made = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made)


def payload(told: Escalation) -> bytes:
    """The same bytes at every try: only the headers say when it was tried."""
    data = told.model_dump(mode="json", exclude={"kind", "at"}) | {"due_at": local_iso(told.due_at)}
    content = {"type": told.kind, "timestamp": local_iso(told.at), "data": data}
    return json.dumps(content, separators=(",", ":")).encode()


class WebhookNoticeSender:
    """`NoticeSender` by webhook; the same notice again has the same `webhook-id` and the same body."""

    def __init__(self, receiver: Receiver, seconds: float = _SECONDS) -> None:
        self._receiver = receiver
        self._seconds = seconds
        self._tls = ssl.create_default_context()

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        body, timestamp = payload(Escalation.of(application, notice)), int(host_now().timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "tirek",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signatures(self._receiver.keys, message_id, timestamp, body),
        }
        try:
            status = asyncio.run(self._post(headers, body))
        except TimeoutError:
            raise NotDeliveredError("the receiver does not answer in time") from None
        except httpx.HTTPError as error:  # its text may repeat the address
            raise NotDeliveredError(f"the receiver cannot be reached ({type(error).__name__})") from None
        if not httpx.codes.is_success(status):
            raise NotDeliveredError(f"the receiver answered {status}")

    async def _post(self, headers: dict[str, str], body: bytes) -> int:
        """The status alone: nothing is read of what follows, and no redirect is. One time-out is for the whole."""
        url = self._receiver.url.get_secret_value()
        async with (
            asyncio.timeout(self._seconds),
            httpx.AsyncClient(verify=self._tls, timeout=self._seconds, trust_env=False) as client,
            client.stream("POST", url, headers=headers, content=body) as response,
        ):
            return response.status_code
