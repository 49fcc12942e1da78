"""What can come between a question and its answer, sorted in one place: what passes, and what lasts."""

import re
from http import HTTPStatus

from models.ports import RegisterError, RegisterRefusedError, RegisterUnavailableError

_PASSING = {
    "network": "the gateway cannot be reached",
    "timeout": "the gateway does not answer in time",
    "no-soap": "what answered is not the gateway",
    "unknown-fault": "the gateway tells a fault without a code that can be read",
}
_REFUSED = {
    "answer-algorithm": "the answer is signed or digested in a way that is not allowed",
    "answer-about-another": "the answer is about somebody or something else than was asked",
    "answer-certificate": "the answer's certificate is not one of the gateway file, or out of date",
    "answer-encoded": "the answer is compressed, which was not asked for",
    "answer-forbidden-xml": "the answer holds a document type, an instruction or a comment",
    "answer-not-understood": "the answer is not what the protocol says",
    "answer-not-utf-8": "the answer is not UTF-8",
    "answer-of-another-message": "the answer is to another message",
    "answer-signature": "the signature of the answer is wrong",
    "answer-too-large": "the answer is too large",
    "answer-too-old": "the date of the answer is too far away",
    "answer-unsigned": "the answer bears no signature",
    "answer-wrapped": "the answer is not put together as a signed message is",
}
_LASTING = frozenset(
    {
        # The gateway's: the form of the request, no such service, a signature of the transport, one of the data.
        *("SCE001", "SCE004", "SCE005", "SCE006", "SCE007", "SCE015", "SCE016", "SCE017"),
        # WS-Security's own, of a sender that is not let in (SOAP Message Security 1.1, section 12).
        *("FailedAuthentication", "FailedCheck", "InvalidSecurity", "InvalidSecurityToken"),
        *("SecurityTokenUnavailable", "UnsupportedAlgorithm", "UnsupportedSecurityToken"),
    }
)
_PASSING_STATUSES = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")
_NUMBER = re.compile(r"[0-9]{9}")
_LONGEST = 40


def passing(code: str) -> RegisterUnavailableError:
    """By a code of ours: asking again later may help."""
    return RegisterUnavailableError(code, _PASSING[code])


def refused(code: str) -> RegisterRefusedError:
    """By a code of ours: this answer may not be trusted, or cannot be read; asking again does not help."""
    return RegisterRefusedError(code, _REFUSED[code])


def fault(code: str | None, *, is_signed: bool) -> RegisterError:
    """By the gateway's code, or a register's. Anybody on the way can write a fault without a signature: it
    passes, whatever it says, and cannot end the question for good. A code that nobody knows passes as well."""
    known = sanitised(code)
    if known is None:
        return passing("unknown-fault")
    if is_signed and known in _LASTING:
        return RegisterRefusedError(known, "the gateway refuses the message")
    return RegisterUnavailableError(known, "the gateway or the register cannot answer now")


def http_fault(status: int) -> RegisterError:
    """By the status of an answer that is no message: the request's own fault (4xx) lasts, all others pass."""
    code = f"http-{status}"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING_STATUSES:
        return RegisterRefusedError(code, "the gateway refuses the request")
    return RegisterUnavailableError(code, "the gateway does not take requests now")


def sanitised(code: str | None) -> str | None:
    """A foreign code, as it may be kept and logged: letters, digits, - and _, forty at most; None for nothing,
    and for what may hold somebody's number."""
    known = _FOREIGN.sub("", code or "")[:_LONGEST]
    return None if _NUMBER.search(known.replace("-", "").replace("_", "")) else known or None
