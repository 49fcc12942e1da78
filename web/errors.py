"""What went wrong, as a document for the API and as a page for people, with the status that says it."""

from typing import Any

from models.errors import (
    MalformedError,
    TirekError,
    UnavailableError,
    UnknownApplicationError,
    UnknownContentError,
)

_STATUS = {MalformedError: 400, UnknownApplicationError: 404, UnknownContentError: 404, UnavailableError: 503}
_CODES = {404: "not-found", 405: "method-not-allowed"}


def status_of(error: TirekError) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def code_of(status: int) -> str:
    """The name of what HTTP itself refuses."""
    return _CODES.get(status, "failed")


def error_document(code: str, reason: str, fields: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """As the command line tells it, with what is wrong by its name."""
    error: dict[str, Any] = {"code": code, "reason": reason}
    if fields:
        error["fields"] = [{"field": field, "reason": told} for field, told in fields]
    return {"error": error}


def fields_of(error: TirekError) -> tuple[tuple[str, str], ...]:
    return error.fields if isinstance(error, MalformedError) else ()


def reason_of(error: TirekError) -> str:
    """In words of an address: without the hyphens of the command line."""
    fields = fields_of(error)
    return "; ".join(f"{field}: {reason}" for field, reason in fields) if fields else str(error)
