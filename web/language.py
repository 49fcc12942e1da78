"""The three languages of the board: one table of words for each, and which of them somebody wants."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from babel import Locale

from models.data import Text
from models.errors import MalformedError

CODES = ("kk", "ru", "en")
_FOLDER = Path(__file__).with_name("languages")


@dataclass(frozen=True)
class Language:
    """The words of a language by their names; a name that it lacks is a KeyError, never a gap on the page."""

    code: str
    words: Mapping[str, str]

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.code)

    def __call__(self, name: str, **values: object) -> str:
        """The words of this name, with values in their places."""
        return self.words[name].format(**values) if values else self.words[name]

    def counted(self, name: str, count: int, shown: str) -> str:
        """The words of this name in the form that a count asks for."""
        other = self.words[f"{name}.other"]
        return self.words.get(f"{name}.{self.locale.plural_form(count)}", other).format(count=shown)

    def of(self, text: Text) -> str:
        """What the regulation file says in this language."""
        return getattr(text, self.code)


def load_languages() -> Mapping[str, Language]:
    """Every language, by its code."""
    return {code: Language(code, _read(code)) for code in CODES}


def _read(code: str) -> Mapping[str, str]:
    return yaml.safe_load((_FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))


def choose(named: str | None, accepted: str) -> str:
    """The language that is named; else the first that a browser accepts; else Kazakh. MalformedError."""
    if named:
        if named not in CODES:
            reason = f"there is no {named!r}; there is {', '.join(CODES)}"
            raise MalformedError(f"lang: {reason}", [("lang", reason)])
        return named
    return next((code for code in _by_weight(accepted) if code in CODES), CODES[0])


def _by_weight(accepted: str) -> list[str]:
    """The codes of an Accept-Language header, the most wanted first."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((float(weight or 1), tag.strip().split("-")[0].lower()))
        except ValueError:
            continue
    return [code for weight, code in sorted(wanted, key=lambda one: -one[0]) if weight > 0]
