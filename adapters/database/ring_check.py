"""Holds a key ring against the record: another ring is found out before anything is written or decrypted."""

import hmac
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from adapters.database.personal import Vault
from adapters.host_clock import host_now
from adapters.keys import KeyRing, UnreadableError, seal, unseal
from adapters.live_keys import follow_key_ring
from adapters.settings import Settings
from models.errors import MalformedError, TirekError

_LOOKUP = "(lookup)"
_TEXT = b"tirek"
_ADVICE = (
    "nothing was written. Put the ring back that this record was written with, or let TIREK_DATABASE_URL name "
    "the record of this ring (docs/security.md)"
)
_log = logging.getLogger(__name__)

Canary = Row[Any, Any, Any]


class WrongKeysError(TirekError):
    """The key ring is not the one that this record was written with."""

    code = "wrong-keys"
    exit_code = 2


def open_ring(settings: Settings, engine: Engine, *, adds: bool) -> KeyRing:
    """The ring of these settings, which follows its file, and is the one of this record: as `check_ring`.

    A local ring is made once, but never for a record that was written with another: MalformedError.
    """
    is_new = settings.keys_file is None and not settings.key_file.exists()
    if is_new and _is_known(engine):
        raise MalformedError(
            f"TIREK_KEYS_FILE: {settings.key_file} is not there, and this record was written with its keys; "
            f"{_ADVICE}"
        )
    ring = follow_key_ring(settings.key_file, may_create=is_new)
    check_ring(engine, ring.now(), adds=adds)
    return ring


def check_ring(engine: Engine, ring: KeyRing, *, adds: bool) -> None:
    """WrongKeysError where the record knows other keys than these, by id; an empty record takes any ring.

    `adds`: as a worker does, which needs every key that is in use, and makes known the ones that it brings.
    """
    if not adds:
        with engine.connect() as connection:
            known = _canaries(connection)
        _must_be_known(known, ring)
        _must_be_read(known, ring)
        return
    with writing(engine) as connection:
        known = _canaries(connection)
        _must_be_known(known, ring)
        _must_have_all(connection, known, ring)
        _must_open(connection, known, ring)
        _add(connection, ring, ring.keys, lookup=True)
        _must_be_known(_canaries(connection), ring)  # another one may have come first


def make_known(connection: Connection, ring: KeyRing, key_id: str) -> None:
    """Add one key of this ring, which is to write. WrongKeysError if the record knows another one of that id."""
    _must_be_known(_canaries(connection), ring)
    _add(connection, ring, [key_id], lookup=False)
    # Somebody may have begun to retire it, and was broken off: whatever it writes, every worker must read.
    of_it = t.ring_check.c.ring_key == key_id
    connection.execute(update(t.ring_check).where(of_it).values(retired_at=None))
    _must_be_known(_canaries(connection), ring)


def wrapped_with(connection: Connection) -> dict[str, int]:
    """How many application keys are wrapped with each key."""
    k = t.application_key.c.ring_key
    return {row[0]: row[1] for row in connection.execute(select(k, func.count()).group_by(k))}


def _is_known(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(_canaries(connection)) or bool(wrapped_with(connection))


def _canaries(connection: Connection) -> Sequence[Canary]:
    c = t.ring_check.c
    return connection.execute(select(c.ring_key, c.canary, c.retired_at)).all()


def _must_be_known(known: Iterable[Canary], ring: KeyRing) -> None:
    """WrongKeysError if a key of the ring is another one than the record has met."""
    for row in known:
        if row.ring_key == _LOOKUP:
            if not hmac.compare_digest(row.canary, _lookup_canary(ring)):
                raise WrongKeysError(f"TIREK_KEYS_FILE: the look-up key is not that of this record; {_ADVICE}")
        elif row.ring_key in ring.keys and not _opens(ring, row):
            raise WrongKeysError(
                f"TIREK_KEYS_FILE: the key {row.ring_key} is another one than that of this record; {_ADVICE}"
            )


def _must_be_read(known: Sequence[Canary], ring: KeyRing) -> None:
    """WrongKeysError if workers could not read what this ring writes, or this ring not what they write."""
    in_use = {row.ring_key for row in known if row.retired_at is None and row.ring_key != _LOOKUP}
    if in_use and ring.active not in in_use:
        raise WrongKeysError(
            f"TIREK_KEYS_FILE: the ring writes with the key {ring.active}, which this record does not know; "
            f"`starter.py keys activate` makes a key known, and so does a worker that starts with it; {_ADVICE}"
        )
    for name in sorted(in_use - set(ring.keys)):
        raise WrongKeysError(f"TIREK_KEYS_FILE: the ring lacks the key {name} of this record; {_ADVICE}")


def _must_have_all(connection: Connection, known: Iterable[Canary], ring: KeyRing) -> None:
    """WrongKeysError if the ring lacks a key that was never retired."""
    wrapped = wrapped_with(connection)
    in_use = {row.ring_key for row in known if row.retired_at is None and row.ring_key != _LOOKUP}
    for name in sorted((in_use | set(wrapped)) - set(ring.keys)):
        raise WrongKeysError(
            f"TIREK_KEYS_FILE: the ring lacks the key {name}, which {wrapped.get(name, 0)} application keys are "
            f"wrapped with, and histories may need; {_ADVICE}"
        )


def _must_open(connection: Connection, known: Iterable[Canary], ring: KeyRing) -> None:
    """WrongKeysError if a key that is met for the first time does not open what was written under its id.

    For records that are older than this check: one application key of each, and one look-up hash.
    """
    met = {row.ring_key for row in known}
    k = t.application_key.c
    for name in set(wrapped_with(connection)) - met:
        one = connection.execute(select(k.application).where(k.ring_key == name).limit(1)).scalar_one()
        try:
            Vault(connection, ring, one).open("application", None)
        except UnreadableError as error:
            raise WrongKeysError(
                f"TIREK_KEYS_FILE: the key {name} does not open what this record has of it; {_ADVICE}"
            ) from error
    if _LOOKUP not in met and not _finds_children(connection, ring):
        raise WrongKeysError(f"TIREK_KEYS_FILE: the look-up key finds nobody of this record; {_ADVICE}")


def _finds_children(connection: Connection, ring: KeyRing) -> bool:
    c = t.child.c
    has_key = c.application == t.application_key.c.application
    query = select(c.application, c.number, c.iin_hash, c.personal).join(t.application_key, has_key).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return True
    vault = Vault(connection, ring, row.application)
    return vault.lookup(vault.open(f"child/{row.number}", row.personal)["iin"]) == row.iin_hash


def _add(connection: Connection, ring: KeyRing, names: Iterable[str], *, lookup: bool) -> None:
    canaries = {name: seal(ring.keys[name], _TEXT, _context(name)) for name in names}
    if lookup:
        canaries[_LOOKUP] = _lookup_canary(ring)
    rows = [
        {"ring_key": name, "canary": canary, "met_at": host_now()} for name, canary in sorted(canaries.items())
    ]
    insert_or_ignore(connection, t.ring_check, rows)


def _opens(ring: KeyRing, row: Canary) -> bool:
    try:
        return unseal(ring.keys[row.ring_key], row.canary, _context(row.ring_key)) == _TEXT
    except UnreadableError:
        return False


def _context(name: str) -> bytes:
    return f"ring-check/{name}".encode()


def _lookup_canary(ring: KeyRing) -> bytes:
    return bytes.fromhex(ring.lookup_hash("ring-check", _TEXT.decode()))
