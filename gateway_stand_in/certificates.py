"""Keys and certificates of the stand-in, made once in a folder, and the gateway file that names them."""

import os
import secrets
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.host_clock import host_now
from adapters.settings import GATEWAY_FILE
from models.registers import Register

CONTENT = "/bip-sync-wss"
"""Where messages are posted to."""
SENDER = "TIREK"
SERVICES: dict[Register, dict[str, str | None]] = {
    Register.PERSON: {"service": "STAND-IN:GBDFL_UniversalServiceSync", "route": None, "data": "nested"},
    Register.BIRTH: {"service": "STAND-IN:ZAGS_BIRTH", "route": None, "data": "nested"},
    Register.GUARDIANSHIP: {"service": "STAND-IN:AKIMAT_GUARDIANSHIP", "route": None, "data": "nested"},
    Register.ACCOUNT: {"service": "STAND-IN:PEP_IBAN_CHECK", "route": None, "data": "string"},
}
_LASTS = timedelta(days=3650)
_SIGNS = ("gateway", "sender", "stranger")


def prepare(folder: Path, host: str = "127.0.0.1") -> None:
    """Make what is missing: a certificate authority, the server's certificate for TLS under the name of this host,
    and a key and a certificate for each who signs. Private keys are readable by us only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "tls-ca.crt.pem").exists() or _name_of(host) not in _names(folder / "tls.crt.pem"):
        _make_tls(folder, host)
    for name in _SIGNS:
        if not (folder / f"{name}.crt.pem").exists():
            key = _key()
            _keep(folder, name, key, _certificate(f"Tirek stand-in {name}", key))


def write_gateway_file(folder: Path, port: int, host: str = "127.0.0.1") -> Path:
    """The file that TIREK_GATEWAY_FILE names; it is there once the stand-in listens."""
    content: dict[str, Any] = {
        "url": address_of(host, port),
        "sender": SENDER,
        "password_file": None,
        "key_file": "sender.key.pem",
        "certificate_file": "sender.crt.pem",
        "trusted_file": "gateway.crt.pem",
        "ca_file": "tls-ca.crt.pem",
        "services": {str(register): service for register, service in SERVICES.items()},
        "life_status": {"0": "alive", "1": "dead", "2": "missing"},
        "not_found": [],
    }
    _write(folder / GATEWAY_FILE, yaml.safe_dump(content, sort_keys=False).encode(), 0o644)
    return folder / GATEWAY_FILE


def address_of(host: str, port: int) -> str:
    """Where messages are posted to."""
    return f"https://[{host}]:{port}{CONTENT}" if ":" in host else f"https://{host}:{port}{CONTENT}"


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _names(certificate: Path) -> list[x509.GeneralName]:
    """Under which names a server with this certificate can be reached."""
    shown = x509.load_pem_x509_certificate(certificate.read_bytes())
    return list(shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _make_tls(folder: Path, host: str) -> None:
    authority, server = _key(), _key()
    issuer = _certificate("Tirek stand-in authority", authority, is_authority=True)
    names = list(dict.fromkeys(map(_name_of, ("localhost", "127.0.0.1", "::1", host))))
    shown = _certificate("Tirek stand-in server", server, names=names, issuer=issuer, by=authority)
    _keep(folder, "tls", server, shown)
    _write(folder / "tls-ca.crt.pem", issuer.public_bytes(Encoding.PEM), 0o644)


def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def _certificate(
    name: str,
    key: RSAPrivateKey,
    *,
    is_authority: bool = False,
    names: Sequence[x509.GeneralName] = (),
    issuer: x509.Certificate | None = None,
    by: RSAPrivateKey | None = None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = host_now() - timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(begins).not_valid_after(begins + _LASTS)
    made = made.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if by is not None:
        shown = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
        made = made.add_extension(shown, critical=False)
    if is_authority:
        made = made.add_extension(_may_sign_certificates(), critical=True)
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return made.sign(by or key, SHA256())


def _may_sign_certificates() -> x509.KeyUsage:
    never = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **never)


def _keep(folder: Path, name: str, key: RSAPrivateKey, certificate: x509.Certificate) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(folder / f"{name}.key.pem", private, 0o600)
    _write(folder / f"{name}.crt.pem", certificate.public_bytes(Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all: somebody else may be reading it."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
