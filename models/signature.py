"""The signature of a portal request (R15): what is signed, and what a verifier finds."""

import json

from models.data import Data
from models.request import Request


class Signed(Data):
    """A text and the signature over it, as a verifier is given them."""

    content: str
    signature: str


class SignatureFinding(Data):
    """Whether a signature is valid for its text, and the IIN of whoever made it."""

    valid: bool
    signer: str | None = None


def signed_content(request: Request) -> str:
    """The canonical text of a request: JSON with sorted keys and no spaces, without the signature itself."""
    content = request.model_dump(mode="json", include=set(Request.model_fields))
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
