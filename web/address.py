"""Addresses: what a page is asked by its address, and where its links lead. The filter is the address."""

from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from models.errors import MalformedError

Words = Mapping[str, str]


def read_words(query: QueryParams, known: Collection[str]) -> dict[str, str]:
    """What an address asks, empty words left out. MalformedError for one that is unknown, or stands twice."""
    words: dict[str, str] = {}
    for name, value in query.multi_items():
        if name not in known:
            raise _malformed(name[:80], f"is nothing that is known here; there is {', '.join(known)}")
        if name in words:
            raise _malformed(name, "stands twice")
        words[name] = value
    return {name: value for name, value in words.items() if value}


def has_empty(query: QueryParams) -> bool:
    """Whether it has words that ask nothing, as a form sends them."""
    return any(not value for _, value in query.multi_items())


def address(path: str, words: Mapping[str, object | None]) -> str:
    """A path with these words; what is None or empty is left out."""
    said = {name: str(value) for name, value in words.items() if value not in (None, "")}
    return f"{path}?{urlencode(said)}" if said else path


def application_path(application: str) -> str:
    return f"/applications/{quote(application, safe='')}"


def temporal_address(ui: str, namespace: str, workflow: str) -> str:
    """Where Temporal's own page shows an execution."""
    return f"{ui.rstrip('/')}/namespaces/{quote(namespace, safe='')}/workflows/{quote(workflow, safe='')}"


def _malformed(name: str, reason: str) -> MalformedError:
    return MalformedError(f"{name}: {reason}", [(name, reason)])
