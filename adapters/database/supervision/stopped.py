"""Counts the limits that were stopped: how often each value occurred, and which was late by most."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Connection, Label, RowMapping, func, select

from adapters.database.supervision.standing import c
from adapters.database.supervision.tally import Tally
from models.clocks import Outcome


def add_stopped(
    connection: Connection,
    keys: Sequence[Label[object]],
    is_wanted: ColumnElement[bool],
    tally_of: Callable[[RowMapping], Tally],
) -> None:
    """Add what is wanted to the tally of its row, which has a column for each key."""
    by = [key.element for key in keys]
    values = (c.outcome, c.taken, c.overrun)
    sums = (func.count().label("count"), func.sum(c.ran).label("ran_sum"), func.sum(c.held).label("held_sum"))
    query = select(*keys, *values, *sums).where(is_wanted).group_by(*by, *values)
    for row in connection.execute(query).mappings():
        tally = tally_of(row)
        tally.stopped(Outcome(row["outcome"]), row["taken"], row["overrun"], row["count"])
        tally.ran += int(row["ran_sum"] or 0)
        tally.held += int(row["held_sum"] or 0)
    place = func.row_number().over(partition_by=by, order_by=[c.late_by.desc(), c.application])
    told = (*keys, c.late_by, c.application, place.label("place"))
    late = select(*told).where(is_wanted, c.late_by.is_not(None)).subquery()
    for row in connection.execute(select(late).where(late.c.place == 1)).mappings():
        tally_of(row).may_be_worst(row["late_by"], row["application"])
