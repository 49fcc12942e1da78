"""One exchange with the gateway over HTTPS: pooled connections, one deadline, and a limit to what is read."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import httpx

from adapters.gateway.agreement import Agreement
from adapters.gateway.envelope import Contract, Fields, Message, signed_message
from adapters.gateway.exchanging import correlation_of, exchanged
from adapters.gateway.faults import http_fault, passing, refused
from adapters.gateway.reading import data_of, is_fault
from adapters.gateway.xml_text import Element
from adapters.http_body import read_body
from models.ports import ExchangeLog, RegisterRefusedError
from models.registers import Asking, Register

T = TypeVar("T")
_log = logging.getLogger(__name__)

SECONDS = 3.5
"""From the first byte sent to the last one read, the wait for a connection included."""
LARGEST = 1_000_000
"""Bytes of an answer; the largest that is expected, a person with all documents, has some ten thousand."""
CONNECTIONS = 50
_XML = ("text/xml", "application/xml", "application/soap+xml")
_HEADERS = {
    "content-type": "text/xml; charset=utf-8",
    "accept": "text/xml",
    "accept-encoding": "identity",
    "soapaction": '""',
    "user-agent": "tirek",
}

for _name in ("httpx", "httpcore", "signxml"):  # signxml would tell, at DEBUG, the whole text that it checks
    logging.getLogger(_name).setLevel(logging.WARNING)


class Gateway:
    """Asks the registers behind the gateway, and puts every exchange on record."""

    def __init__(
        self,
        agreement: Agreement,
        log: ExchangeLog,
        *,
        seconds: float = SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.agreement = agreement
        self._log = log
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            verify=agreement.tls,
            timeout=seconds,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
            transport=transport,
        )

    async def aclose(self) -> None:
        """Ends every connection; what is under way fails."""
        await self._client.aclose()

    async def ask(
        self,
        register: Register,
        asking: Asking,
        contract: Contract,
        question: Callable[[Message], Fields],
        read: Callable[[Element, Message], T | None],
        *,
        iin: str,
    ) -> T | None:
        """What `read` makes of the data of the answer, None where there is nothing to read.

        RegisterUnavailableError, RegisterRefusedError; what was refused is logged, without a word of the answer.
        """
        message = Message.make(self.agreement.service(register), correlation_of(asking))
        service = message.service.service
        async with exchanged(
            self._log, service=service, message_id=message.message_id, iin=iin, asking=asking
        ) as exchange:
            try:
                sent = signed_message(self.agreement, message, contract, question(message))
                data = data_of(await self._answer(sent), message, contract, self.agreement.trusted)
                found = None if data is None else read(data, message)
            except RegisterRefusedError as error:
                _log.error("service %s, message %s: refused, %s", service, message.message_id, error.code)
                raise
            return exchange.not_found() if found is None else exchange.found(found)

    async def _answer(self, sent: bytes) -> bytes:
        """The body of the answer, of at most LARGEST bytes, or the error that HTTP is at an end with."""
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", self.agreement.file.url, headers=_HEADERS, content=sent) as response,
            ):
                return await _body(response)
        except (TimeoutError, httpx.TimeoutException):
            raise passing("timeout") from None
        except httpx.HTTPError:  # its text may repeat what the other side wrote
            raise passing("network") from None


async def _body(response: httpx.Response) -> bytes:
    status = response.status_code
    if status not in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR):
        raise http_fault(status)
    is_error = status == HTTPStatus.INTERNAL_SERVER_ERROR
    kind = response.headers.get("content-type", _XML[0]).partition(";")[0].strip().lower()
    if kind not in _XML:
        raise http_fault(status) if is_error else passing("no-soap")
    content = await read_body(response, LARGEST, refused)
    if is_error and not is_fault(content):
        raise http_fault(status)
    return content
