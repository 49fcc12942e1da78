"""The stand-in's folder: made whole and once, private keys readable by us only, and two lists of the revoked."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from adapters.host_clock import host_now
from adapters.signatures.stand_in.certificates import Issuer, authority_certificate, authority_name
from models.errors import UnavailableError

ROOT, INTERMEDIATE, LEAF = "root", "intermediate", "leaf"
_NAMES = {ROOT: "ROOT", INTERMEDIATE: "NCA"}
_LISTS_LAST = timedelta(days=3650)


def prepare(folder: Path) -> None:
    """Make the folder if it is missing; of several processes that begin at once, the first one's counts."""
    if folder.exists():
        return
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        _fill(draft)
        draft.rename(folder)
    except OSError as error:
        if not folder.is_dir():
            raise UnavailableError(f"{folder} cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def certificate_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.crt.pem"


def list_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.crl.pem"


def load_certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(_read(certificate_file(folder, name)))


def load_key(folder: Path, name: str) -> RSAPrivateKey:
    key = load_pem_private_key(_read(folder / f"{name}.key.pem"), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise UnavailableError(f"{folder} is not the stand-in's; remove it, and it is made anew")
    return key


def revoke(folder: Path, name: str, issuer: Issuer, serial: int, at: datetime) -> None:
    """One more on the list of this authority; of several processes at once, one goes after the other."""
    with _alone_in(folder):
        known = x509.load_pem_x509_crl(_read(list_file(folder, name)))
        made = _list_of(issuer)
        for one in known:
            made = made.add_revoked_certificate(one)
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        _keep_list(folder, name, issuer, made.add_revoked_certificate(revoked.build()))


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fill(folder: Path) -> None:
    root, intermediate = (
        Issuer(authority_name(_NAMES[name]), generate_private_key(65537, 2048)) for name in (ROOT, INTERMEDIATE)
    )
    for name, issuer in ((ROOT, root), (INTERMEDIATE, intermediate)):
        shown = authority_certificate(issuer.name, issuer.key.public_key(), root)
        _write(certificate_file(folder, name), shown.public_bytes(Encoding.PEM), 0o600)
        _keep_list(folder, name, issuer, _list_of(issuer))
        _keep_key(folder, name, issuer.key)
    _keep_key(folder, LEAF, generate_private_key(65537, 2048))


def _list_of(issuer: Issuer) -> x509.CertificateRevocationListBuilder:
    begins = host_now() - timedelta(days=30)
    made = x509.CertificateRevocationListBuilder().issuer_name(issuer.name)
    return made.last_update(begins).next_update(begins + _LISTS_LAST)


def _keep_list(folder: Path, name: str, issuer: Issuer, made: x509.CertificateRevocationListBuilder) -> None:
    _write(list_file(folder, name), made.sign(issuer.key, SHA256()).public_bytes(Encoding.PEM), 0o600)


def _keep_key(folder: Path, name: str, key: RSAPrivateKey) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(folder / f"{name}.key.pem", private, 0o600)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read ({error.strerror})") from error


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all: somebody else may be reading it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.replace(path)
