"""How an application is told in JSON: the same shape for a command's answer and for the record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from adapters.database.exchanges import attempts_of
from adapters.database.reader import RecordReader
from adapters.host_clock import host_now, host_today
from desk.document_views import amounts_view, evidence_view, result_view
from desk.printing.checking import printed_view
from models.clocks import Clock
from models.data import ALMATY
from models.journal import Fact
from models.library import Library
from models.lifecycle import FINAL, Channel, Command, Lifecycle, RecallLifecycle, Stage
from models.messages import Answer, open_to_people, spelt
from models.package import PackageReport, examine
from models.recall import after_the_end, stage_of_story
from models.request import Request


def told(at: datetime | None) -> str | None:
    """An instant in ISO 8601, in the zone in which people read it."""
    return None if at is None else at.astimezone(ALMATY).isoformat()


def answer_view(answer: Answer, facts: Sequence[Fact]) -> dict[str, Any]:
    """How the application stood right after a command; the same for every repetition of it."""
    return {
        "application": answer.application,
        "recall_of": answer.recall_of,
        "registration_number": answer.registration_number,
        "stage": answer.stage,
        "channel": answer.channel,
        "office": answer.office,
        "holder": answer.holder,
        "allowed": [spelt(command) for command in answer.allowed or after_the_end(answer.channel, answer.stage)],
        "clocks": [clock_view(clock) for clock in answer.clocks],
        "facts": [fact_view(fact) for fact in facts],
    }


def record_view(reader: RecordReader, row: Row[Any], library: Library) -> dict[str, Any]:
    """How an application stands on record, with its recalls as one story; of a recall, that recall alone."""
    recalls = reader.recalls(row.id) if row.recall_of is None else []
    files = [row, *recalls]
    last = files[-1]
    stage = stage_of_story(Stage(row.stage), Stage(last.stage) if recalls else None)
    tables, exchanges = _tables(reader, files), reader.exchanges.of_application(row.id)
    request = reader.request(row.id)
    return {
        "application": row.id,
        "recall_of": row.recall_of,
        "registration_number": row.registration_number,
        "stage": stage,
        "channel": Channel(row.channel),
        "office": row.office,
        "holder": row.holder,
        "calendar": row.calendar_now or row.calendar,
        "allowed": [spelt(command) for command in _allowed(row, last, stage)],
        "clocks": [clock_view(clock) | _of(file) for file in files for clock in reader.clocks(file.id)],
        "erased": _erased(reader, row.id),
        "package": _package(request, row, library),
        "evidence": evidence_view(reader, files),
        "amounts": _amounts(request, tables["decisions"], row, library),
        "result": result_view(reader, files),
        "printed": printed_view(reader, row, host_today()),
        **tables,
        "checks": checks_view(tables["checks"], attempts_of(exchanges)),
        "exchanges": _plain(exchanges),
        "remarks": reader.remarks(row.id),
        "recalls": [_recall_view(recall) for recall in recalls],
        "facts": [fact_view(fact) | _of(file) for file in files for fact in reader.facts(file.id)],
    }


def _erased(reader: RecordReader, execution: str) -> dict[str, Any] | None:
    """Who had the personal data erased, when and why; None where they are there."""
    found = reader.erasures.find(execution)
    return None if found is None else {"at": told(found.at), "by": found.by, "reason": found.reason}


def _allowed(row: Row[Any], last: Row[Any], stage: Stage) -> list[Command]:
    """What people may do now: to the application, to the recall that is open, or to what is in storage again."""
    is_recall = last.recall_of is not None
    if is_recall and last.stage not in FINAL:
        return open_to_people(RecallLifecycle(Channel(last.channel), Stage(last.stage)))
    if stage is Stage.STORED:
        return after_the_end(Channel(row.channel), stage)
    return [] if is_recall else open_to_people(Lifecycle(Channel(row.channel), stage))


def _tables(reader: RecordReader, files: Sequence[Row[Any]]) -> dict[str, list[dict[str, Any]]]:
    """The plain rows of all files of a story, by the name under which they are told."""
    names = {
        "checks": "verification",
        "decisions": "decision",
        "papers": "printed_document",
        "notices": "notice",
        "deliveries": "delivery",
        "holdings": "holding",
    }
    rows = [(file, reader.rows(file.id)) for file in files]
    return {
        told: [one | _of(file) for file, tables in rows for one in _plain(tables[table])]
        for told, table in names.items()
    }


def _of(file: Row[Any]) -> dict[str, Any]:
    """Of which recall something is told; nothing is added to what is the application's own."""
    return {} if file.recall_of is None else {"recall": file.id}


def _recall_view(recall: Row[Any]) -> dict[str, Any]:
    return {
        "recall": recall.id,
        "stage": recall.stage,
        "requested_at": told(recall.opened_at),
        "changed_at": told(recall.changed_at),
    }


def list_view(rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "application": row.id,
            "registration_number": row.registration_number,
            "stage": stage_of_story(Stage(row.stage), Stage(row.recall) if row.recall else None),
            "recall": row.recall,
            "channel": row.channel,
            "office": row.office,
            "holder": row.holder,
            "opened_at": told(row.opened_at),
            "changed_at": told(row.changed_at),
        }
        for row in rows
    ]


def clock_view(clock: Clock) -> dict[str, Any]:
    return {
        "clock": clock.clock,
        "office": clock.office,
        "started_at": told(clock.started_at),
        "due_at": told(clock.due_at),
        "stopped_at": told(clock.stopped_at),
        "outcome": clock.outcome,
        "warned": clock.warned,
        "provisional": clock.provisional,
        "passed_under_this_reading_only": clock.passed_under_this_reading_only,
    }


def fact_view(fact: Fact) -> dict[str, Any]:
    return {
        "number": fact.number,
        "at": told(fact.at),
        "fact": fact.fact,
        "by": fact.by,
        "stage": fact.stage,
        "details": fact.details,
    }


def report_view(report: PackageReport) -> dict[str, Any]:
    """The verdict on a package: what it needs, and what it lacks."""
    return report.model_dump(mode="json")


def checks_view(checks: list[dict[str, Any]], attempts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What came of each check, without what the register said, and how often it was asked (R17)."""
    return _plain([one | {"attempts": 0} | attempts.get(one["check"], {}) for one in checks])


def _package(request: Request | None, row: Row[Any], library: Library) -> dict[str, Any] | None:
    """The package as it was handed in; None before there is one, or once it has been erased."""
    if request is None:
        return None
    report = examine(request, Channel(row.channel), library.regulation(row.regulation))
    return {
        **report_view(report),
        "documents": [
            {"kind": document.kind, "child": document.child, "parents": list(document.parents)}
            for document in request.documents
        ],
    }


def _amounts(
    request: Request | None, drafts: Sequence[dict[str, Any]], row: Row[Any], library: Library
) -> list[dict[str, Any]]:
    """By the day on which the last draft was made, or else would be; empty before there is a request, or once it
    has been erased."""
    at = datetime.fromisoformat(drafts[-1]["prepared_at"]) if drafts else max(row.changed_at, host_now())
    return amounts_view(request, library.regulation(row.regulation), at) if request else []


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: told(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
