"""`SignatureVerifier` for CMS: RSA is checked here, the national algorithms by an NCANode server (R15, R20)."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from adapters.host_clock import host_now
from adapters.signatures.chain import Anchors, trusted_path
from adapters.signatures.cms import Cms, read_cms
from adapters.signatures.flaws import FlawedError
from adapters.signatures.moment import moment_of
from adapters.signatures.owner import check_usage, iin_of
from adapters.signatures.revocation import Revocation
from adapters.signatures.rsa import check_carried, check_signature, claimed_time
from models.signature import Flaw, SignatureFinding, Signed

_log = logging.getLogger(__name__)


class Check(Protocol):
    """One way of checking a signature whose form is right."""

    async def signer(self, cms: Cms, content: bytes, arrived: datetime) -> str:
        """The IIN of whoever signed; FlawedError, VerifierUnavailableError."""
        ...


class CmsVerifier:
    """Reads a signature, has it checked, and tells the flaw or whose it is and for which posts they may sign.

    `officers`: the IINs of those who may sign for an officer's post. Without `gost` the national algorithms are
    refused, never passed.
    """

    def __init__(
        self,
        rsa: Check,
        gost: Check | None,
        officers: Mapping[str, tuple[str, ...]],
        now: Callable[[], datetime] = host_now,
    ) -> None:
        self._rsa = rsa
        self._gost = gost
        self._officers = officers
        self._now = now

    async def verify(self, signed: Signed) -> SignatureFinding:
        """VerifierUnavailableError where nobody can say now whether a certificate is revoked."""
        try:
            signer = await self._signer(signed)
        except FlawedError as error:
            _log.info("a signature is refused: %s", error.flaw.value)
            return SignatureFinding(valid=False, flaw=error.flaw)
        posts = tuple(post for post, iins in sorted(self._officers.items()) if signer in iins)
        return SignatureFinding(valid=True, signer=signer, posts=posts)

    async def _signer(self, signed: Signed) -> str:
        cms = read_cms(signed.signature)
        content = signed.content.encode()
        check_carried(cms, content)
        check = self._gost if cms.is_gost else self._rsa
        if check is None:
            raise FlawedError(Flaw.GOST)
        return await check.signer(cms, content, signed.at or self._now())


class RsaCheck:
    """Checks RSA in this process, and asks authorities about revocation alone."""

    def __init__(self, anchors: Anchors, revocation: Revocation) -> None:
        self._anchors = anchors
        self._revocation = revocation

    async def signer(self, cms: Cms, content: bytes, arrived: datetime) -> str:
        """The text first, then the certificate, then who issued it, and at last who may have revoked it."""
        check_signature(cms, content)
        moment = moment_of(claimed_time(cms), arrived)
        path = await trusted_path(cms.certificate, cms.others, self._anchors, moment)
        check_usage(cms.certificate)
        iin = iin_of(cms.certificate)
        await self._revocation.check(path, arrived)
        return iin
