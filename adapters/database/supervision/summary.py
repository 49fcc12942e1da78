"""Counts and times of limits by group: months that are kept ready, and what is counted when it is asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, extract, func, or_

from adapters.database.supervision.months import Span, add_kept
from adapters.database.supervision.standing import Ran, asked, c, wants, what_ran
from adapters.database.supervision.stopped import add_stopped
from adapters.database.supervision.tally import Tallies
from models.clocks import Outcome
from models.regulation import Unit
from models.supervision import Grouping, Sought, Standing, SummaryRow, iso_week

Overrun = Callable[[Unit, datetime], int]
"""How much, in its unit, a limit of some due instant has overrun by the instant that is asked about."""

_MICROSECOND = timedelta(microseconds=1)


def summarise(
    connection: Connection, sought: Sought, by: Grouping, overrun: Overrun, *, kept: bool = True
) -> list[SummaryRow]:
    """The figures of each group; `kept`: whether months may be used that are kept ready."""
    tallies = Tallies()
    if wants(sought, Standing.CLOSED):
        everything: list[Span] = [(sought.due_from, sought.due_before)]
        spans = add_kept(connection, sought, by, tallies) if kept else everything
        _add_stopped(connection, sought, by, spans, tallies)
    if wants(sought, Standing.OPEN):
        _add_running(connection, sought, by, tallies)
        _add_late_running(connection, sought, by, overrun, tallies)
    return list(tallies.rows())


def _within(spans: Sequence[Span]) -> ColumnElement[bool]:
    each = [and_(*_ends(c.due_at, since, until)) for since, until in spans]
    return or_(*each) if each else c.due_at.is_(None)


def _ends(due_at: ColumnElement[Any], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    ends = [due_at >= since] if since else []
    return [*ends, due_at < until] if until else (ends or [due_at.is_not(None)])


def _add_stopped(
    connection: Connection, sought: Sought, by: Grouping, spans: Sequence[Span], tallies: Tallies
) -> None:
    """What was stopped by then: how often each value occurred."""
    if not spans:
        return
    keys = _keys(by, c.due_on, c.due_hour, c.officer, c.stage)
    is_asked = and_(c.stopped_at <= sought.as_of, _within(spans), *asked(sought, c.due_at))
    labelled = [*_told(keys), c.unit.label("unit")]
    add_stopped(connection, labelled, is_asked, lambda row: tallies[_key(by, row), Unit(row["unit"])])


def _add_running(connection: Connection, sought: Sought, by: Grouping, tallies: Tallies) -> None:
    """What ran and had not passed: only counted."""
    for ran in what_ran(sought):
        keys = _keys_of(by, ran)
        query = ran.query.with_only_columns(*_told(keys), c.unit, func.count().label("count"))
        for row in connection.execute(query.where(ran.due_at >= sought.as_of).group_by(*keys, c.unit)).mappings():
            tallies[_key(by, row), Unit(row["unit"])].outcomes[Outcome.RUNNING] += row["count"]


def _add_late_running(
    connection: Connection, sought: Sought, by: Grouping, overrun: Overrun, tallies: Tallies
) -> None:
    """What had passed and ran: few enough to be looked at one by one."""
    for ran in what_ran(sought):
        told = (*_told(_keys_of(by, ran)), c.unit, c.application, ran.due_at.label("due_at"))
        query = ran.query.with_only_columns(*told).where(ran.due_at < sought.as_of)
        for row in connection.execute(query).mappings():
            late_by = (sought.as_of - row["due_at"]) // _MICROSECOND
            tally = tallies[_key(by, row), Unit(row["unit"])]
            tally.runs_late(overrun(Unit(row["unit"]), row["due_at"]), late_by, row["application"])


def _keys_of(by: Grouping, ran: Ran) -> list[ColumnElement[Any]]:
    return _keys(by, ran.due_on, ran.due_hour, ran.officer, ran.stage)


def _keys(
    by: Grouping,
    due_on: ColumnElement[Any],
    due_hour: ColumnElement[Any],
    officer: ColumnElement[Any],
    stage: ColumnElement[Any],
) -> list[ColumnElement[Any]]:
    """What a group is told by, as the database knows it."""
    match by:
        case Grouping.OFFICER:
            return [officer]
        case Grouping.STAGE:
            return [stage]
        case Grouping.DAY | Grouping.WEEK:
            return [due_on]
        case Grouping.MONTH:
            return [extract("year", due_on), extract("month", due_on)]
        case Grouping.HOUR:
            return [due_hour]
        case Grouping.CLOCK | Grouping.CHANNEL | Grouping.OFFICE:
            return [c[by]]


def _told(keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    return [key.label(f"key_{number}") for number, key in enumerate(keys)]


def _key(by: Grouping, row: RowMapping) -> str | None:
    """The name of a row's group: an ISO day, week or month, an hour, or a code."""
    value = row["key_0"]
    match by:
        case Grouping.DAY:
            return str(value.isoformat())
        case Grouping.WEEK:
            return iso_week(value)
        case Grouping.MONTH:
            return f"{int(value)}-{int(row['key_1']):02}"
        case Grouping.HOUR:
            return f"{value:02}"
        case _:
            return value
