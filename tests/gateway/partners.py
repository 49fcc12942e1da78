"""Keys, certificates and a gateway file for tests, and a record of exchanges that is kept in memory."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.gateway.agreement import Agreement
from adapters.host_clock import host_now
from models.registers import Exchange, ExchangeEnd

SERVICES: dict[str, dict[str, Any]] = {
    "person": {"service": "GBDFL_UniversalServiceSync", "route": None, "data": "nested"},
    "birth": {"service": "ZAGS_BIRTH", "route": "ZAGS", "data": "nested"},
    "guardianship": {"service": "AKIMAT_GUARDIANSHIP", "route": None, "data": "nested"},
    "account": {"service": "PEP_IBAN_CHECK", "route": None, "data": "string"},
}


@dataclass(frozen=True)
class Partner:
    """Somebody who signs: a key, and a certificate that shows it."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str, *, begins: datetime | None = None, days: int = 2, bits: int = 2048) -> "Partner":
        key = generate_private_key(65537, bits)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        start = begins or host_now() - timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
        return cls(key, builder.sign(key, SHA256()))

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def shown(self) -> str:
        """The certificate, as a KeyIdentifier shows it."""
        return base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()


def write_gateway_file(folder: Path, us: Partner, *trusted: Partner, **changes: Any) -> Path:
    """Into `folder`, with everything that it names; a change is a field of the file."""
    (folder / "sender.key.pem").write_bytes(us.key_pem)
    (folder / "sender.crt.pem").write_bytes(us.certificate_pem)
    (folder / "gateway.crt.pem").write_bytes(b"".join(one.certificate_pem for one in trusted))
    content = {
        "url": "https://127.0.0.1:9233/bip-sync-wss",
        "sender": "TIREK",
        "password_file": None,
        "key_file": "sender.key.pem",
        "certificate_file": "sender.crt.pem",
        "trusted_file": "gateway.crt.pem",
        "ca_file": None,
        "services": SERVICES,
        "life_status": {"0": "alive", "1": "dead", "2": "missing"},
        "not_found": ["404"],
    }
    file = folder / "gateway.yaml"
    file.write_text(yaml.safe_dump(content | changes), encoding="utf-8")
    return file


def agreement_of(folder: Path, us: Partner, *trusted: Partner, **changes: Any) -> Agreement:
    return Agreement.load(write_gateway_file(folder, us, *trusted, **changes))


@dataclass
class FakeExchangeLog:
    """`ExchangeLog` in memory."""

    begun: list[Exchange] = field(default_factory=list)
    ended: list[ExchangeEnd] = field(default_factory=list)

    def begin(self, exchange: Exchange) -> None:
        self.begun.append(exchange)

    def end(self, end: ExchangeEnd) -> None:
        self.ended.append(end)
