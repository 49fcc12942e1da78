"""Whether a document is ours, unaltered and in force, by its bytes or its code; and what a PDF may do to us."""

import io
import zlib
from datetime import date

import pikepdf
import pytest

from adapters.pdf_codes import LARGEST, codes_in
from desk.printing.checking import Finding, finding_view, printed_view
from models.data import local_iso
from models.lifecycle import Command
from models.outbound import Form
from tests.models.builders import PORTAL, SC
from tests.printing.conftest import Office, Record
from tests.proceedings import ACCEPTED, DECIDED, PUBLISHED, SENT_AGAIN, STORED

NOBODYS = "3F7K-9Q2M-XT5A"


def codes(finding: Finding) -> list[str]:
    return [one["code"] for one in finding.reasons]


def pdf(keywords: str = "", xmp: str = "", **options: object) -> bytes:
    """A PDF of somebody's, with these keywords, or with those in its XMP."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if keywords:
            document.docinfo["/Keywords"] = keywords
        if xmp:
            with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
                metadata["pdf:Keywords"] = xmp
        document.save(made, **options)  # type: ignore[arg-type]
    return made.getvalue()


def plain_pdf(metadata: bytes) -> bytes:
    """A PDF by hand, whose metadata no library has looked at."""
    pages = b"<</Type/Pages/Kids[]/Count 0>>"
    text, places = b"%PDF-1.7\n", list[int]()
    for number, content in enumerate((b"<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>", pages, metadata), 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 4\n0000000000 65535 f \n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return text + end % (table, len(text))


class TestByContent:
    """A file."""

    def test_as_it_was_given(self, office: Office, on_record: Record) -> None:
        """Ours, unaltered, in force: nothing is to be said against it."""
        one = on_record(*DECIDED, channel=SC)
        printed = office.print(one.id, Form.DECISION)
        finding = office.check(printed.content)
        assert (finding.is_good, finding.unaltered, codes(finding)) == (True, True, [])
        assert finding_view(finding) | {"printed_at": None} == {
            "ours": True,
            "unaltered": True,
            "in_force": True,
            "reasons": [],
            "form": "decision",
            "verdict": "grant",
            "given_at": local_iso(one.application.decision.approved_at),  # type: ignore[union-attr]
            "language": "ru",
            "number": f"{one.number}-1",
            "code": printed.printout.code,
            "registration_number": one.number,
            "printed_at": None,
            "sha256": printed.printout.sha256,
        }

    def test_one_byte_altered(self, office: Office, on_record: Record) -> None:
        """Wherever it is: the file still names our document, and is not it."""
        one = on_record(*DECIDED, channel=SC)
        content = office.print(one.id, Form.DECISION).content
        altered = content.replace(b"43250", b"93250", 1)
        assert altered != content
        finding = office.check(altered)
        assert (finding.is_good, finding.unaltered, codes(finding)) == (False, False, ["altered"])
        assert finding.printout is not None
        assert finding.sha256 != finding.printout.sha256

    def test_foreign_pdf(self, office: Office, on_record: Record) -> None:
        """Not ours, whatever code it bears."""
        office.print(on_record(*DECIDED, channel=SC).id, Form.DECISION)
        for content in (pdf(), pdf(f"KRG-2026-000001-1, {NOBODYS}"), b"", b"%PDF-", b"no PDF at all"):
            finding = office.check(content)
            assert (finding.printout, finding.is_good, codes(finding)) == (None, False, ["not-ours"])
            assert finding_view(finding)["unaltered"] is None

    def test_code_of_ours_in_a_foreign_pdf(self, office: Office, on_record: Record) -> None:
        """It says that it is ours, and is not what we gave: altered; a name in no metadata makes nothing ours."""
        printout = office.print(on_record(*DECIDED, channel=SC).id, Form.DECISION).printout
        packed = pdf(printout.code, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert printout.code.encode() not in packed
        assert codes(office.check(packed)) == ["altered"]
        assert codes(office.check(printout.code.encode())) == ["not-ours"]


class TestByCode:
    """A code, as it is typed."""

    def test_cannot_tell_of_alterations(self, office: Office, on_record: Record) -> None:
        """Ours and in force, and it is said that a code tells no more."""
        printout = office.print(on_record(*DECIDED, channel=SC).id, Form.DECISION).printout
        finding = office.check(printout.code)
        assert (finding.is_good, finding.unaltered, codes(finding)) == (True, None, ["by-code-alone"])
        assert finding.sha256 == printout.sha256

    def test_nobodys(self, office: Office) -> None:
        """Not ours."""
        assert codes(office.check(NOBODYS)) == ["not-ours"]


class TestNoLongerInForce:
    """Each document at its end, on record (the rules: tests/models/test_standing.py)."""

    def test_receipt_and_application(self, office: Office, on_record: Record) -> None:
        """When the applicant withdraws; a file that was altered besides is told both."""
        one = on_record(*ACCEPTED, channel=SC)
        forms = (Form.ACCEPTANCE_RECEIPT, Form.APPLICATION)
        contents = [office.print(one.id, form).content for form in forms]
        assert all(office.check(content).is_good for content in contents)
        on_record.write(one.do(Command.VERIFY, Command.WITHDRAW))
        findings = [office.check(content) for content in contents]
        assert [(finding.is_good, codes(finding)) for finding in findings] == [(False, ["withdrawn"])] * 2
        altered = contents[0].replace(b"KRG", b"KRH")
        assert codes(office.check(altered)) == ["altered", "withdrawn"]

    def test_receipt_of_a_result_that_was_given(self, office: Office, on_record: Record) -> None:
        """By its code as well."""
        one = on_record(*DECIDED, Command.DELIVER, channel=SC)
        printout = office.print(one.id, Form.ACCEPTANCE_RECEIPT).printout
        on_record.write(one.do(Command.COLLECT))
        assert codes(office.check(printout.code)) == ["by-code-alone", "result-given"]

    def test_decision_after_its_last_period(self, office: Office, on_record: Record) -> None:
        """The day after."""
        content = office.print(on_record(*DECIDED, channel=SC).id, Form.DECISION).content
        for office.today, expected in ((date(2026, 12, 31), []), (date(2027, 1, 1), ["period-ended"])):
            assert codes(office.check(content)) == expected

    def test_list_of_a_recalled_result(self, office: Office, on_record: Record) -> None:
        """As soon as it is asked for."""
        one = on_record(*STORED, channel=SC)
        content = office.print(one.id, Form.STORAGE_LIST).content
        assert office.check(content).is_good
        on_record.write(one.recalled(*SENT_AGAIN))
        assert codes(office.check(content)) == ["recalled"]

    def test_notice_that_a_later_one_replaces(self, office: Office, on_record: Record) -> None:
        """Published: that is the date now."""
        one = on_record(*PUBLISHED, channel=PORTAL)
        first, last = (office.print(one.id, Form.NOTICE, fact=fact).content for fact in (2, None))
        assert (codes(office.check(first)), codes(office.check(last))) == (["replaced"], [])


class TestShown:
    """What `show` tells of printed documents."""

    def test_in_order_with_their_standing(self, office: Office, on_record: Record) -> None:
        """Of an application with its recalls; of a recall its own."""
        one = on_record(*STORED, channel=SC)
        for form in (Form.STORAGE_LIST, Form.DECISION):
            office.print(one.id, form)
        recall = on_record.write(one.recalled(*SENT_AGAIN, Command.RETENTION_ENDS, Command.HAND_OVER))
        office.print(one.id, Form.STORAGE_LIST, "kk")
        rows = [office.reader.find(name) for name in (one.id, recall.id)]
        whole, own = (printed_view(office.reader, row, office.today) for row in rows if row is not None)
        told = [(row["form"], row["language"], row["number"][-3:], row["in_force"]) for row in whole]
        assert told == [
            ("storage-list", "ru", "-L1", False),
            ("decision", "ru", "1-1", True),
            ("storage-list", "kk", "-L2", True),
        ]
        assert own == whole[2:]
        assert set(own[0]) == {"form", "language", "number", "code", "printed_at", "in_force"}


class TestHostile:
    """A PDF of a stranger's."""

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"%PDF-1.7\n" + b"\xff" * 1000, id="noise"),
            pytest.param(pdf(NOBODYS, object_stream_mode=pikepdf.ObjectStreamMode.generate)[:-300], id="cut off"),
            pytest.param(b"%PDF-1.7\n" + b"[" * 200_000, id="deep"),
            pytest.param(pdf(NOBODYS, encryption=pikepdf.Encryption(owner="o", user="u")), id="locked"),
        ],
    )
    def test_cannot_be_read(self, content: bytes) -> None:
        """It has no code, and nothing goes wrong."""
        assert list(codes_in(content)) == []

    def test_unfolds_into_too_much(self) -> None:
        """Gigabytes in a few kilobytes, and a code behind them: the reader has less memory than that."""
        once = zlib.compressobj(1)
        zeros = b"".join(once.compress(bytes(10_000_000)) for _ in range(150))
        bomb = zlib.compress(zeros + once.compress(NOBODYS.encode()) + once.flush())
        header = b"<</Type/Metadata/Filter[/FlateDecode/FlateDecode]/Length %d>>" % len(bomb)
        assert len(bomb) < 100_000
        assert list(codes_in(plain_pdf(b"%s\nstream\n%s\nendstream" % (header, bomb)))) == []
        innocent = NOBODYS.encode().hex().encode()
        header = b"<</Type/Metadata/Filter/ASCIIHexDecode/Length %d>>" % len(innocent)
        assert list(codes_in(plain_pdf(b"%s\nstream\n%s\nendstream" % (header, innocent)))) == [NOBODYS]

    def test_too_large(self) -> None:
        """It is not looked at."""
        assert list(codes_in(b"%PDF-1.7 " + NOBODYS.encode() + b" " * LARGEST)) == []

    def test_many_codes(self) -> None:
        """Only the first of them are looked up."""
        many = b" ".join(b"AAAA-BBBB-%04d" % number for number in range(1000))
        assert len(list(codes_in(b"%PDF-1.7 " + many))) == 20

    def test_codes_where_they_may_be(self) -> None:
        """In the clear, in packed keywords, in packed XMP; each once, in the form in which it is printed."""
        packed = {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "compress_streams": True}
        for content in (pdf(NOBODYS), pdf(f"N 1, {NOBODYS}", **packed), pdf(xmp=NOBODYS, **packed)):
            assert list(codes_in(content)) == [NOBODYS]
