"""Prints a document from the record: once, and then the same bytes for ever.

The bytes go into the document store before the row that names them is written, so no row lacks its bytes. Every
look at personal data on the way is on record in `access`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from adapters.keys import KeyRing
from desk.officer import NOBODY, Officer
from desk.printing.composing import compose, people_in
from desk.printing.on_record import read_record
from desk.printing.source import Source, erased
from models.document_code import code_of
from models.errors import RefusedError, TirekError, UnknownApplicationError, UnknownContentError
from models.library import Library
from models.outbound import Form
from models.papers import Issued, choose
from models.ports import DocumentStore, FormPrinter
from models.printout import Printout, PrintoutKey
from models.refusals import Refusal
from models.regulation import Regulation
from models.sheet import Language, Sheet


class ReprintDiffersError(TirekError):
    """The store has lost the bytes of a document, and printing it anew makes others: the printer has changed."""

    code = "reprint-differs"


@dataclass(frozen=True)
class Wanted:
    """Which document is wanted of an application, by its id or registration number.

    `language`: None is the request's own; `fact`: which of several, None is the newest; `by`: None is nobody who
    was named.
    """

    reference: str
    form: Form
    language: Language | None = None
    fact: int | None = None
    by: Officer | None = None


@dataclass(frozen=True)
class Printed:
    """A document on record and its bytes."""

    application: str
    printout: Printout
    content: bytes


@dataclass(frozen=True)
class Printing:
    """Where documents are printed. `address`: what their links begin with; `now`: the host's clock."""

    reader: RecordReader
    library: Library
    ring: KeyRing
    printer: FormPrinter
    store: DocumentStore
    address: str
    now: Callable[[], datetime]

    def print(self, wanted: Wanted) -> Printed:
        """The document; the first time it is printed, then it is taken from the store.

        UnknownApplicationError; RefusedError where the application has no such document (yet), or its personal
        data were erased; ReprintDiffersError; UnavailableError.
        """
        row = self.reader.find(wanted.reference)
        if row is None:
            raise UnknownApplicationError(f"there is no application {wanted.reference}; see `starter.py list`")
        try:
            source = self._source(row, wanted)
            sheet = self._sheet(source)
        except RefusedError as error:
            self._note(row.id, wanted, error.refusals[0].code)
            raise
        for application, iin in people_in(source):
            self._note(application, wanted, "printed", iin)
        printout, content = self._printed(source, sheet)
        return Printed(source.record.application.application, printout, content)

    # What is printed.

    def _source(self, row: Row[Any], wanted: Wanted) -> Source:
        record = read_record(self.reader, row)
        application = record.application.application
        regulation = self.library.regulation(row.regulation)
        _check_officer(wanted.by, regulation)
        document = choose(record, wanted.form, wanted.fact, of=row.id)
        if isinstance(document, Refusal):
            raise RefusedError([document])
        request = self.reader.request(application)
        if request is None:
            raise erased(document.form)
        language = wanted.language or request.language
        return Source(self.reader, record, document, request, regulation, row.office, language)

    def _sheet(self, source: Source) -> Sheet:
        key = key_of(source.document, source.language)
        kept = self.reader.printouts.find(key)
        code = code_of(self.ring.lookup_hash("printout", key.text))
        return Sheet(
            form=source.document.form,
            language=source.language,
            title=source.told(source.regulation.title),
            number=source.document.number,
            code=code,
            link=kept.link if kept else f"{self.address}/{code}",
            content=compose(source),
        )

    # How it is kept.

    def _printed(self, source: Source, sheet: Sheet) -> tuple[Printout, bytes]:
        key = key_of(source.document, source.language)
        kept = self.reader.printouts.find(key)
        if kept is not None:
            return kept, self._again(kept, sheet)
        content = self.printer.print(sheet)
        printout = Printout(
            **key.model_dump(),
            number=sheet.number,
            code=sheet.code,
            link=sheet.link,
            sha256=self.store.put(content),
            size=len(content),
            printed_at=self.now(),
        )
        kept = self.reader.printouts.keep(printout)
        same = kept.sha256 == printout.sha256
        return kept, content if same else self.store.get(kept.sha256)

    def _again(self, kept: Printout, sheet: Sheet) -> bytes:
        """The bytes that were given the first time; what the store has lost is made once more."""
        try:
            return self.store.get(kept.sha256)
        except UnknownContentError:
            content = self.printer.print(sheet)
        if hashlib.sha256(content).hexdigest() != kept.sha256:
            raise ReprintDiffersError(
                f"the store has lost the document {kept.number} ({kept.code}), and printing it again makes other "
                "bytes: restore it from a backup of the store"
            )
        self.store.put(content)
        return content

    def _note(self, application: str, wanted: Wanted, code: str, iin: str | None = None) -> None:
        who = NOBODY if wanted.by is None else wanted.by.on_record(self.library)
        self.reader.note_access(who, application, f"print-{wanted.form}", code, iin)


def key_of(document: Issued, language: Language) -> PrintoutKey:
    return PrintoutKey(application=document.application, fact=document.fact, form=document.form, language=language)


def _check_officer(by: Officer | None, regulation: Regulation) -> None:
    if by is not None and by.is_named and regulation.officer(by.code) is None:
        reason = f"there is no officer {by.code}; see `starter.py officers`"
        raise RefusedError([Refusal(code="unknown-officer", reason=reason)])
