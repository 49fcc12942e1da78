"""A document is printed once: number, code and bytes are the same for ever, whatever happens in between."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, delete, insert, select

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.printouts import CodeTakenError
from desk.officer import NOBODY, Officer
from desk.printing.printing import ReprintDiffersError
from models.errors import RefusedError, UnknownApplicationError
from models.lifecycle import Command
from models.outbound import Form
from models.sheet import Sheet
from tests.models.builders import PORTAL, SC
from tests.printing.conftest import ADDRESS, Office, Record
from tests.printing.fakes import FakePrinter
from tests.proceedings import ACCEPTED, DECIDED, STORED, SUBMITTED


class TestNames:
    """Number, code and link follow from what the document is."""

    def test_two_languages_are_two_documents(self, office: Office, on_record: Record) -> None:
        """One number, as it is one decision; each its own code, and a link that ends with it."""
        one = on_record(*DECIDED, channel=SC)
        kk, ru = (office.print(one.id, Form.DECISION, language).printout for language in ("kk", "ru"))
        assert kk.number == ru.number == f"{one.number}-1"
        assert kk.code != ru.code
        assert [sheet.link for sheet in office.printer.sheets] == [f"{ADDRESS}/{kk.code}", f"{ADDRESS}/{ru.code}"]

    def test_language_of_the_request(self, office: Office, on_record: Record) -> None:
        """Where none is asked for."""
        one = on_record(*ACCEPTED, channel=SC)
        assert office.print(one.id, Form.APPLICATION, None).printout.language == one.request.language

    def test_registration_number_leads_to_it(self, office: Office, on_record: Record) -> None:
        """As the id does; what is neither is unknown."""
        one = on_record(*ACCEPTED, channel=SC)
        first, second = (office.print(name, Form.ACCEPTANCE_RECEIPT) for name in (one.id, one.number))
        assert first == second
        with pytest.raises(UnknownApplicationError):
            office.print("KRG-1999-000001", Form.APPLICATION)

    def test_lost_record_gives_the_same_code(self, office: Office, on_record: Record, engine: Engine) -> None:
        """The code is a keyed hash of what the document is: printed once more it is found by the same."""
        one = on_record(*ACCEPTED, channel=SC)
        first = office.print(one.id, Form.ACCEPTANCE_RECEIPT)
        with writing(engine) as connection:
            connection.execute(delete(t.printout))
        again = office.print(one.id, Form.ACCEPTANCE_RECEIPT)
        assert (again.printout.code, again.content) == (first.printout.code, first.content)

    def test_other_ring_gives_another_code(self, office: Office, on_record: Record) -> None:
        """Who has not our look-up key guesses none."""
        one = on_record(*ACCEPTED, channel=SC)
        office.print(one.id, Form.APPLICATION)
        other = replace(office, ring=replace(office.ring, lookup=b"\x07" * 32))
        other.print(one.id, Form.ACCEPTANCE_RECEIPT)
        ours = office.print(one.id, Form.ACCEPTANCE_RECEIPT, "kk")
        codes = [sheet.code for sheet in office.printer.sheets]
        assert len(set(codes)) == 3
        assert ours.printout.code == codes[-1]


class TestAgain:
    """Printing again."""

    def test_stored_bytes(self, office: Office, on_record: Record) -> None:
        """Though the printer, our address and the application have changed meanwhile."""
        one = on_record(*ACCEPTED, channel=SC)
        first = office.print(one.id, Form.ACCEPTANCE_RECEIPT)
        on_record.write(one.do(Command.VERIFY, Command.WITHDRAW))
        office.printer.edition, office.address = 2, "https://elsewhere.example/documents"
        assert office.print(one.id, Form.ACCEPTANCE_RECEIPT) == first
        assert len(office.printer.sheets) == 1

    def test_lost_bytes_are_made_anew(self, office: Office, on_record: Record) -> None:
        """The same, under another address too; then they are in the store again."""
        one = on_record(*DECIDED, channel=SC)
        first = office.print(one.id, Form.DECISION)
        office.store.contents.clear()
        office.address = "https://elsewhere.example/documents"
        assert office.print(one.id, Form.DECISION) == first
        assert office.store.holds(first.printout.sha256)

    def test_other_bytes_are_an_error(self, office: Office, on_record: Record) -> None:
        """A printer that prints otherwise now must not pass its work for the lost one; nothing is stored."""
        one = on_record(*DECIDED, channel=SC)
        printout = office.print(one.id, Form.DECISION).printout
        office.store.contents.clear()
        office.printer.edition = 2
        with pytest.raises(ReprintDiffersError, match=printout.number):
            office.print(one.id, Form.DECISION)
        assert office.store.contents == {}

    def test_printer_that_fails_leaves_nothing(self, office: Office, on_record: Record, engine: Engine) -> None:
        """Neither a row nor bytes; the next attempt prints."""
        one = on_record(*DECIDED, channel=SC)
        broken = replace(office, printer=BrokenPrinter())
        with pytest.raises(OSError, match="paper"):
            broken.print(one.id, Form.DECISION)
        with engine.connect() as connection:
            assert connection.execute(select(t.printout)).all() == []
        assert office.print(one.id, Form.DECISION).content

    def test_store_that_fails_leaves_no_row(self, office: Office, on_record: Record, engine: Engine) -> None:
        """First the bytes, then the row."""
        one = on_record(*DECIDED, channel=SC)
        office.store.is_full = True
        with pytest.raises(OSError, match="full"):
            office.print(one.id, Form.DECISION)
        with engine.connect() as connection:
            assert connection.execute(select(t.printout)).all() == []

    def test_taken_code_prints_nothing(self, office: Office, on_record: Record, engine: Engine) -> None:
        """Another document with this code: an error and not another's document."""
        one, other = (on_record(*ACCEPTED, channel=SC, name=f"app-{n}", seed=n) for n in (1, 2))
        printout = office.print(one.id, Form.ACCEPTANCE_RECEIPT).printout
        with writing(engine) as connection:
            connection.execute(delete(t.printout))
            connection.execute(insert(t.printout), [printout.model_dump() | {"application": other.id}])
        with pytest.raises(CodeTakenError, match=printout.code):
            office.print(one.id, Form.ACCEPTANCE_RECEIPT)


