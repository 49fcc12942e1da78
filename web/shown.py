"""What the board shows, as of one instant: how things stand now, and what came of a period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from desk.answering import Answer, Answering
from desk.asking import one_of, read_days, read_sought
from desk.bucket_spans import Span, bucket_spans
from desk.sla_views import bucket_of
from models.data import local_midnight
from models.regulation import ClockKind
from models.supervision import BucketRow, Grouping, Sort, Sought

View = Mapping[str, Any]

NARROWS = ("clock", "channel", "office", "officer")
"""What both halves of the board are narrowed by."""
_ROWS = 10
_NEAR_DAYS = 2
_ONE_DAY = timedelta(days=1)
_HOURS = range(9, 19)


@dataclass(frozen=True)
class Cell:
    """How many run in an office with so many working days left, and when they are due."""

    span: Span
    count: int


@dataclass(frozen=True)
class Figures:
    """The row of figures. `typical`: the summary of the clock whose percentiles are shown."""

    running: int
    passed_open: int
    near: int
    passed: int
    on_time: float | None
    typical: View | None


@dataclass(frozen=True)
class Board:
    """`near`: the due instants of what is about to pass; `first`, `last`: the days of the period."""

    as_of: datetime
    first: date
    last: date
    clock: ClockKind
    by: Grouping
    figures: Figures
    near: tuple[datetime | None, datetime | None]
    grid: Mapping[str, tuple[Cell, ...]]
    recent: Answer
    risk: Answer
    heat: Mapping[tuple[int, int], int]
    hours: tuple[int, ...]
    history: tuple[View, ...]
    summary: tuple[View, ...]


def look(answering: Answering, words: Mapping[str, str], now: datetime) -> Board:
    """The whole board. MalformedError names the word that is wrong."""
    stands = read_sought({name: words.get(name) for name in (*NARROWS, "as-of")}, answering.library, now)
    first, last = read_days(words.get("from"), words.get("to"), stands.as_of)
    ends = {"due_from": local_midnight(first), "due_before": local_midnight(last + _ONE_DAY)}
    period = stands.model_copy(update=ends)
    by = one_of("by", words.get("by") or Grouping.CLOCK, Grouping)
    running = answering.supervision.buckets(stands)
    spans = bucket_spans(stands.as_of, answering.supervision.calendar)
    near = _near(spans)
    heat = {(row["weekday"], row["hour"]): row["count"] for row in answering.heat(period).rows}
    by_clock = tuple(answering.summary(period, Grouping.CLOCK).rows)
    clock = stands.clock or ClockKind.PROCESSING
    return Board(
        as_of=stands.as_of,
        first=first,
        last=last,
        clock=clock,
        by=by,
        figures=_figures(running, by_clock, clock),
        near=near,
        grid=_grid(running, spans),
        recent=answering.breaches(period, Sort.RECENT, _ROWS),
        risk=_risk(answering, stands, near),
        heat=heat,
        hours=tuple(sorted({*_HOURS, *(hour for _, hour in heat)})),
        history=tuple(answering.history(stands, first.isoformat(), last.isoformat()).rows),
        summary=by_clock if by is Grouping.CLOCK else tuple(answering.summary(period, by).rows),
    )


def count_passed(answering: Answering, words: Mapping[str, str], now: datetime) -> int:
    """How many run that have passed: what a page tells of when one more does."""
    sought = read_sought({name: words.get(name) for name in (*NARROWS, "as-of")}, answering.library, now)
    return sum(row.count for row in answering.supervision.buckets(sought) if row.days_left < 0)


def _near(spans: list[Span]) -> tuple[datetime | None, datetime | None]:
    """From now to the end of the second working day from now."""
    of_days = {str(days) for days in range(_NEAR_DAYS + 1)}
    columns = [span for span in spans if span.name in of_days]
    return columns[0].since, columns[-1].until


def _risk(answering: Answering, stands: Sought, near: tuple[datetime | None, datetime | None]) -> Answer:
    ends = {"due_from": near[0], "due_before": near[1]}
    return answering.at_risk(stands.model_copy(update=ends), None, _ROWS)


def _figures(running: list[BucketRow], by_clock: Iterable[View], clock: ClockKind) -> Figures:
    rows = list(by_clock)
    met, passed = (sum(row[name] for row in rows) for name in ("met", "passed"))
    return Figures(
        running=sum(row.count for row in running),
        passed_open=sum(row.count for row in running if row.days_left < 0),
        near=sum(row.count for row in running if 0 <= row.days_left <= _NEAR_DAYS),
        passed=passed,
        on_time=met / (met + passed) if met + passed else None,
        typical=next((row for row in rows if row["key"] == clock), None),
    )


def _grid(running: list[BucketRow], spans: list[Span]) -> dict[str, tuple[Cell, ...]]:
    counts: dict[str, dict[str, int]] = {}
    for row in running:
        of_office = counts.setdefault(row.office, {})
        name = bucket_of(row.days_left)
        of_office[name] = of_office.get(name, 0) + row.count
    return {
        office: tuple(Cell(span, of_office.get(span.name, 0)) for span in spans)
        for office, of_office in sorted(counts.items())
    }
