"""What a printed form costs: a sheet of synthetic people, each time of other ones, becomes a document."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from adapters.forms.printer import TypstPrinter
from adapters.registers.synthetic import make_iin
from adapters.settings import ROOT
from measure.samples import percentile
from models.outbound import Form, NoticeKind
from models.sheet import (
    AcceptanceReceiptSheet,
    ApplicantLine,
    ApplicationSheet,
    Content,
    DecidedChild,
    DecisionSheet,
    MissingLine,
    NoticeSheet,
    PaperLine,
    PersonLine,
    RefusalSheet,
    Sheet,
    StorageListSheet,
    StoredResult,
)

SAMPLES = 100
MOST_MILLISECONDS = 30.0
"""A form, once warm, in the median; the slowest one counts."""
_WARM = 5
_AT = datetime(2026, 11, 26, 5, 15, tzinfo=UTC)
_OFFICE = "Қарағанды қаласының білім беру бөлімі"
_TITLE = (
    "Қамқоршыларға немесе қорғаншыларға жетім баланы (жетім балаларды) және ата-анасының қамқорлығынсыз қалған "
    "баланы (балаларды) асырап-бағуға жәрдемақы тағайындау"
)

Times = dict[Form, list[float]]
"""Seconds of each print, by form."""


def time_forms() -> Times:
    """One form after another in this process, from the sheet to the bytes; each sheet is of other people."""
    printer, random = TypstPrinter(ROOT / "regulations" / "forms"), Random(1)  # noqa: S311 - people of nobody
    times: Times = {}
    for form, content in _CONTENTS.items():
        sheets = [_sheet(form, number, content(random)) for number in range(_WARM + SAMPLES)]
        times[form] = [_seconds(printer, sheet) for sheet in sheets][_WARM:]
    return times


def missed(times: Times) -> list[str]:
    """Each form that takes longer than it may."""
    return [
        f"form {form}: {percentile(seconds, 50) * 1000:.1f} ms"
        for form, seconds in times.items()
        if percentile(seconds, 50) * 1000 > MOST_MILLISECONDS
    ]


def rows(times: Times) -> list[str]:
    """Of a table in Markdown: the form, the median and the 95th percentile in milliseconds."""
    return [
        f"| {form} | {percentile(seconds, 50) * 1000:.1f} | {percentile(seconds, 95) * 1000:.1f} |"
        for form, seconds in times.items()
    ]


def _seconds(printer: TypstPrinter, sheet: Sheet) -> float:
    began = time.perf_counter()
    printer.print(sheet)
    return time.perf_counter() - began


def _sheet(form: Form, number: int, content: Content) -> Sheet:
    code = f"MEAS-{number:04}-URED"
    link = f"https://tirek.example/d/{code}"
    return Sheet(
        form=form, language="kk", title=_TITLE, number=f"{form}-{number}", code=code, link=link, content=content
    )


def _name(random: Random) -> str:
    syllables = ("ай", "ғал", "ер", "лан", "бек", "жан", "нұр", "гүл", "сұл", "тан", "қы", "мыр")
    return " ".join("".join(random.choices(syllables, k=3)).capitalize() for _ in range(3))


def _person(random: Random) -> PersonLine:
    born = date(2010, 1, 1) + timedelta(days=random.randrange(4000))
    return PersonLine(name=_name(random), iin=make_iin(born, random, masculine=True), birth_date=born)


def _papers(random: Random) -> tuple[PaperLine, ...]:
    return tuple(
        PaperLine(
            name="Ата-ана құқықтарынан айыру туралы сот шешімі",
            number=str(random.randrange(10**6)),
            issued_on=date(2019, 2, 14),
            issued_by=f"{_name(random)} соты",
            child=_name(random),
            copy_kept=True,
        )
        for _ in range(7)
    )


def _application(random: Random) -> Content:
    person = _person(random)
    return ApplicationSheet(
        body=_OFFICE,
        registration_number=str(random.randrange(10**6)),
        handed_in_at=_AT,
        applicant=ApplicantLine(**person.model_dump(), address=f"Қарағанды қ., {_name(random)} к-сі"),
        identity_document=_papers(random)[0],
        children=(_person(random), _person(random)),
        appointments=_papers(random)[:1],
        iban="KZ09TRKK000000012345",
        bank="«Тірек Банкі» АҚ",
        papers=_papers(random),
        signature=None,
    )


def _receipt(random: Random) -> Content:
    return AcceptanceReceiptSheet(
        registration_number=str(random.randrange(10**6)),
        accepted_at=_AT,
        due_at=_AT + timedelta(days=14),
        provisional=False,
        office=_OFFICE,
        issued_at=_OFFICE,
        officer=_name(random),
        applicant=_name(random),
        phone=None,
        papers=_papers(random),
        gaps=(),
    )


def _refusal(random: Random) -> Content:
    missing = tuple(MissingLine(name=paper.name, child=paper.child) for paper in _papers(random)[:3])
    return RefusalSheet(
        refused_at=_AT,
        office=_OFFICE,
        officer=_name(random),
        applicant=_name(random),
        address=_name(random),
        phone=None,
        missing=missing,
    )


def _decision(random: Random) -> Content:
    children = tuple(
        DecidedChild(
            child=_person(random),
            birth_record=None,
            monthly_amount=Decimal(random.randrange(50_000)),
            starts_on=date(2026, 11, 26),
            ends_on=date(2032, 3, 17),
        )
        for _ in range(2)
    )
    return DecisionSheet(
        decision=str(random.randrange(10**6)),
        decided_at=_AT,
        body=_OFFICE,
        registration_number=str(random.randrange(10**6)),
        applicant=_name(random),
        applied_at=_AT,
        appointments=_papers(random)[:1],
        children=children,
        grounds=(),
        head=_name(random),
        signature=None,
    )


def _storage_list(random: Random) -> Content:
    results = tuple(
        StoredResult(
            registration_number=str(random.randrange(10**6)),
            decision=str(random.randrange(10**6)),
            applicant=_name(random),
            ready_at=_AT,
        )
        for _ in range(10)
    )
    return StorageListSheet(
        list_number=str(random.randrange(10**6)),
        handed_over_at=_AT,
        from_office=_OFFICE,
        to_office=_OFFICE,
        handed_over_by=_name(random),
        received_by=_name(random),
        results=results,
    )


def _notice(random: Random) -> Content:
    return NoticeSheet(
        kind=NoticeKind.SUBMISSION_ACCEPTED,
        registration_number=str(random.randrange(10**6)),
        applicant=_name(random),
        told_at=_AT,
        due_at=_AT + timedelta(days=14),
        published_at=None,
        office=_OFFICE,
    )


_CONTENTS: dict[Form, Callable[[Random], Content]] = {
    Form.APPLICATION: _application,
    Form.ACCEPTANCE_RECEIPT: _receipt,
    Form.REFUSAL_RECEIPT: _refusal,
    Form.REFUSAL_NOTE: _refusal,
    Form.DECISION: _decision,
    Form.STORAGE_LIST: _storage_list,
    Form.NOTICE: _notice,
}


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows(time_forms())) + "\n")
