"""Reads the regulation and calendar files of a folder into a library; a wrong file is named, with the place."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.yaml_text import parsed
from models.calendar import Calendar
from models.calendar_entries import Correction
from models.data import Data
from models.errors import MalformedError
from models.library import Library
from models.regulation import Regulation

T = TypeVar("T", bound=Data)


def load_library(folder: Path) -> Library:
    """Every regulation in `folder` and every calendar in `folder/calendars`; MalformedError names the file."""
    library = Library(
        [_read(path, Regulation) for path in sorted(folder.glob("*.yaml"))],
        [_read(path, Calendar) for path in sorted((folder / "calendars").glob("*.yaml"))],
    )
    if not library.regulations or not library.calendars:
        raise MalformedError(f"TIREK_REGULATIONS: {folder} has no regulation, or calendars/ has no calendar")
    return library


def read_correction(text: str, source: str) -> Correction:
    """Calendar entries in a file: a list of them, or what a calendar file has; MalformedError names the place."""
    content = parsed(text, source)
    if isinstance(content, list):
        content = {"entries": content}
    if isinstance(content, dict):
        content = {name: value for name, value in content.items() if name not in _OF_A_WHOLE_CALENDAR}
    return _validated(content, source, Correction)


_OF_A_WHOLE_CALENDAR = frozenset({"code", "first_year", "last_year"})


def _read(path: Path, kind: type[T]) -> T:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(f"{path}: cannot be read: {error}") from error
    return _validated(parsed(text, str(path)), str(path), kind)


def _validated(content: Any, source: str, kind: type[T]) -> T:
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        fields = [(".".join(str(part) for part in p["loc"]) or "(whole file)", _told(p)) for p in error.errors()]
        lines = "; ".join(f"{where}: {message}" for where, message in fields)
        raise MalformedError(f"{source}: {lines}", fields) from error


def _told(problem: ErrorDetails) -> str:
    """What is wrong, with the value itself where it is a plain one: these files are about nobody."""
    value = f" ({problem['input']})" if isinstance(problem["input"], str | int) else ""
    return problem["msg"].removeprefix("Value error, ") + value
