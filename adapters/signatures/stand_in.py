"""A stand-in for digital signatures (ЭЦҚ): it signs for whoever is named, and checks what it has signed.

Its key is derived from a public sentence and proves nothing about a person; it serves trials and tests, until
real certificates are checked. A signature reads `stand-in.IIN.SIGNATURE`.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models.signature import SignatureFinding, Signed

_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"Tirek's stand-in signature proves nothing").digest())
_MARK = "stand-in"


def stand_in_signature(content: str, signer: str) -> str:
    """The stand-in's signature over a text, in the name of an IIN."""
    made = base64.urlsafe_b64encode(_KEY.sign(_bound(content, signer))).decode()
    return f"{_MARK}.{signer}.{made}"


class StandInSignatureVerifier:
    """`SignatureVerifier` that knows the stand-in's own signatures and finds every other one invalid."""

    async def verify(self, signed: Signed) -> SignatureFinding:
        mark, _, rest = signed.signature.partition(".")
        signer, _, made = rest.partition(".")
        if mark != _MARK:
            return SignatureFinding(valid=False)
        try:
            _KEY.public_key().verify(
                base64.b64decode(made, altchars=b"-_", validate=True), _bound(signed.content, signer)
            )
        except (InvalidSignature, ValueError):
            return SignatureFinding(valid=False)
        return SignatureFinding(valid=True, signer=signer)


def _bound(content: str, signer: str) -> bytes:
    """The signer belongs to what is signed: nobody can put another IIN before a signature."""
    return f"{signer}\n{content}".encode()
