"""A stand-in for an NCANode server, over HTTP: it takes the same questions and answers in the same form.

What it checks is RSA that was renamed to the national algorithms, since no library here can sign by those. Like
the real one it says `valid` of everything together, and says it of a signature without a certificate too.
"""

import base64
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import cms, x509
from cryptography import x509 as trusted_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.signatures.making import changed, now

GOST_HASH, GOST_SIGNATURE = "1.2.398.3.10.1.3.3", "1.2.398.3.10.1.1.2.3.1"
USERS = {
    "1.2.398.3.3.4.1.1": "INDIVIDUAL",
    "1.2.398.3.3.4.1.2": "ORGANIZATION",
    "1.2.398.3.3.4.1.2.1": "CEO",
    "1.2.398.3.3.4.1.2.5": "EMPLOYEE",
}


def renamed(signature: str) -> str:
    """The same signature, which says that it is by the national algorithms."""

    def rename(signed: Any) -> None:
        signer = signed["signer_infos"][0]
        signer["digest_algorithm"] = {"algorithm": GOST_HASH}
        signer["signature_algorithm"] = {"algorithm": GOST_SIGNATURE}

    return changed(signature, rename)


@dataclass
class NcanodeStandIn:
    """Whom it knows, what it was told is revoked, and how it answers."""

    authorities: tuple[trusted_x509.Certificate, ...]
    key: str = "certificates"
    """Of the list in the answer: what released servers say, or `signers`, what their description says."""
    revoked: dict[int, datetime] = field(default_factory=dict[int, datetime])
    is_responder_silent: bool = False
    reply: tuple[int, bytes] | None = None
    """Instead of its own answer."""
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(question)
        try:
            whole = cms.ContentInfo.load(base64.b64decode(question["cms"]))["content"]
            certificates = [one.chosen for one in whole["certificates"]]
            carried = whole["encap_content_info"]["content"].native
            content = carried if carried is not None else base64.b64decode(question["data"])
            signers = [self._signer(one, certificates, content) for one in whole["signer_infos"]]
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"status": 400, "message": str(error)}
        valid = all(is_right for is_right, _ in signers)
        return 200, {"status": 200, "message": "OK", "valid": valid, "signers": [one for _, one in signers]}

    def _signer(
        self, signer: Any, certificates: list[x509.Certificate], content: bytes
    ) -> tuple[bool, dict[str, Any]]:
        serial = signer["sid"].chosen["serial_number"].native
        told, is_right = [], True
        for certificate in (one for one in certificates if one.serial_number == serial):
            info = self._certificate(certificate)
            is_right = is_right and info["valid"] and _is_signed(signer, certificate, content)
            told.append(info)
        return is_right, {self.key: told}

    def _certificate(self, certificate: x509.Certificate) -> dict[str, Any]:
        validity = certificate["tbs_certificate"]["validity"]
        begins, ends = validity["not_before"].native, validity["not_after"].native
        status = self._status(certificate)
        usage = certificate.key_usage_value.native
        is_signing = {"digital_signature", "non_repudiation"} <= usage
        return {
            "valid": begins < now() < ends and status["reason"] == "OK" and not status["revoked"],
            "revocations": [status],
            "notBefore": _told(begins),
            "notAfter": _told(ends),
            "keyUsage": "SIGN" if is_signing else "AUTH",
            "serialNumber": f"{certificate.serial_number:x}",
            "signAlg": "ECGOST3410-2015-512",
            "keyUser": [USERS[oid] for oid in certificate.extended_key_usage_value.native if oid in USERS],
            "subject": _subject(certificate),
            "issuer": {"dn": certificate.issuer.human_friendly},
        }

    def _status(self, certificate: x509.Certificate) -> dict[str, Any]:
        revoked_at = self.revoked.get(certificate.serial_number)
        if not self._is_known(certificate):
            reason = "Cannot find root certificate in NCANode. Try add it using NCANODE_CA_URL variable."
        else:
            reason = "Connection refused" if self.is_responder_silent else "OK"
        return {
            "revoked": revoked_at is not None,
            "by": "OCSP",
            "revocationTime": None if revoked_at is None else _told(revoked_at),
            "reason": reason,
        }

    def _is_known(self, certificate: x509.Certificate) -> bool:
        shown = trusted_x509.load_der_x509_certificate(certificate.dump())
        for authority in self.authorities:
            try:
                shown.verify_directly_issued_by(authority)
            except (ValueError, InvalidSignature):
                continue
            return True
        return False


def _is_signed(signer: Any, certificate: x509.Certificate, content: bytes) -> bool:
    attributes = {one["type"].native: one["values"][0].native for one in signer["signed_attrs"]}
    digest = Hash(SHA256())
    digest.update(content)
    key: Any = load_der_public_key(certificate.public_key.dump())
    try:
        key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return attributes["message_digest"] == digest.finalize()


def _subject(certificate: x509.Certificate) -> dict[str, Any]:
    parts = certificate.subject.native
    told = {"commonName": parts.get("common_name"), "country": "KZ", "dn": certificate.subject.human_friendly}
    if "serial_number" in parts:
        told["iin"] = parts["serial_number"].removeprefix("IIN")
    if "organizational_unit_name" in parts:
        told["bin"] = parts["organizational_unit_name"].removeprefix("BIN")
    return told


def _told(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


@contextmanager
def serving(stand_in: NcanodeStandIn) -> Generator[NcanodeStandIn]:
    """It listens on a port of this machine for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, body = 404, b"{}"
            if stand_in.reply is not None:
                status, body = stand_in.reply
            elif self.path == "/cms/verify":
                status, answer = stand_in.answer(question)
                body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests say what went wrong."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
