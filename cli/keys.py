"""The commands about the key ring: a key is added, made active, and taken out when nothing needs it any more."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

import typer

from adapters.database.engine import writing
from adapters.database.rewrapping import count_lasting, note_retired, rewrap
from adapters.database.ring_check import check_ring, make_known, wrapped_with
from adapters.host_clock import host_now
from adapters.key_rotation import KeyDates, RingFile, fingerprint
from cli.app import Json, context, output
from models.data import local_iso, shown
from models.errors import RefusedError
from models.refusals import Refusal

UNREADABLE = 2
KEPT_FOR = timedelta(days=90)
"""How long a key stays after another has become active, at the least: so long the server keeps what has ended."""
_NOTICED = timedelta(hours=1)
"""Every program has noticed a new active key by then, also one whose copy of the ring came late."""

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id of a key of the ring.")]

keys = typer.Typer(
    help="Operators: the key ring. Add a key, bring the file to every machine, activate the key, bring the file "
    "again; later rewrap, and retire the former key (docs/security.md).",
    no_args_is_help=True,
)


@keys.command(name="list")
def list_keys(json: Json = False) -> None:
    """Show the keys by id: which one writes, since when, and how many application keys each one wraps."""
    del json
    file = _file()
    ring, dates = file.ring(), file.dates()
    with context.engine.connect() as connection:
        wrapped = wrapped_with(connection)
    rows = [
        {
            "key": name,
            "active": name == ring.active,
            "fingerprint": fingerprint(key),
            **{what: local_iso(at) if at else None for what, at in dates[name]},
            "application_keys": wrapped.get(name, 0),
        }
        for name, key in ring.keys.items()
    ]
    if output.as_json:
        output.document(rows)
    else:
        output.table(rows, tuple(rows[0]))


@keys.command()
def add(
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The id of the new key; default: the day's date.")
    ] = None,
    json: Json = False,
) -> None:
    """Add a new key to the ring file. It reads, and writes nothing before it is activated."""
    del json
    _must_be_of_the_record()
    _told("added", _file().add(name, host_now()))
    output.note("now bring the file to every machine that reads or writes; then `starter.py keys activate ID`")


@keys.command()
def activate(name: KeyId, json: Json = False) -> None:
    """Encrypt with this key from now on. Programs that run notice within seconds; the former keys still read."""
    del json
    _must_be_of_the_record()
    file = _file()
    if name in file.ring().keys:
        with writing(context.engine) as connection:
            make_known(connection, file.ring(), name)
    file.activate(name, host_now())
    _told("activated", name)


@keys.command(name="rewrap")
def rewrap_keys(json: Json = False) -> None:
    """Wrap the keys of all applications with the active key; broken off, it is run once more. Documents have
    `documents rekey`."""
    del json
    done = rewrap(context.engine, context.ring)
    if output.as_json:
        output.document({"rewritten": done.rewritten, "unreadable": done.unreadable})
    else:
        output.say(
            f"{done.rewritten} application keys wrapped anew, {done.unreadable} that no key of the ring opens"
        )
    if done.unreadable:
        raise typer.Exit(UNREADABLE)


@keys.command()
def retire(name: KeyId, json: Json = False) -> None:
    """Take a key out of the ring for ever; refused while anything on record or in a history may still need it."""
    del json
    _must_be_of_the_record()
    file = _file()
    ring, now = file.ring(), host_now()
    reasons = [Refusal(code="key-active", reason=f"{name} is the active key")] if name == ring.active else []
    if not reasons and name in ring.keys:
        reasons = [*_on_record(name), *_in_histories(file, name, file.dates()[name], now)]
    if reasons:
        raise RefusedError(reasons)
    note_retired(context.engine, name)
    file.retire(name)
    _told("retired", name)


def _file() -> RingFile:
    return RingFile(context.settings.key_file)


def _must_be_of_the_record() -> None:
    """A ring that is not that of this record is not changed. WrongKeysError."""
    check_ring(context.engine, context.ring, adds=False)


def _told(what: str, name: str) -> None:
    if output.as_json:
        output.document({"key": name, "done": what})
    else:
        output.say(f"{what}: {name}")


def _on_record(name: str) -> list[Refusal]:
    """What on record is still under this key."""
    with context.engine.connect() as connection:
        wrapped = wrapped_with(connection).get(name, 0)
    sealed = context.documents.count_under(name)
    found: list[Refusal] = []
    if wrapped:
        reason = f"{wrapped} application keys are wrapped with {name}; run `keys rewrap`"
        found.append(Refusal(code="key-wraps", reason=reason))
    if sealed:
        reason = f"{sealed} documents are encrypted with {name}; run `documents rekey`"
        found.append(Refusal(code="key-seals", reason=reason))
    return found


def _in_histories(file: RingFile, name: str, dates: KeyDates, now: datetime) -> list[Refusal]:
    """Whether a history may still hold what was encrypted with this key. UnavailableError without a server."""
    if dates.replaced_at is None:
        if dates.made_at is not None and dates.activated_at is None:
            return []  # it never wrote anything
        file.date_replaced(name, now)
        reason = f"the ring file did not say since when {name} writes nothing more; it is counted from today on"
        return [Refusal(code="key-young", reason=reason)]
    until = dates.replaced_at + KEPT_FOR
    if now < until:
        reason = f"histories may need {name} until {shown(until)}: 90 days after another key became active"
        return [Refusal(code="key-young", reason=reason)]
    at = dates.replaced_at + _NOTICED
    if began := asyncio.run(_count_before(at)):
        reason = f"{began} executions that the server keeps began while {name} was the active key, or before"
        return [Refusal(code="key-in-histories", reason=reason)]
    # A run that was reset began when it was reset, and has the history of the first one.
    if last := count_lasting(context.engine, at, now - KEPT_FOR):
        reason = f"{last} applications began while {name} was active, or before, and are open or ended of late"
        return [Refusal(code="key-in-histories", reason=reason)]
    return []


async def _count_before(at: datetime) -> int:
    async with context.desk() as desk:
        counted = await desk.client.count_workflows(f"StartTime < '{at.isoformat()}'")
        return counted.count
