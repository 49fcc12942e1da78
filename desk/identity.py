"""Ids that a caller's key leads to: the same key, the same id, and nothing personal in either."""

import hashlib
import json
import secrets
from typing import Any

from adapters.keys import KeyRing
from models.lifecycle import Command

_LENGTH = 20


def ticket_id(ring: KeyRing, prefix: str, key: str | None) -> str:
    """The id of the application that a ticket's key opens; without a key a new one every time."""
    return f"{prefix}-{_derived(ring, 'ticket', key)}"


def submission_id(ring: KeyRing, prefix: str, key: str | None) -> str:
    """The same for a request through the portal."""
    return f"{prefix}-{_derived(ring, 'submission', key)}"


def recall_id(application: str, number: int) -> str:
    """The id of an application's n-th recall: the server itself lets only one of two begin."""
    return f"{application}-recall-{number}"


def recall_key(ring: KeyRing, key: str | None) -> str:
    """What tells a repeated recall from another one of the same result."""
    return _derived(ring, "recall", key)


def update_id(ring: KeyRing, key: str | None) -> str:
    """The id under which a command is done once."""
    return f"cmd-{_derived(ring, 'command', key)}"


def digest(command: Command, message: dict[str, Any]) -> str:
    """A hash of what was commanded, to tell a repeated command from another one under the same id."""
    text = json.dumps([command, message], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _derived(ring: KeyRing, kind: str, key: str | None) -> str:
    # A caller's key may be anything, an IIN even: so it is hashed with a key of ours.
    return secrets.token_hex(_LENGTH // 2) if key is None else ring.lookup_hash(kind, key)[:_LENGTH]
