"""Reads what a user gives: files, commands, durations; every mistake is named by its field."""

import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from models.data import ALMATY, Code, Data
from models.errors import MalformedError
from models.identifiers import Iin
from models.lifecycle import Command
from models.messages import MESSAGES, Accept, Submit, spelt
from models.request import Request

T = TypeVar("T", bound=Data)

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NAMED = re.compile(r"(?P<field>[a-z_]+(?:\.[a-z0-9_]+)*): (?P<reason>.+)", re.DOTALL)
_LONGEST = timedelta(days=400)
_MOST_BYTES = 5_000_000


def read_text(source: str) -> str:
    """The text of a file, or of standard input for `-`."""
    try:
        data = _read_bytes(source)
        if len(data) > _MOST_BYTES:
            raise MalformedError(f"{source}: larger than {_MOST_BYTES} bytes", [("(file)", "too large")])
        return data.decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise MalformedError(f"{source}: {reason}", [("(file)", reason)]) from error
    except UnicodeDecodeError as error:
        raise MalformedError(f"{source}: is not UTF-8 text", [("(file)", "not UTF-8")]) from error


def _read_bytes(source: str) -> bytes:
    """One byte more than may be, at the most: enough to see that it is too much."""
    if source == "-":
        return sys.stdin.buffer.read(_MOST_BYTES + 1)
    with Path(source).open("rb") as file:
        return file.read(_MOST_BYTES + 1)


def read_officer(text: str, option: str) -> str:
    """The code of an officer's post, as `starter.py officers` lists them."""
    try:
        return TypeAdapter(Code).validate_python(text)
    except ValidationError as error:
        reason = "no code of an officer (lower-case letters, digits, hyphens); see `starter.py officers`"
        raise MalformedError(f"{option}: {reason}", [(option, reason)]) from error


def read_key(text: str | None) -> str | None:
    """A caller's key, if one is given; a script whose variable is empty must not do things twice unseen."""
    if text is not None and not text.strip():
        reason = "is empty; give a key of your own, or leave --id out"
        raise MalformedError(f"--id: {reason}", [("--id", reason)])
    return text


def read_instant(text: str, option: str) -> datetime:
    """An instant in ISO 8601; without an offset it is the time on the wall in Almaty."""
    try:
        at = datetime.fromisoformat(text.strip())
        has_time = len(text.strip()) > len("2026-03-06")
        if has_time:
            return (at if at.tzinfo else at.replace(tzinfo=ALMATY)).astimezone(UTC)
        reason = f"{text} has no time of day; write it as 2026-03-06T10:00:00"
    except (ValueError, OverflowError):
        reason = f"{text} is no date and time that exists; write it as 2026-03-06T10:00:00+05:00"
    raise MalformedError(f"{option}: {reason}", [(option, reason)])


def read_iin(text: str | None, option: str) -> str | None:
    """An IIN, if one is given."""
    try:
        return text and TypeAdapter(Iin).validate_python(text)
    except ValidationError as error:
        reason = error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise MalformedError(f"{option}: {reason}", [(option, reason)]) from error


def read_message(name: Command, source: str | None) -> Data:
    """The message of a command from a file; without one, a message that needs no words."""
    text = "{}" if source is None else read_text(source)
    kind: type[Data] = MESSAGES[name]
    hint = f"see `starter.py example {input_name(name)}`"
    if source is None:
        hint = f"give it --with FILE, {hint}"
    return parse(kind, text, hint)


def read_request(source: str) -> Request:
    """A request to be checked: alone, as for the counter, or as for the portal."""
    text = read_text(source)
    data = _json(text)
    keys: set[str] = set(data) if isinstance(data, dict) else set()
    kind = Accept if "originals_compared" in keys else Submit if "signature" in keys else Request
    return parse(kind, text, "see `starter.py example accept`")


def parse(kind: type[T], text: str, hint: str) -> T:
    """JSON text as a message; MalformedError names every field that is wrong, never its value."""
    _json(text)
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        fields = [
            field
            for problem in error.errors(include_input=False)
            for field in _fields(problem["loc"], problem["msg"])
        ]
        what = ", ".join(dict.fromkeys(field for field, _ in fields))
        raise MalformedError(f"the input is not valid: {what}; {hint}", fields) from error


def _json(text: str) -> Any:
    try:
        return TypeAdapter(Any).validate_json(text)
    except ValidationError as error:
        message = error.errors(include_input=False)[0]["msg"]
        raise MalformedError(f"the input is no JSON: {message}", [("(file)", message)]) from error


def _fields(loc: tuple[int | str, ...], message: str) -> list[tuple[str, str]]:
    """The places a problem is about: a rule over several fields names them itself, as `field: reason; …`."""
    fields: list[tuple[str, str]] = []
    for part in message.removeprefix("Value error, ").split("; "):
        named = _NAMED.fullmatch(part)
        inner = tuple(named["field"].split(".")) if named else ()
        fields.append((_place((*loc, *inner)), named["reason"] if named else part))
    return fields


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "(whole input)"


def read_command(text: str, *, among: list[Command]) -> Command:
    """A command as typed, with hyphens."""
    name = text.strip().lower().replace("-", "_")
    if name == "ticket":
        name = Command.TAKE_TICKET
    if name not in set(among):
        allowed = ", ".join(map(input_name, among))
        raise MalformedError(f"{text} is no command; there is {allowed}", [("COMMAND", f"one of {allowed}")])
    return Command(name)


def input_name(command: Command) -> str:
    """The name of a command's input: as it is typed, and `ticket` for the one that opens an application."""
    return "ticket" if command is Command.TAKE_TICKET else spelt(command)


def read_duration(text: str) -> timedelta:
    """3d, 15m, 1d12h: days, hours, minutes, seconds."""
    match = _DURATION.fullmatch(text.strip())
    parts = [int(part or 0) for part in match.groups()] if match else []
    duration = timedelta()
    if parts and len(text) <= 40:
        days, hours, minutes, seconds = parts
        if max(parts) < 10**8:
            duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < duration <= _LONGEST:
        reason = f"{text} is no duration of up to {_LONGEST.days} days, like 3d, 15m or 1d12h"
        raise MalformedError(reason, [("DURATION", "like 3d, 15m or 1d12h")])
    return duration
