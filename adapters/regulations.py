"""Reads the regulation and calendar files of a folder into a library; a wrong file is named, with the place."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.calendar import Calendar
from models.calendar_entries import Correction
from models.data import Data
from models.errors import MalformedError
from models.library import Library
from models.regulation import Regulation

T = TypeVar("T", bound=Data)

# libyaml where the wheel has it: the calendar is read at every start, and this is ten times as fast.
_Safe: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):
    """A safe loader that refuses a key which stands twice: YAML itself lets the last one win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """A date that does not exist stays the text it is: whoever validates it names its place."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)


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
    content = _parsed(text, source)
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
    return _validated(_parsed(text, str(path)), str(path), kind)


def _parsed(text: str, source: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise MalformedError(f"{source}: cannot be read: {error}") from error


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
