"""Months whose figures are kept ready: those of the limits that were due in them and have been stopped.

A stop that is written after the month's end leaves a row in `late_write`, in the transaction that writes the
stop; until somebody has counted the month anew, it is counted when it is asked for. Whoever counts sees one
snapshot, and takes away the rows of that snapshot only: a stop that it did not see keeps its row.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from adapters.database import tables as t
from adapters.database.engine import snapshot
from adapters.database.supervision.standing import c
from adapters.database.supervision.stopped import add_stopped
from adapters.database.supervision.tally import Tallies, Tally, pack, unpack
from adapters.host_clock import host_now
from models.calendar import add_months
from models.clocks import Outcome
from models.data import local_day, local_midnight
from models.regulation import Unit
from models.supervision import Grouping, Sought, iso_week

_PARTS = {"month": None, "day": c.due_on, "hour": c.due_hour}
"""A month is kept as a whole, by its days, and by the hours of the day."""
_OF = {Grouping.DAY: "day", Grouping.WEEK: "day", Grouping.HOUR: "hour"}
_ONE_DAY = timedelta(days=1)
_KEYS = ("clock", "channel", "office", "officer", "stage", "unit")

Span = tuple[datetime | None, datetime | None]
"""From a due instant, included, to another one, not included; None: no end on that side."""


def add_kept(connection: Connection, sought: Sought, by: Grouping, tallies: Tallies) -> list[Span]:
    """Add the months that are kept ready; the spans of due instants that are left to be counted."""
    months = list(_usable(connection, sought))
    if months:
        for row in connection.execute(_figures(sought, by, months)).mappings():
            _add(row, tallies[_group(by, row), Unit(row["unit"])])
    return list(_left(sought, months))


def _group(by: Grouping, row: RowMapping) -> str | None:
    match by:
        case Grouping.MONTH:
            return f"{row['month']:%Y-%m}"
        case Grouping.WEEK:
            return iso_week(date.fromisoformat(row["part"]))
        case Grouping.DAY | Grouping.HOUR:
            return str(row["part"])
        case _:
            return row[by] or None


def _usable(connection: Connection, sought: Sought) -> Iterator[date]:
    """In order: the kept months that lie within what is asked, with nothing stopped after `as_of`."""
    k = t.kept_month.c
    written_late = select(t.late_write.c.month).where(t.late_write.c.month == k.month).exists()
    query = select(k.month, k.last_stop).where(~written_late).order_by(k.month)
    for month, last_stop in connection.execute(query):
        begins, ends = local_midnight(month), local_midnight(add_months(month, 1))
        is_within = (sought.due_from is None or sought.due_from <= begins) and (
            sought.due_before is None or ends <= sought.due_before
        )
        if is_within and (last_stop is None or last_stop <= sought.as_of):
            yield month


def _figures(sought: Sought, by: Grouping, months: list[date]) -> Any:
    m = t.month_figures.c
    wanted = {"clock": sought.clock, "channel": sought.channel, "office": sought.office, "officer": sought.officer}
    asked = [m[name] == value for name, value in wanted.items() if value is not None]
    return select(t.month_figures).where(m.by == _OF.get(by, "month"), m.month.in_(months), *asked)


def _add(row: RowMapping, tally: Tally) -> None:
    for outcome in (Outcome.MET, Outcome.PASSED, Outcome.ENDED):
        tally.outcomes[outcome] += row[outcome]
    for counter, packed in ((tally.taken, row["taken"]), (tally.overrun, row["overrun"])):
        for value, count in unpack(packed):
            counter[value] += count
    tally.ran += row["ran"]
    tally.held += row["held"]
    if row["worst_late_by"] is not None:
        tally.may_be_worst(row["worst_late_by"], row["worst_application"])


def _left(sought: Sought, months: list[date]) -> Iterator[Span]:
    since = sought.due_from
    for month in months:
        begins = local_midnight(month)
        if since is None or since < begins:
            yield since, begins
        since = local_midnight(add_months(month, 1))
    if sought.due_before is None or since is None or since < sought.due_before:
        yield since, sought.due_before


def keep_months(engine: Engine, most: int = 1) -> int:
    """Count months that are over and not kept ready, the newest first; returns how many were counted."""
    done = 0
    for month in _to_be_counted(engine)[:most]:
        try:
            with snapshot(engine, writes=True) as connection:
                count_month(connection, month)
        except (IntegrityError, OperationalError):  # somebody else counts it, or has written into it meanwhile
            continue
        done += 1
    return done


def _to_be_counted(engine: Engine) -> list[date]:
    k = t.kept_month.c
    # A stop that is being written knows its month by the host's clock: a day on, none of before midnight is left.
    this = local_day(host_now() - _ONE_DAY).replace(day=1)
    with snapshot(engine) as connection:
        first = connection.execute(select(func.min(c.due_at))).scalar()
        kept = set(connection.execute(select(k.month)).scalars())
        late = set(connection.execute(select(t.late_write.c.month).distinct()).scalars())
    if first is None:
        return []
    months: list[date] = []
    month = add_months(this, -1)
    while month >= local_day(first).replace(day=1):
        if month not in kept or month in late:
            months.append(month)
        month = add_months(month, -1)
    return months


def count_month(connection: Connection, month: date) -> None:
    for table in (t.late_write, t.month_figures, t.kept_month):
        connection.execute(delete(table).where(table.c.month == month))
    begins, ends = local_midnight(month), local_midnight(add_months(month, 1))
    is_of_it = (c.limit, c.stopped_at.is_not(None), c.due_at >= begins, c.due_at < ends)
    last_stop = connection.execute(select(func.max(c.stopped_at)).where(*is_of_it)).scalar()
    for by in _PARTS:
        rows = list(_rows(connection, month, by, and_(*is_of_it)))
        if rows:
            connection.execute(insert(t.month_figures), rows)
    connection.execute(insert(t.kept_month), [{"month": month, "last_stop": last_stop, "kept_at": host_now()}])


def _rows(connection: Connection, month: date, by: str, is_of_it: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    """The figures of a month's limits, as a whole or by a part of it."""
    tallies: defaultdict[tuple[str, ...], Tally] = defaultdict(Tally)
    part = _PARTS[by]
    keys = [c[name].label(name) for name in _KEYS] + ([] if part is None else [part.label("part")])
    add_stopped(connection, keys, is_of_it, lambda row: tallies[_key(row)])
    for key, tally in tallies.items():
        yield {"month": month, "by": by, **_row(key, tally)}


def _key(row: RowMapping) -> tuple[str, ...]:
    return (*(row[name] or "" for name in _KEYS), _part(row.get("part")))


def _part(value: date | int | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else f"{value:02}"


def _row(key: tuple[str, ...], tally: Tally) -> dict[str, Any]:
    worst = tally.worst or (None, None)
    return {
        **dict(zip((*_KEYS, "part"), key, strict=True)),
        **{str(outcome): tally.outcomes[outcome] for outcome in (Outcome.MET, Outcome.PASSED, Outcome.ENDED)},
        "ran": tally.ran,
        "held": tally.held,
        "taken": pack(tally.taken),
        "overrun": pack(tally.overrun),
        "worst_late_by": worst[0],
        "worst_application": worst[1],
    }
