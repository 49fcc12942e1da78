"""The list on which SC hands uncollected results over to the provider (R9)."""

from collections.abc import Iterator
from datetime import datetime

from desk.printing.lines import full_name
from desk.printing.source import Source, erased
from models.data import local_day, local_midnight
from models.errors import JournalConflictError
from models.journal import Fact, FactName
from models.outbound import Form
from models.request import Request
from models.sheet import StorageListSheet, StoredResult


def storage_list_sheet(source: Source) -> StorageListSheet:
    """All that the same office handed over on the same list that day, up to and including this result.

    RefusedError where the personal data of one of them were erased.
    """
    fact = source.fact
    return StorageListSheet(
        list_number=_list_number(fact),
        handed_over_at=fact.at,
        from_office=source.told(source.office.name),
        to_office=source.told(source.provider.name),
        handed_over_by=source.post(fact.by),
        received_by=source.post(str(fact.details["received_by"])),
        results=tuple(_result(source, execution) for execution in _executions(source)),
    )


def listed(source: Source) -> Iterator[tuple[str, str]]:
    """Whose results are on the list: the application of each, and the applicant's IIN."""
    for execution in _executions(source):
        application, request = _whose(source, execution)
        yield application, request.applicant.iin


def _list_number(fact: Fact) -> str:
    return str(fact.details["list"])


def _executions(source: Source) -> Iterator[str]:
    """Applications and recalls; what is handed over twice on one list, after a recall, stands there twice.

    A list is of one day: the same number on another day is another list.
    """
    this = (source.document.application, source.document.fact)
    day = local_midnight(local_day(source.fact.at))
    handed_over = source.reader.printouts.handed_over(source.office_code, _list_number(source.fact), day)
    for execution, fact in handed_over:
        yield execution
        if (execution, fact) == this:
            return


def _result(source: Source, execution: str) -> StoredResult:
    application, request = _whose(source, execution)
    row = source.reader.find(execution)
    approved = [one["number"] for one in source.reader.rows(application)["decision"] if one["approved_at"]]
    if row is None or not approved:
        raise JournalConflictError("a result was handed over without a decision")
    return StoredResult(
        registration_number=row.registration_number,
        decision=approved[0],
        applicant=full_name(request.applicant),
        ready_at=_ready_at(source, execution),
    )


def _whose(source: Source, execution: str) -> tuple[str, Request]:
    row = source.reader.find(execution)
    application = execution if row is None else row.recall_of or row.id
    request = source.reader.request(application)
    if request is None:
        raise erased(Form.STORAGE_LIST)
    return application, request


def _ready_at(source: Source, execution: str) -> datetime:
    """When the result reached SC."""
    delivered = [one.at for one in source.reader.facts(execution) if one.fact is FactName.RESULT_DELIVERED]
    if not delivered:
        raise JournalConflictError("a result was handed over without having been there")
    return delivered[-1]
