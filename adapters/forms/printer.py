"""Prints sheets as PDF/A with Typst, from the templates beside the regulation (regulations/forms)."""

import json
import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import cast

from typst import Compiler, Fonts, TypstError

from adapters.forms.fields import fields_of
from models.errors import MalformedError
from models.outbound import Form
from models.sheet import (
    AcceptanceReceiptSheet,
    ApplicationSheet,
    Content,
    DecisionSheet,
    NoticeSheet,
    RefusalSheet,
    Sheet,
)

_PLACE = re.compile(r"[\w-]+\.(typ|yaml):\d+:\d+")
"""Of a template, in what Typst says."""


class TypstPrinter:
    """A `FormPrinter`: one compiler a form, kept; it may be used by several threads.

    The same sheet gives the same bytes on any machine, at any time and in any locale: fonts are those inside of
    Typst, the only instant in the document is the sheet's own, and nothing outside of `folder` can be read.
    """

    def __init__(self, folder: Path) -> None:
        """`folder`: the templates, FORM.typ each, and their words; MalformedError names what is not there."""
        fonts = Fonts(include_system_fonts=False)
        self._templates = {form: _Template(folder, form, fonts) for form in Form}

    def print(self, sheet: Sheet) -> bytes:
        """The document as PDF/A-2a, which is PDF/UA-1 too.

        MalformedError where a template cannot print it; ValueError of an amount or a link that nobody can print.
        """
        return self._templates[sheet.form].print(sheet)


class _Template:
    """One form's compiler, which serves one thread at a time."""

    def __init__(self, folder: Path, form: Form, fonts: Fonts) -> None:
        self._path = folder / f"{form}.typ"
        if not self._path.is_file():
            raise MalformedError(f"TIREK_REGULATIONS: {self._path} is missing, the template of a form")
        self._folder, self._fonts = folder, fonts
        self._lock = Lock()

    @cached_property
    def _compiler(self) -> Compiler:
        """Made when the form is first printed: most programs print one form."""
        return Compiler(self._path, root=self._folder, font_paths=self._fonts, ignore_system_fonts=True)

    def print(self, sheet: Sheet) -> bytes:
        text = json.dumps(fields_of(sheet), ensure_ascii=False, sort_keys=True)
        made_at = int(_made_at(sheet.content).timestamp())
        with self._lock:
            try:
                made = self._compiler.compile(
                    format="pdf",
                    sys_inputs={"sheet": text},
                    pdf_standards=["a-2a", "ua-1"],  # for the archive, and to be read aloud
                    timestamp=made_at,
                )
            except TypstError as error:
                # What Typst says may quote the sheet, which is about somebody: where it is said is enough.
                place = _PLACE.search(error.diagnostic)
                where = f" ({place[0]})" if place else ""
                raise MalformedError(f"{self._path}: Typst cannot print this sheet with it{where}") from None
        return cast(bytes, made)


def _made_at(content: Content) -> datetime:
    """The instant that the document itself tells: the only one in its metadata."""
    match content:
        case ApplicationSheet():
            return content.handed_in_at
        case AcceptanceReceiptSheet():
            return content.accepted_at
        case RefusalSheet():
            return content.refused_at
        case DecisionSheet():
            return content.decided_at
        case NoticeSheet():
            return content.told_at
        case _:
            return content.handed_over_at
