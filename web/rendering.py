"""Turns what was asked into HTML: templates with the words of one language, and links that keep the filter."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.library import Library
from models.lifecycle import Channel
from models.supervision import LIMITS, Grouping
from web.address import address, application_path
from web.charts import bars, line
from web.language import CODES, load_languages
from web.telling import Names, Teller, iso

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_SHADES = 5


class Rendering:
    """Everything that pages have in common."""

    def __init__(self, library: Library) -> None:
        names = Names(library)
        self._languages = load_languages()
        self._tellers = {code: Teller(language, names) for code, language in self._languages.items()}
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        known: dict[str, Any] = {
            "languages": self._languages,
            "static": _versions(),
            "bars": bars,
            "line": line,
            "iso": iso,
            "plain": address,
            "joined": _joined,
            "shade": _shade,
            "choices": {
                "clock": [str(kind) for kind in LIMITS],
                "channel": [str(channel) for channel in Channel],
                "office": sorted(names.offices),
                "officer": sorted(names.officers),
                "by": [str(by) for by in Grouping],
            },
        }
        self._environment.globals.update(known)

    def page(self, template: str, code: str, path: str, asked: Mapping[str, str], **content: Any) -> bytes:
        """A whole page. `asked`: the words of its address, the language among them only where it was named."""
        said = {"lang": asked["lang"]} if "lang" in asked else {}
        teller = self._tellers[code]

        def link(to: str, words: Mapping[str, object | None] | None = None) -> str:
            """Another page, in the language that was named."""
            return address(to, {**(words or {}), **said})

        def switched(to: str) -> str:
            """This page, as it is, in another language."""
            return address(path, {**asked, "lang": to})

        html = self._environment.get_template(template).render(
            t=teller,
            w=teller.words,
            link=link,
            switched=switched,
            here=link(path, {name: word for name, word in asked.items() if name != "lang"}),
            path=path,
            asked={name: word for name, word in asked.items() if name != "lang"},
            said=said,
            codes=CODES,
            application_path=application_path,
            **content,
        )
        return html.encode()


def _joined(*several: Mapping[str, Any]) -> dict[str, Any]:
    """All the words; of two with one name the later one."""
    return {name: word for words in several for name, word in words.items()}


def _shade(count: int, most: int) -> int:
    """How dark a cell of the heat map is: 0 for nothing, to 5 for the most."""
    return 0 if count == 0 else 1 + (count - 1) * _SHADES // most


def _versions() -> dict[str, str]:
    """The address of each static file, with a digest of its content: so a browser may keep it."""
    return {
        path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in sorted(STATIC.iterdir())
    }
