"""Reads YAML, of which JSON is a part, more strictly than its library does."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from models.data import Data
from models.errors import MalformedError

D = TypeVar("D", bound=Data)

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


def parsed(text: str, source: str) -> Any:
    """The content of a text; MalformedError names its source and the place."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise MalformedError(f"{source}: cannot be read: {error}") from error


def read_as(kind: type[D], path: Path, setting: str) -> D:
    """The file that a setting names; MalformedError names the setting, the file and every field that is wrong."""
    try:
        content = parsed(path.read_text(encoding="utf-8"), f"{setting}: {path}")
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedError(f"{setting}: {path} cannot be read ({type(error).__name__})") from None
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        fields = [(".".join(map(str, one["loc"])) or "(whole file)", one["msg"]) for one in error.errors()]
        lines = "; ".join(f"{place}: {problem}" for place, problem in fields)
        raise MalformedError(f"{setting}: {path}: {lines}", fields) from None
