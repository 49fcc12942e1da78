"""Ids that a caller's key leads to: the same key, the same id, and nothing personal in either."""

import hashlib
import json
import secrets

from adapters.keys import KeyRing
from models.data import Data
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


def update_id(ring: KeyRing, key: str | None) -> str:
    """The id under which a command is done once, a recall too: one key is for one thing in a story."""
    return f"cmd-{_derived(ring, 'command', key)}"


def digests(ring: KeyRing, command: Command, message: Data) -> tuple[str, str]:
    """Hashes of what was commanded, to tell a repeated command from another one under the same id.

    The first is how it is hashed today: by a key, as the record keeps it and the number of somebody's identity
    card could be guessed; and without what stands at its default, as a message may get new optional fields.
    The second is how it was hashed at first: a command of those days can still be repeated.
    """
    said = message.model_dump(mode="json", exclude_defaults=True)
    in_full = message.model_dump(mode="json")
    keyed = ring.lookup_hash("message", _text(command, said))
    return keyed, hashlib.sha256(_text(command, in_full).encode()).hexdigest()


def _text(command: Command, message: object) -> str:
    return json.dumps([command, message], sort_keys=True, ensure_ascii=False)


def _derived(ring: KeyRing, kind: str, key: str | None) -> str:
    # A caller's key may be anything, an IIN even: so it is hashed with a key of ours.
    return secrets.token_hex(_LENGTH // 2) if key is None else ring.lookup_hash(kind, key)[:_LENGTH]
