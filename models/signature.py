"""Digital signatures (ЭЦҚ): what is signed, and what a verifier finds (R15, R20)."""

from enum import StrEnum

from models.data import Code, Data, Instant, Round, canonical
from models.request import Request


class Flaw(StrEnum):
    """Why a signature does not count; each is a reason of its own for whoever signed."""

    MALFORMED = "signature-malformed"
    OTHER_CONTENT = "signature-of-other-content"
    INVALID = "signature-invalid"
    EXPIRED = "certificate-not-in-force"
    REVOKED = "certificate-revoked"
    UNTRUSTED = "certificate-untrusted"
    BROKEN_CHAIN = "certificate-chain-broken"
    WRONG_USAGE = "certificate-not-for-signing"
    NO_PERSON = "certificate-without-iin"
    ALGORITHM = "signature-algorithm-refused"
    GOST = "gost-not-verifiable"


class Signed(Data):
    """A text and the signature over it (CMS, base64), as a verifier is given them.

    `at`: when it reached us. The first requests did not say; then it is the instant of the check.
    """

    content: str
    signature: str
    at: Instant | None = None
    round: Round = None


class SignatureFinding(Data):
    """Whether a signature is valid for its text, and the IIN of whoever made it; else the flaw.

    `posts`: the officers' posts that this person may sign for.
    """

    valid: bool
    signer: str | None = None
    flaw: Flaw | None = None
    posts: tuple[Code, ...] = ()
    round: Round = None


def signed_content(request: Request) -> str:
    """The canonical text of a request: JSON with sorted keys and no spaces, without the signature itself."""
    content = request.model_dump(mode="json", include=set(Request.model_fields))
    return canonical(content)
