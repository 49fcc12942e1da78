"""Composes the content of a document from the record, and says about whom it tells."""

from collections.abc import Iterator

from desk.printing.decision_sheet import decision_sheet
from desk.printing.intake_sheets import acceptance_receipt_sheet, application_sheet, refusal_sheet
from desk.printing.notice_sheet import notice_sheet
from desk.printing.source import Source
from desk.printing.storage_list import listed, storage_list_sheet
from models.outbound import Form
from models.sheet import Content

_WITH_CHILDREN = frozenset({Form.APPLICATION, Form.DECISION})


def compose(source: Source) -> Content:
    """The same content for the same document, whenever it is asked for."""
    match source.document.form:
        case Form.APPLICATION:
            return application_sheet(source)
        case Form.ACCEPTANCE_RECEIPT:
            return acceptance_receipt_sheet(source)
        case Form.REFUSAL_RECEIPT | Form.REFUSAL_NOTE:
            return refusal_sheet(source)
        case Form.DECISION:
            return decision_sheet(source)
        case Form.STORAGE_LIST:
            return storage_list_sheet(source)
        case Form.NOTICE:
            return notice_sheet(source)


def people_in(source: Source) -> Iterator[tuple[str, str]]:
    """Of whom the document tells: application and IIN."""
    if source.document.form is Form.STORAGE_LIST:
        yield from listed(source)
        return
    application = source.record.application.application
    yield application, source.request.applicant.iin
    if source.document.form in _WITH_CHILDREN:
        yield from ((application, child.iin) for child in source.request.children)
