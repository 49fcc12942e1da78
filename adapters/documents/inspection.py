"""What a file is, by its content: one of the four types that are taken, or a refusal that says what to do (R15).

The examination runs in a process of its own, so that a hostile file can neither use up our memory nor keep us.
"""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from adapters.child import run_apart
from adapters.documents.findings import Finding, FoundError, Limits
from adapters.documents.signs import media_type_of
from models.errors import UnavailableError
from models.evidence import MediaType
from models.evidence_rules import EvidenceRules
from models.refusals import Refusal

_log = logging.getLogger("tirek.documents")
_SECONDS = 60
"""On the wall; its processor time is limited more tightly (examining_child.py)."""
_COMMAND = (sys.executable, "-B", "-m", "adapters.documents.examining_child")
"""-B: it may write no file of more than its answer, so bytecode that it would keep were cut off."""

_WORDS = {
    Finding.EMPTY: "the file is empty: choose the file once more",
    Finding.TOO_LARGE: "the file is larger than {most_bytes} bytes: scan it in grey, at 300 dots per inch or less",
    Finding.UNKNOWN_TYPE: "the file is no PDF, JPEG, PNG or TIFF, whatever its name says: save it as one of these",
    Finding.POLYGLOT: "the file holds something else beside the document (a second file, a page or a script, "
    "before, in or behind it): save it anew, or hand in a scan",
    Finding.TOO_COMPLEX: "the file takes too much memory or time to look at: print it to a new PDF, or scan it",
    Finding.TOO_MANY_PAGES: "the file has more than {most_pages} pages: hand it in in parts",
    Finding.PDF_DAMAGED: "the PDF is damaged or not quite as the standard says: print it to a new PDF, or scan it",
    Finding.PDF_PROTECTED: "the PDF is encrypted, be it only against copying: save it without a password",
    Finding.PDF_ACTIVE: "the PDF can do more than be read ({what}): print it to a new PDF, or scan it",
    Finding.PDF_BOMB: "the PDF unpacks to far more than a document needs: print it to a new PDF, or scan it",
    Finding.IMAGE_DAMAGED: "the picture is damaged or cut off: save or scan it once more",
    Finding.IMAGE_TOO_LARGE: "a picture has more than {most_pixels} pixels, or all together more than "
    "{most_pixels_in_all}: scan it at 300 dots per inch or less",
    Finding.IMAGE_MOVES: "the picture moves: save it as a picture that does not",
}


def inspect(content: bytes, rules: EvidenceRules) -> MediaType | Refusal:
    """The type of a file, or why it is not taken; UnavailableError if no process can be started for it."""
    try:
        return MediaType(_examined(content, Limits(**rules.model_dump())))
    except FoundError as found:
        words = {**rules.model_dump(), "what": ", ".join(found.what)}
        return Refusal(
            code=found.finding,
            reason=_WORDS[found.finding].format(**words),
            requirement="R15",
            subjects=found.what,
        )


def _examined(content: bytes, limits: Limits) -> str:
    """As `examine`; what can be told at once needs no process."""
    if not content:
        raise FoundError(Finding.EMPTY)
    if len(content) > limits.most_bytes:
        raise FoundError(Finding.TOO_LARGE)
    kind = media_type_of(content)
    answer = ask_child(content, limits)
    if answer == {"media_type": kind}:
        return kind
    try:
        found = FoundError(Finding(answer["finding"]), *map(str, answer["what"]))
    except (LookupError, TypeError, ValueError) as error:
        raise _too_much("an answer that is none") from error
    raise found


def ask_child(
    content: bytes, limits: Limits, *, command: Sequence[str] = _COMMAND, seconds: float = _SECONDS
) -> dict[str, Any]:
    """What the process says. One that was killed, or broke off, has met a file that is too much for it."""
    given = json.dumps(limits.__dict__).encode() + b"\n" + content
    with tempfile.TemporaryFile() as said:
        try:
            ended = run_apart(command, given, seconds=seconds, stdout=said)
        except subprocess.TimeoutExpired as error:
            raise FoundError(Finding.TOO_COMPLEX) from error
        except OSError as error:
            raise UnavailableError("no process can be started to examine a file; try again later") from error
        if ended.returncode < 0:
            raise FoundError(Finding.TOO_COMPLEX)
        said.seek(0)
        try:
            answer = json.loads(said.read())
        except (ValueError, RecursionError) as error:
            raise _too_much(f"exit code {ended.returncode}") from error
        return answer if isinstance(answer, dict) else {}


def _too_much(how: str) -> FoundError:
    """Nobody killed it: a fault of ours, or a file of a kind that nobody has met yet. Operators have to look."""
    _log.error("the examination of a file broke off: %s", how)
    return FoundError(Finding.TOO_COMPLEX)
