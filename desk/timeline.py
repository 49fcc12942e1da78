"""The story of an application for supervisors: who had it for how long, which limits ran, and what happened.

Nothing personal is in it: neither the request nor what people wrote is read.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from desk.sla_views import allowed, in_unit
from desk.views import told
from models.calendar import Calendar
from models.clocks import Clock, Outcome
from models.errors import UnknownApplicationError
from models.library import Library
from models.lifecycle import FINAL, Stage
from models.measures import held, overrun
from models.recall import stage_of_story

View = dict[str, Any]

_MINUTE = timedelta(minutes=1)


def timeline(reader: RecordReader, library: Library, calendar: Calendar, reference: str, as_of: datetime) -> View:
    """An application with its recalls, or a recall alone, as it stands now. UnknownApplicationError."""
    row = reader.find(reference)
    if row is None:
        raise UnknownApplicationError(f"there is no application {reference[:80]!r}")
    files = [row, *(reader.recalls(row.id) if row.recall_of is None else [])]
    last = files[-1]
    return {
        "application": row.id,
        "recall_of": row.recall_of,
        "registration_number": row.registration_number,
        "channel": row.channel,
        "office": row.office,
        "stage": stage_of_story(Stage(row.stage), Stage(last.stage) if len(files) > 1 else None),
        "holder": last.holder,
        "opened_at": told(row.opened_at),
        "as_of": told(as_of),
        "parts": [_part(reader, library, calendar, file, as_of) for file in files],
    }


def _part(reader: RecordReader, library: Library, calendar: Calendar, file: Row[Any], as_of: datetime) -> View:
    """The application itself, or one of its recalls."""
    holdings = [(one["officer"], one["since"], one["until"]) for one in reader.rows(file.id)["holding"]]
    facts, end = reader.facts(file.id), file.changed_at if file.stage in FINAL else as_of
    spans = _spans(holdings, file.opened_at, end)
    return {
        "id": file.id,
        "is_recall": file.recall_of is not None,
        "clocks": [_clock(one, file, holdings, library, calendar, as_of) for one in reader.clocks(file.id)],
        "holdings": [
            {"officer": who, "since": told(since), "until": told(until), "minutes": (until - since) // _MINUTE}
            for who, since, until in spans
        ],
        "facts": [
            {"number": fact.number, "at": told(fact.at), "fact": fact.fact, "by": fact.by, "stage": fact.stage}
            | {"clock": fact.details.get("clock")}
            for fact in facts
        ],
    }


Holding = tuple[str | None, datetime, datetime | None]


def _spans(
    holdings: Sequence[Holding], start: datetime, end: datetime
) -> Iterator[tuple[str | None, datetime, datetime]]:
    """Who had the file when, without a gap: where nobody had it, it lay."""
    for officer, since, until in holdings:
        if since > start:
            yield None, start, since
        start = min(until or end, end)
        yield officer, since, start
    if start < end:
        yield None, start, end


def _clock(
    clock: Clock,
    file: Row[Any],
    holdings: Sequence[Holding],
    library: Library,
    calendar: Calendar,
    as_of: datetime,
) -> View:
    end = clock.stopped_at or as_of
    has_passed = clock.limit and clock.due_at < end
    in_hand = held(((since, until) for _, since, until in holdings), clock.started_at, end)
    late = _late(clock, end, calendar) if has_passed else 0
    return {
        "clock": clock.clock,
        "office": clock.office,
        "unit": clock.unit,
        "limit": clock.allowed or allowed(library, file.regulation, clock.clock, file.channel),
        "started_at": told(clock.started_at),
        "due_at": told(clock.due_at),
        "stopped_at": told(clock.stopped_at),
        "outcome": Outcome.PASSED if has_passed else clock.outcome,
        "overrun": in_unit(clock.unit, late) if clock.unit and has_passed else None,
        "late_minutes": (end - clock.due_at) // _MINUTE if has_passed else None,
        "held_minutes": in_hand // _MINUTE,
        "waited_minutes": max(end - clock.started_at - in_hand, timedelta()) // _MINUTE,
    }


def _late(clock: Clock, end: datetime, calendar: Calendar) -> int:
    if clock.overrun is not None or clock.unit is None:
        return clock.overrun or 0
    return overrun(clock.unit, clock.due_at, end, calendar)
