"""Whether a certificate was revoked when the signature arrived: by OCSP or by a list, never by silence.

Each source says that it is good, that it was revoked, or nothing of use: it is away, stale, not signed by whom it
has to be, or does not know the certificate. If none says anything, the question is put again later.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1
from pyhanko_certvalidator.path import ValidationPath

from adapters.host_clock import host_now
from adapters.signatures.flaws import FlawedError
from adapters.signatures.lists import ListError, revoked_by_list
from adapters.signatures.ocsp import AnswerError, question, revoked_by_answer
from adapters.signatures.sources import Sources
from models.ports import VerifierUnavailableError
from models.signature import Flaw

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """Where to ask: addresses of OCSP responders, and addresses or files of revocation lists."""

    ocsp: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class About:
    """Which certificate it is about, and who has issued it."""

    certificate: asn1.Certificate
    issuer: asn1.Certificate


@dataclass(frozen=True)
class Told:
    """What a source says: when it was revoked, None if it is good."""

    revoked_at: datetime | None


class Revocation:
    """Asks about every certificate of a path but its root."""

    def __init__(self, places: Places, sources: Sources, now: Callable[[], datetime] = host_now) -> None:
        self._places = places
        self._sources = sources
        self._now = now

    async def check(self, path: ValidationPath, arrived: datetime) -> None:
        """FlawedError `certificate-revoked`, if it was by then; VerifierUnavailableError while nobody can say."""
        certificates = list(path.iter_certs(include_root=False))
        issuers = list(path.iter_certs(include_root=True))[:-1]
        for certificate, issuer in zip(certificates, issuers, strict=True):
            told = await self._told(certificate, issuer)
            if told.revoked_at is not None and told.revoked_at <= arrived:
                raise FlawedError(Flaw.REVOKED)

    async def _told(self, certificate: asn1.Certificate, issuer: asn1.Certificate) -> Told:
        """Of an authority the lists are asked first: a responder answers for those whom it has certified."""
        about = About(certificate, issuer)
        ways = [self._by_responders, self._by_lists]
        for ask in reversed(ways) if certificate.ca else ways:
            told = await ask(about)
            if told is not None:
                return told
        raise VerifierUnavailableError("no source says whether a certificate is revoked")

    async def _by_responders(self, about: About) -> Told | None:
        for place in self._places.ocsp:
            try:
                asked = question(about.certificate, about.issuer)
                answer = await self._sources.answer_of(place, asked.der)
                found = revoked_by_answer(answer, asked, about.certificate, about.issuer, self._now())
            except (AnswerError, VerifierUnavailableError) as error:
                _log.warning("an OCSP responder says nothing of use: %s", error)
            else:
                return Told(found)
        return None

    async def _by_lists(self, about: About) -> Told | None:
        problems: list[str] = []
        for place in self._places.lists:
            try:
                content = await self._sources.list_at(place)
                subject = (about.certificate.dump(), about.issuer.dump())
                return Told(await asyncio.to_thread(revoked_by_list, content, *subject, self._now()))
            except ListError as error:
                if error.is_of_use_later:
                    self._sources.forget(place)
                problems.append(str(error))
            except VerifierUnavailableError as error:
                problems.append(str(error))
        if problems:
            _log.warning("no revocation list says anything of use: %s", ", ".join(problems))
        return None