class BrokenPrinter(FakePrinter):
    def print(self, sheet: Sheet) -> bytes:
        raise OSError("no paper")


class MeetingPrinter(FakePrinter):
    """Prints differently each time, and only once both of two are about to."""

    def __init__(self) -> None:
        super().__init__()
        self.meeting = threading.Barrier(2)

    def print(self, sheet: Sheet) -> bytes:
        number = self.meeting.wait(20)
        return f"{number}".encode()


class TestAtOnce:
    """Two print the same document at the same instant."""

    def test_both_get_the_first_ones_bytes(self, office: Office, on_record: Record, engine: Engine) -> None:
        """One row, and whatever each of them printed, both have the bytes of that row."""
        one = on_record(*DECIDED, channel=SC)
        racing = replace(office, printer=MeetingPrinter())
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda _: racing.print(one.id, Form.DECISION), range(2))
        assert first == second
        with engine.connect() as connection:
            [row] = connection.execute(select(t.printout)).all()
        assert row.sha256 == first.printout.sha256
        assert office.store.get(row.sha256) == first.content


class TestErased:
    """Whoever destroys an application's key erases its personal data."""

    @pytest.mark.parametrize("form", [Form.APPLICATION, Form.ACCEPTANCE_RECEIPT, Form.DECISION, Form.STORAGE_LIST])
    def test_nothing_is_printed(self, office: Office, on_record: Record, engine: Engine, form: Form) -> None:
        """Not even from the store; nor is a list on which such an applicant stands."""
        one, last = (on_record(*STORED, channel=SC, name=f"app-{n}", seed=n) for n in (1, 2))
        whole = [office.print(named.id, form).content for named in (one, last)]
        assert len(whole) == 2
        with writing(engine) as connection:
            connection.execute(delete(t.application_key).where(t.application_key.c.application == one.id))
        assert refused(office, one.id, form) == "personal-data-erased"
        if form is Form.STORAGE_LIST:
            assert refused(office, last.id, form) == "personal-data-erased"
        else:
            assert office.print(last.id, form).content


def refused(office: Office, application: str, form: Form, by: Officer | None = None) -> str:
    with pytest.raises(RefusedError) as caught:
        office.print(application, form, by=by)
    return caught.value.refusals[0].code


class TestOnRecord:
    """A look at somebody's data is on record."""

    def test_who_printed_what(self, office: Office, on_record: Record, engine: Engine) -> None:
        """A row for each person in the document, whether it was printed or taken from the store."""
        one = on_record(*DECIDED, channel=SC)
        for _ in range(2):
            office.print(one.id, Form.DECISION, by=Officer("head"))
        office.print(one.id, Form.ACCEPTANCE_RECEIPT, by=None)
        looks = office.reader.accesses(one.id)
        assert looks == [("head", "print-decision", "printed")] * 6 + [
            (NOBODY, "print-acceptance-receipt", "printed")
        ]
        people = {office.ring.lookup_hash("iin", iin) for iin in (one.request.applicant.iin, *one.children)}
        with engine.connect() as connection:
            assert set(connection.execute(select(t.access.c.whom)).scalars()) == people

    def test_everybody_on_a_list(self, office: Office, on_record: Record) -> None:
        """Under each one's application."""
        lives = [on_record(*STORED, channel=SC, name=f"app-{n}", seed=n) for n in (1, 2)]
        office.print(lives[1].id, Form.STORAGE_LIST)
        for one in lives:
            assert office.reader.accesses(one.id) == [("specialist-1", "print-storage-list", "printed")]

    def test_what_was_refused(self, office: Office, on_record: Record) -> None:
        """Too early, or by somebody who is no officer; a name that is no post is not kept."""
        one = on_record(*SUBMITTED, channel=PORTAL)
        assert refused(office, one.id, Form.DECISION) == "no-such-document-yet"
        assert refused(office, one.id, Form.APPLICATION, Officer("stranger")) == "unknown-officer"
        assert office.reader.accesses(one.id) == [
            (NOBODY, "print-decision", "no-such-document-yet"),
            (NOBODY, "print-application", "unknown-officer"),
        ]

    def test_row_has_nothing_personal(self, office: Office, on_record: Record, engine: Engine) -> None:
        """What stands beside the bytes is codes, hashes and numbers."""
        one = on_record(*DECIDED, channel=SC)
        office.print(one.id, Form.DECISION)
        with engine.connect() as connection:
            [row] = connection.execute(select(t.printout)).mappings()
        person = one.request.applicant
        assert not [word for word in (person.iin, person.surname, person.name) if word in str(dict(row))]
