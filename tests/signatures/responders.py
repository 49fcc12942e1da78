"""Stand-ins for what authorities publish: responders and lists over HTTP, good and bad in every way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.certificates import Issuer
from tests.signatures.making import now

OCSP = "http://ocsp.test/"
LIST = "http://lists.test/nca.crl"
ROOT_LIST = "http://lists.test/root.crl"


def list_of(
    issuer: Issuer,
    *,
    revoked: dict[int, datetime] | None = None,
    begins: timedelta = timedelta(hours=-1),
    ends: timedelta = timedelta(hours=1),
    by: Issuer | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    method: HashAlgorithm | None = None,
) -> bytes:
    """A list in DER; `by`: who has signed it instead of the issuer."""
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer.name)
    made = made.last_update(now() + begins).next_update(now() + ends)
    for serial, at in (revoked or {}).items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        made = made.add_revoked_certificate(one.build())
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    signed = made.sign((by or issuer).key, method or SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(Encoding.DER)


@dataclass
class Responder:
    """An OCSP responder of the intermediate; each field may make its answer a wrong one."""

    authority: StandInAuthority
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    revoked_at: datetime | None = None
    begins: timedelta = timedelta(minutes=-1)
    ends: timedelta | None = timedelta(minutes=10)
    by: tuple[x509.Certificate, Issuer] | None = None
    nonce: bytes | None = b""
    """What comes back: nothing if None, the right one if empty."""
    about: x509.Certificate | None = None
    """Another certificate than the one that was asked about."""
    breaks: bool = False
    """One bit of its signature is another."""
    asked: list[bytes] = field(default_factory=list[bytes])

    def answer(self, question: bytes, certificate: x509.Certificate) -> bytes:
        self.asked.append(question)
        signer, issuer = self.by or (self.authority.chain[0], self.authority.intermediate)
        is_revoked = self.status is ocsp.OCSPCertStatus.REVOKED
        made = ocsp.OCSPResponseBuilder().add_response(
            cert=self.about or certificate,
            issuer=self.authority.chain[0],
            algorithm=SHA256(),
            cert_status=self.status,
            this_update=now() + self.begins,
            next_update=None if self.ends is None else now() + self.ends,
            revocation_time=(self.revoked_at or now()) if is_revoked else None,
            revocation_reason=None,
        )
        made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
        if self.by is not None:
            made = made.certificates([signer])
        read = ocsp.load_der_ocsp_request(question)
        sent = next(one.value.nonce for one in read.extensions if isinstance(one.value, x509.OCSPNonce))
        if self.nonce is not None:
            made = made.add_extension(x509.OCSPNonce(self.nonce or sent), critical=False)
        answer = made.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)
        return answer[:-1] + bytes([answer[-1] ^ self.breaks])


@dataclass
class Web:
    """What answers at which address; an address that is missing refuses the connection."""

    pages: dict[str, bytes] = field(default_factory=dict[str, bytes])
    responder: Responder | None = None
    certificate: x509.Certificate | None = None
    """The one that the responder is asked about."""
    status: int = 200
    alter: Callable[[bytes], bytes] = bytes
    """What becomes of the leaf's list and of answers on their way."""
    visits: list[str] = field(default_factory=list[str])

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._serve)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        place = str(request.url)
        self.visits.append(place)
        if place == OCSP and self.responder is not None and self.certificate is not None:
            return _page(self.status, self.alter(self.responder.answer(request.content, self.certificate)))
        if place not in self.pages:
            raise httpx.ConnectError("nobody is there", request=request)
        content = self.pages[place]
        return _page(self.status, self.alter(content) if place == LIST else content)


def _page(status: int, content: bytes) -> httpx.Response:
    """As it comes from a connection: not read yet."""
    return httpx.Response(status, stream=httpx.ByteStream(content))
