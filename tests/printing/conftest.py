"""A record that tests write by commands, and printing and checking over it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from adapters.database.reader import RecordReader
from adapters.database.records import SqlApplicationRecords
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from adapters.pdf_codes import codes_in
from desk.officer import Officer
from desk.printing.checking import Checking, Finding
from desk.printing.printing import Printed, Printing, Wanted
from models.act import Act
from models.data import Data
from models.handling import carry_out
from models.library import Library
from models.lifecycle import Channel, Command
from models.outbound import Form
from models.sheet import Language
from tests.models.builders import BY_DEFAULT
from tests.printing.fakes import FakePrinter, FakeStore
from tests.proceedings import Life, life

ADDRESS = "https://tirek.example/documents"


@dataclass
class Office:
    """Prints and checks what is on record, with a printer and a store that a test can change."""

    reader: RecordReader
    library: Library
    ring: KeyRing
    printer: FakePrinter = field(default_factory=FakePrinter)
    store: FakeStore = field(default_factory=FakeStore)
    address: str = ADDRESS
    today: date = date(2026, 11, 23)

    def print(self, application: str, form: Form, language: Language | None = "ru", **more: Any) -> Printed:
        printing = Printing(self.reader, self.library, self.ring, self.printer, self.store, self.address, host_now)
        more.setdefault("by", Officer("specialist-1"))
        return printing.print(Wanted(application, form, language, **more))

    def content(self, application: str, form: Form, language: Language = "ru", **more: Any) -> Any:
        """What the sheet said that was printed."""
        self.print(application, form, language, **more)
        return self.printer.sheets[-1].content

    def check(self, what: bytes | str) -> Finding:
        checking = Checking(self.reader, lambda: self.today)
        return checking.by_code(what) if isinstance(what, str) else checking.by_content(what, codes_in)


@dataclass(frozen=True)
class Record:
    """Writes applications that are driven by commands."""

    records: SqlApplicationRecords
    reader: RecordReader

    def __call__(self, *commands: Command, channel: Channel, name: str = "app-1", seed: int = 1) -> Life:
        return self.write(life(*commands, name=name, channel=channel, seed=seed))

    def write(self, one: Life) -> Life:
        """What of it is not on record yet."""
        self.records.record(one.entry(self.reader.last_fact(one.id)))
        return one


@pytest.fixture
def office(reader: RecordReader, library: Library, key_ring: KeyRing) -> Office:
    return Office(reader, library, key_ring)


@pytest.fixture
def on_record(records: SqlApplicationRecords, reader: RecordReader) -> Record:
    return Record(records, reader)


def carry(one: Life, command: Command, message: Data | None = None, **more: Any) -> None:
    """A command with a message of the test's own; a minute passes with it as with every other one."""
    one.later(minutes=1)
    by = BY_DEFAULT.get(command, "officer-1")
    act = Act(command=command, by=by, at=one.now, cause=f"update:{command}", message=message, **more)
    carry_out(one.proceeding, act)
