"""How an application is told in JSON: the same shape for a command's answer and for the record."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from models.clocks import Clock
from models.data import ALMATY
from models.journal import Fact
from models.library import Library
from models.lifecycle import Channel, Lifecycle, Stage
from models.messages import Answer, open_to_people, spelt
from models.package import PackageReport, examine


def told(at: datetime | None) -> str | None:
    """An instant in ISO 8601, in the zone in which people read it."""
    return None if at is None else at.astimezone(ALMATY).isoformat()


def answer_view(answer: Answer, facts: Sequence[Fact]) -> dict[str, Any]:
    """How the application stood right after a command; the same for every repetition of it."""
    return {
        "application": answer.application,
        "registration_number": answer.registration_number,
        "stage": answer.stage,
        "channel": answer.channel,
        "office": answer.office,
        "holder": answer.holder,
        "allowed": [spelt(command) for command in answer.allowed],
        "clocks": [clock_view(clock) for clock in answer.clocks],
        "facts": [fact_view(fact) for fact in facts],
    }


def record_view(reader: RecordReader, row: Row[Any], library: Library) -> dict[str, Any]:
    """How the application stands on record, with package, checks, drafts, notices and holdings."""
    stage, channel = Stage(row.stage), Channel(row.channel)
    rows = reader.rows(row.id)
    return {
        "application": row.id,
        "registration_number": row.registration_number,
        "stage": stage,
        "channel": channel,
        "office": row.office,
        "holder": row.holder,
        "allowed": [spelt(c) for c in open_to_people(Lifecycle(channel, stage))],
        "clocks": [clock_view(clock) for clock in reader.clocks(row.id)],
        "package": _package(reader, row, library),
        "checks": _plain(rows["verification"]),
        "decisions": _plain(rows["decision"]),
        "papers": _plain(rows["printed_document"]),
        "notices": _plain(rows["notice"]),
        "holdings": _plain(rows["holding"]),
        "remarks": reader.remarks(row.id),
        "facts": [fact_view(fact) for fact in reader.facts(row.id)],
    }


def list_view(rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "application": row.id,
            "registration_number": row.registration_number,
            "stage": row.stage,
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


def _package(reader: RecordReader, row: Row[Any], library: Library) -> dict[str, Any] | None:
    """The package as it was handed in; None before there is one, or once it has been erased."""
    request = reader.request(row.id)
    if request is None:
        return None
    rules = library.rules(row.regulation, row.calendar)
    report = examine(request, Channel(row.channel), rules.regulation)
    return {
        **report_view(report),
        "documents": [
            {"kind": document.kind, "child": document.child, "parents": list(document.parents)}
            for document in request.documents
        ],
    }


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: told(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
