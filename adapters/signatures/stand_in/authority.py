"""The stand-in authority of a data folder: its keys, whom it certifies, what it has revoked, and what it signs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from adapters.signatures.stand_in.certificates import Issuer, Leaf, leaf_certificate
from adapters.signatures.stand_in.folder import (
    INTERMEDIATE,
    LEAF,
    ROOT,
    certificate_file,
    list_file,
    load_certificate,
    load_key,
    prepare,
    revoke,
)
from adapters.signatures.stand_in.signing import Signing, sign

_KEPT = 500


@dataclass(frozen=True)
class StandInAuthority:
    """It certifies and signs for whoever is named. Its keys are made once, in its folder."""

    folder: Path
    root: Issuer
    intermediate: Issuer
    leaf_key: RSAPrivateKey
    chain: tuple[x509.Certificate, ...]
    """What goes into a signature beside the signer's certificate."""

    @classmethod
    def of(cls, folder: Path) -> "StandInAuthority":
        """The one of this folder, which is made first where it is missing. UnavailableError if it cannot be."""
        return _opened(folder.absolute())

    @property
    def roots(self) -> tuple[Path, ...]:
        return (certificate_file(self.folder, ROOT),)

    @property
    def intermediates(self) -> tuple[Path, ...]:
        return (certificate_file(self.folder, INTERMEDIATE),)

    @property
    def revocation_lists(self) -> tuple[Path, ...]:
        return tuple(list_file(self.folder, name) for name in (ROOT, INTERMEDIATE))

    def issue(self, leaf: Leaf) -> x509.Certificate:
        """A certificate that says what `leaf` says, right or wrong."""
        return leaf_certificate(leaf, self.leaf_key.public_key(), self.intermediate)

    def revoke(self, certificate: x509.Certificate, at: datetime) -> None:
        """Put one that the intermediate has issued on its list, as revoked at an instant."""
        revoke(self.folder, INTERMEDIATE, self.intermediate, certificate.serial_number, at)

    def sign(self, content: str, iin: str, *, employed: bool = False) -> str:
        """The signature (base64 of a CMS) over a text, in the name of an IIN; detached, as the portal has it."""
        return self.signed_with(content, self._certificate(iin, employed=employed))

    def signed_with(
        self,
        content: str,
        certificate: x509.Certificate,
        *,
        chain: Sequence[x509.Certificate] | None = None,
        signing: Signing | None = None,
    ) -> str:
        """The same with a certificate of one's own choice; `chain` goes into the signature beside it."""
        beside = self.chain if chain is None else tuple(chain)
        return sign(content.encode(), certificate, self.leaf_key, beside, signing or Signing())

    def _certificate(self, iin: str, *, employed: bool) -> x509.Certificate:
        return _issued(self.folder, iin, employed=employed)


@lru_cache
def _opened(folder: Path) -> StandInAuthority:
    prepare(folder)
    chain = tuple(load_certificate(folder, name) for name in (INTERMEDIATE, ROOT))
    keys = [load_key(folder, name) for name in (INTERMEDIATE, ROOT)]
    intermediate, root = (Issuer(one.subject, key) for one, key in zip(chain, keys, strict=True))
    return StandInAuthority(folder, root, intermediate, load_key(folder, LEAF), chain[:1])


@lru_cache(_KEPT)
def _issued(folder: Path, iin: str, *, employed: bool) -> x509.Certificate:
    """One certificate for each person and process: issuing costs as much as signing does."""
    return _opened(folder).issue(Leaf(iin, employed))
