"""Examines one file, in a process of its own: what it is by its content, or why it is not taken."""

from adapters.documents.findings import Finding, FoundError, Limits
from adapters.documents.signs import PDF, media_type_of, need_one_thing


def examine(content: bytes, limits: Limits) -> str:
    """The media type; FoundError for the first thing that is wrong. Memory and time are the caller's to limit."""
    if not content:
        raise FoundError(Finding.EMPTY)
    if len(content) > limits.most_bytes:
        raise FoundError(Finding.TOO_LARGE)
    kind = media_type_of(content)
    need_one_thing(content, kind)
    if kind == PDF:
        from adapters.documents.pdf import examine_pdf

        examine_pdf(content, limits)
    else:
        from adapters.documents.pictures import examine_picture

        examine_picture(content, kind, limits)
    return kind
