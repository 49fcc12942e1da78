"""What supervisors ask, and what they are told: limits passed and about to pass, and how long things take.

A limit has passed at an instant if its due instant lies before it and the clock was not stopped by the due
instant (C2, C3): arithmetic over the clocks, so what passes between two facts is included. Whatever is asked is
asked `as of` an instant, and answered as it stood then.
"""

from collections import Counter
from datetime import date
from enum import StrEnum

from models.data import Code, Data, Instant
from models.lifecycle import Channel
from models.regulation import ClockKind, Unit

LIMITS = tuple(kind for kind in ClockKind if kind is not ClockKind.RETENTION)
"""The clocks that are limits; keeping a result is a term, and nobody has missed anything by its end (R9)."""

PERCENTILES = (50, 90, 95, 99)


class Standing(StrEnum):
    """Whether a clock still runs."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class Sort(StrEnum):
    """The order of a list of breaches: the longest overrun, the earliest or the latest due instant first."""

    OVERRUN = "overrun"
    DUE = "due"
    RECENT = "recent"


class Grouping(StrEnum):
    """What a summary has a row for; days, weeks, months and hours are those of the due instant, in Karaganda."""

    CLOCK = "clock"
    CHANNEL = "channel"
    OFFICE = "office"
    OFFICER = "officer"
    STAGE = "stage"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    HOUR = "hour"


class Sought(Data):
    """Which limits are asked about; None: all. `due_from` is included, `due_before` is not."""

    as_of: Instant
    clock: ClockKind | None = None
    channel: Channel | None = None
    office: Code | None = None
    officer: Code | None = None
    due_from: Instant | None = None
    due_before: Instant | None = None
    state: Standing = Standing.ALL


class Spread(Data):
    """How values are spread: percentiles by nearest rank, so each of them is a value that occurred."""

    p50: int
    p90: int
    p95: int
    p99: int
    most: int


class SummaryRow(Data):
    """The figures of one group of limits that are counted in one unit.

    `count` = running + met + passed + ended. `passed` includes what still runs. `on_time`: met among met and
    passed. `taken`: of what was stopped with its goal or too late; `overrun`: of what has passed. `held`: which
    share of the time that it took somebody had the file in hand. `worst`: the application that overran longest.
    """

    key: str | None
    unit: Unit
    count: int
    running: int
    met: int
    passed: int
    ended: int
    on_time: float | None
    taken: Spread | None
    overrun: Spread | None
    held: float | None
    worst: str | None


class BucketRow(Data):
    """The running limits of an office that have so many working days left, or, below 0, are so many past."""

    office: Code
    days_left: int
    count: int


class HeatRow(Data):
    """The limits that have passed and were due on such a weekday (1 is Monday) in such an hour, in Karaganda."""

    weekday: int
    hour: int
    count: int


class Pulse(Data):
    """How the limits stand now, told cheaply: what has changed if any of it has.

    `at`: as of when. `running` includes the `passed`. `newest`: when the last of these was due; `next_due`: when
    the next one is.
    """

    at: Instant

    running: int
    passed: int
    newest: Instant | None
    next_due: Instant | None


class HistoryRow(Data):
    """One day: how many were begun, stopped and passed on it, and how many ran at its end."""

    day: date
    accepted: int
    finished: int
    passed: int
    backlog: int


def iso_week(day: date) -> str:
    """The ISO week of a day: 2026-W48."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def spread(values: Counter[int]) -> Spread | None:
    """The percentiles of values with their frequencies, by nearest rank; None of nothing."""
    total = values.total()
    if total == 0:
        return None
    ordered = sorted(values.items())
    wanted = {percent: -(-total * percent // 100) for percent in PERCENTILES}
    found: dict[str, int] = {}
    seen = 0
    for value, count in ordered:
        seen += count
        for percent, rank in wanted.items():
            if seen >= rank:
                found.setdefault(f"p{percent}", value)
    return Spread(**found, most=ordered[-1][0])
