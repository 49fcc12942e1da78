"""The calendar in force as rows, so that the views of supervisors can count working days."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select

from adapters.calendars import reaching_back
from adapters.database import tables as t
from adapters.database.dialect import alone
from adapters.database.engine import writing
from adapters.database.supervision.history import first_day
from models.calendar import Calendar
from models.library import content_hash


def keep_days(engine: Engine, calendar: Calendar) -> bool:
    """Write the days of the calendar, from the record's first year on, if others are there; whether they were."""
    d, key = t.counted_day.c, content_hash(calendar)
    with engine.connect() as connection:
        first = first_day(connection)
        kept = connection.execute(select(func.min(d.day), func.min(d.calendar), func.max(d.calendar))).one()
    reaching = reaching_back(calendar, first.year) if first else calendar
    if kept[0] is not None and kept[0].year <= reaching.first_year and {kept[1], kept[2]} == {key}:
        return False
    with writing(engine) as connection:
        alone(connection, t.counted_day)
        connection.execute(delete(t.counted_day))
        connection.execute(insert(t.counted_day), list(_rows(reaching, key)))
    return True


def _rows(calendar: Calendar, key: str) -> Iterator[dict[str, Any]]:
    for day, number in calendar.numbered_days.items():
        yield {"day": day, "is_worked": calendar.is_working(day), "number": number, "calendar": key}
