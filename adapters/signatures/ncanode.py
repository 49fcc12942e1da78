"""Checks the national algorithms (GOST) by an NCANode server, version 3: no library in use can.

Its `valid` says less than it seems to: of a signature whose certificate it did not find it is true. So whatever
else it tells of the certificate is looked at, by the same rules as in this process.
"""

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapters.host_clock import host_now
from adapters.http_body import read_body
from adapters.signatures.cms import Cms
from adapters.signatures.flaws import FlawedError, unreadable_is
from adapters.signatures.moment import moment_of
from adapters.signatures.owner import check_usage, iin_of
from adapters.signatures.rsa import claimed_time
from models.ports import VerifierUnavailableError
from models.signature import Flaw

SECONDS = 10.0
"""It asks the authority's responder in turn."""
LARGEST_ANSWER = 500_000
_HEADERS = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "tirek"}
_SIGN, _OCSP, _ACTIVE = "SIGN", "OCSP", "OK"
_NO_ISSUER = "Cannot find root certificate"
"""How it begins where it knows nobody who could have issued the certificate."""
_SOMEBODYS = frozenset({"INDIVIDUAL", "ORGANIZATION", "CEO", "CAN_SIGN", "CAN_SIGN_FINANCIAL", "HR", "EMPLOYEE"})


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Instant = Annotated[datetime, AfterValidator(_aware)]


class _Part(BaseModel):
    """The server's own words; whatever else it tells is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Subject(_Part):
    iin: str | None = None


class _Status(_Part):
    revoked: bool
    by: str | None = None
    reason: str | None = None


class _Certificate(_Part):
    valid: bool
    revocations: tuple[_Status, ...] = ()
    begins: Instant = Field(alias="notBefore")
    ends: Instant = Field(alias="notAfter")
    usage: str | None = Field(default=None, alias="keyUsage")
    users: tuple[str, ...] = Field(default=(), alias="keyUser")
    serial: str = Field(alias="serialNumber")
    subject: _Subject | None = None


class _Signer(_Part):
    """Released servers say `certificates`, their own description of the interface says `signers`."""

    certificates: tuple[_Certificate, ...] = ()
    signers: tuple[_Certificate, ...] = ()


class _Reply(_Part):
    valid: bool
    signers: tuple[_Signer, ...]


class NcanodeCheck:
    """Hands a signature to the server of an address, and believes it where everything that it says agrees."""

    def __init__(
        self,
        address: str,
        *,
        seconds: float = SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = host_now,
    ) -> None:
        self._place = f"{address.rstrip('/')}/cms/verify"
        self._seconds = seconds
        self._now = now
        self._client = httpx.AsyncClient(timeout=seconds, trust_env=False, transport=transport)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def signer(self, cms: Cms, content: bytes, arrived: datetime) -> str:
        """The IIN of whoever signed; FlawedError, VerifierUnavailableError.

        It tells one `valid` of signature and certificate, as of its own now: a certificate that ran out or was
        revoked after the arrival is refused too, since nobody says then whether the signature was right.
        """
        reply = await self._ask(cms.der, content)
        certificate = _of_signer(reply, cms)
        moment = moment_of(claimed_time(cms), arrived)
        for instant in (moment, self._now()):
            if not certificate.begins <= instant <= certificate.ends:
                raise FlawedError(Flaw.EXPIRED)
        _check_status(certificate)
        if certificate.usage != _SIGN or _SOMEBODYS.isdisjoint(certificate.users):
            raise FlawedError(Flaw.WRONG_USAGE)
        check_usage(cms.certificate)
        if not (reply.valid and certificate.valid):
            raise FlawedError(Flaw.INVALID)
        iin = iin_of(cms.certificate)
        if certificate.subject is None or certificate.subject.iin != iin:
            raise FlawedError(Flaw.NO_PERSON)
        return iin

    async def _ask(self, der: bytes, content: bytes) -> _Reply:
        question = {
            "cms": base64.b64encode(der).decode(),
            "data": base64.b64encode(content).decode(),
            "revocationCheck": [_OCSP],
        }
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", self._place, headers=_HEADERS, json=question) as response,
            ):
                return _read(
                    response.status_code, await read_body(response, LARGEST_ANSWER, VerifierUnavailableError)
                )
        except (TimeoutError, httpx.TimeoutException):
            raise VerifierUnavailableError("ncanode-timeout") from None
        except httpx.HTTPError:  # its text may repeat what the other side wrote
            raise VerifierUnavailableError("ncanode-network") from None


def _read(status: int, body: bytes) -> _Reply:
    """The server answers 400, in its own form, where it cannot take the signature apart: it never will."""
    try:
        if status == HTTPStatus.BAD_REQUEST and _Refusal.model_validate_json(body).status == status:
            raise FlawedError(Flaw.INVALID)
        if status == HTTPStatus.OK:
            return _Reply.model_validate_json(body)
    except ValidationError:
        raise VerifierUnavailableError("ncanode-answer") from None
    raise VerifierUnavailableError(f"ncanode-http-{status}")


class _Refusal(_Part):
    """Its message is left out where the fault on which it stopped had none."""

    status: int
    message: str | None = None


def _of_signer(reply: _Reply, cms: Cms) -> _Certificate:
    """The one certificate of the one signer, and it is the one that is in the signature."""
    found = [one for signer in reply.signers for one in (signer.certificates or signer.signers)]
    with unreadable_is(Flaw.INVALID):
        if len(found) != 1 or int(found[0].serial, 16) != cms.certificate.serial_number:
            raise FlawedError(Flaw.INVALID)
    return found[0]


def _check_status(certificate: _Certificate) -> None:
    """What was asked of the responder has to have been answered: it says nothing of a silent one."""
    told = [one for one in certificate.revocations if one.by == _OCSP]
    if any(one.revoked for one in certificate.revocations):
        raise FlawedError(Flaw.REVOKED)
    if any((one.reason or "").startswith(_NO_ISSUER) for one in told):
        raise FlawedError(Flaw.UNTRUSTED)
    if not told or any(one.reason != _ACTIVE for one in told):
        raise VerifierUnavailableError("ncanode-revocation")
