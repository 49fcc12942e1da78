"""Fetches what authorities publish, by address or from files: briefly, of a limited size, and kept for a while."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx

from adapters.http_body import read_body
from models.ports import VerifierUnavailableError

SECONDS = 4.0
"""From the first byte sent to the last one read."""
LARGEST_LIST = 30_000_000
LARGEST_ANSWER = 100_000
_KEPT_SECONDS = 300.0
_KEPT = 200
_SILENT_SECONDS = 15.0
"""So long nobody waits again for a place that has just kept silent: each certificate of a chain is asked about,
and all of it together must not take longer than the check may."""
_HEADERS = {"user-agent": "tirek", "accept-encoding": "identity"}

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class _Kept:
    content: bytes
    until: float


class Sources:
    """A client with connections of its own, and what it was told in the last minutes."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        watch: Callable[[], float] | None = None,
    ) -> None:
        self._seconds = seconds
        self._client = httpx.AsyncClient(timeout=seconds, trust_env=False, transport=transport)
        self._watch = watch or (lambda: asyncio.get_running_loop().time())
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._silent: dict[str, float] = {}

    async def aclose(self) -> None:
        await self._client.aclose()

    async def list_at(self, place: str) -> bytes:
        """The revocation list of an address, or of a file; VerifierUnavailableError.

        One that was fetched in the last minutes is given again; a file is read each time.
        """
        if "://" not in place:
            return await asyncio.to_thread(_file, Path(place))
        kept = self._kept.get(place)
        if kept is None or kept.until < self._watch():
            return self._keep(place, await self._ask("GET", place, LARGEST_LIST))
        return kept.content

    def forget(self, place: str) -> None:
        """What was fetched from there was of no use."""
        self._kept.pop(place, None)

    async def answer_of(self, place: str, question: bytes) -> bytes:
        """What an OCSP responder answers to a question; VerifierUnavailableError."""
        headers = {"content-type": "application/ocsp-request", "accept": "application/ocsp-response"}
        return await self._ask("POST", place, LARGEST_ANSWER, headers, question)

    def _keep(self, place: str, content: bytes) -> bytes:
        self._kept[place] = _Kept(content, self._watch() + _KEPT_SECONDS)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return content

    async def _ask(
        self,
        method: str,
        place: str,
        largest: int,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> bytes:
        if self._silent.get(place, 0.0) > self._watch():
            raise VerifierUnavailableError("revocation-timeout")
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream(
                    method, place, headers=_HEADERS | (headers or {}), content=content
                ) as response,
            ):
                if response.status_code != HTTPStatus.OK:
                    raise VerifierUnavailableError(f"http-{response.status_code}")
                return await read_body(response, largest, VerifierUnavailableError)
        except (TimeoutError, httpx.TimeoutException):
            self._silent[place] = self._watch() + _SILENT_SECONDS
            raise VerifierUnavailableError("revocation-timeout") from None
        except httpx.HTTPError:  # its text may repeat what the other side wrote
            raise VerifierUnavailableError("revocation-network") from None


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise VerifierUnavailableError("revocation-file") from None
