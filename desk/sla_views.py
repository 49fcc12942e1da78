"""How limits and figures are told: the same fields as a table, as JSON, in an export and in the SQL views."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from desk.supervision import Told
from desk.views import told
from models.library import Library
from models.lifecycle import Channel
from models.measures import held
from models.regulation import ClockKind, Minutes, Unit, WorkingDays
from models.supervision import BucketRow, HeatRow, HistoryRow, Spread, Standing, SummaryRow

View = dict[str, Any]

BREACH = (
    "application",
    "registration_number",
    "clock",
    "channel",
    "office",
    "officer",
    "stage",
    "unit",
    "limit",
    "started_at",
    "due_at",
    "stopped_at",
    "state",
    "overrun",
    "late_minutes",
    "held_minutes",
    "waited_minutes",
)
"""A breach. `limit`, `overrun` in its unit; the minutes on the wall: late, in somebody's hands, in nobody's."""

AT_RISK = (*BREACH[:11], "left_minutes", "held_minutes", "waited_minutes")
"""What is about to pass; `left_minutes` on the wall."""

_SPREADS = tuple(f"{what}_{which}" for what in ("taken", "overrun") for which in ("p50", "p90", "p95", "p99"))
SUMMARY = (
    *("key", "unit", "count", "running", "met", "passed", "ended", "on_time_share"),
    *_SPREADS,
    *("worst_overrun", "worst_application", "held_share"),
)
"""The figures of a group; times in its unit."""

BUCKETS = ("office", "days_left", "count")
HEAT = ("weekday", "hour", "count")
HISTORY = ("day", "accepted", "finished", "passed", "backlog")

_MINUTE = 60
_MICROSECONDS = 60_000_000


def breach_view(breach: Told, as_of: datetime, library: Library) -> View:
    """A breach with what happened before, and with whom the file was meanwhile."""
    return {**breach_row(breach, as_of, library), **_story(breach)}


def breach_row(breach: Told, as_of: datetime, library: Library) -> View:
    """A breach in one line, by the columns of `BREACH`."""
    stopped_at = _stopped_by(breach, as_of)
    return {
        **_limit(breach, library),
        "stopped_at": told(stopped_at),
        "state": Standing.OPEN if stopped_at is None else Standing.CLOSED,
        "overrun": in_unit(Unit(breach.row.unit), breach.overrun),
        "late_minutes": breach.late_by // _MICROSECONDS,
        **_hands(breach, stopped_at or as_of),
    }


def risk_row(risk: Told, as_of: datetime, library: Library) -> View:
    """What is about to pass in one line, by the columns of `AT_RISK`."""
    left = (risk.row.due_at - as_of) // timedelta(minutes=1)
    return {**_limit(risk, library), "left_minutes": left, **_hands(risk, as_of)}


def _stopped_by(breach: Told, as_of: datetime) -> datetime | None:
    stopped_at: datetime | None = breach.row.stopped_at
    return stopped_at if stopped_at is not None and stopped_at <= as_of else None


def _limit(one: Told, library: Library) -> View:
    row = one.row
    return {
        "application": row.application,
        "registration_number": one.story.registration_number,
        "clock": row.clock,
        "channel": row.channel,
        "office": row.office,
        "officer": row.officer,
        "stage": row.stage,
        "unit": row.unit,
        "limit": row.allowed or allowed(library, one.story.regulation, row.clock, row.channel),
        "started_at": told(row.started_at),
        "due_at": told(row.due_at),
    }


def allowed(library: Library, regulation: str, clock: str, channel: str) -> int | None:
    """How many minutes or working days the regulation allows; a clock of an older Tirek does not say it itself."""
    rules = library.regulations.get(regulation)
    term = rules.term(ClockKind(clock), Channel(channel)) if rules else None
    match term:
        case Minutes():
            return term.minutes
        case WorkingDays():
            return term.working_days
        case _:
            return None


def _hands(one: Told, until: datetime) -> View:
    """How long of the clock's run somebody had the file, and how long it lay."""
    start = one.row.started_at
    in_hand = held(((holding["since"], holding["until"]) for holding in one.story.holdings), start, until)
    lay, minute = max(until - start - in_hand, timedelta()), timedelta(minutes=1)
    return {"held_minutes": in_hand // minute, "waited_minutes": lay // minute}


def _story(one: Told) -> View:
    return {
        "holdings": [
            {"officer": holding["officer"], "since": told(holding["since"]), "until": told(holding["until"])}
            for holding in one.story.holdings
        ],
        "facts": [
            {"number": fact["number"], "at": told(fact["at"]), "fact": fact["fact"], "by": fact["by"]}
            | {"stage": fact["stage"]}
            for fact in one.story.facts
        ],
    }


def in_unit(unit: Unit, value: int) -> float | int:
    """A time in its unit: minutes to the hundredth, whole working days."""
    return round(value / _MINUTE, 2) if unit is Unit.MINUTES else value


def summary_rows(rows: Iterable[SummaryRow]) -> list[View]:
    return [_summary(row) for row in rows]


def _summary(row: SummaryRow) -> View:
    return {
        "key": row.key,
        "unit": row.unit,
        "count": row.count,
        "running": row.running,
        "met": row.met,
        "passed": row.passed,
        "ended": row.ended,
        "on_time_share": None if row.on_time is None else round(row.on_time, 4),
        **_spread("taken", row.unit, row.taken),
        **_spread("overrun", row.unit, row.overrun),
        "worst_overrun": in_unit(row.unit, row.overrun.most) if row.overrun else None,
        "worst_application": row.worst,
        "held_share": None if row.held is None else round(row.held, 4),
    }


def _spread(what: str, unit: Unit, spread: Spread | None) -> View:
    found: Mapping[str, int] = spread.model_dump() if spread else {}
    names = ("p50", "p90", "p95", "p99")
    return {f"{what}_{name}": in_unit(unit, found[name]) if found else None for name in names}


def bucket_rows(rows: Iterable[BucketRow]) -> list[View]:
    return [row.model_dump() for row in rows]


_BOUNDS = (
    *((-11, "<-10"), (-6, "-10…-6"), (-2, "-5…-2"), (-1, "-1"), (0, "0"), (1, "1"), (2, "2")),
    *((5, "3–5"), (10, "6–10")),
)
_BEYOND = ">10"
BUCKET_BOUNDS = tuple(last for last, _ in _BOUNDS)
BUCKET_NAMES = (*(name for _, name in _BOUNDS), _BEYOND)
"""Working days left, as a grid shows them; each column up to its bound."""


def bucket_of(days_left: int) -> str:
    """The column of the grid in which so many working days left stand."""
    return next((name for last, name in _BOUNDS if days_left <= last), _BEYOND)


def bucket_grid(rows: Iterable[BucketRow]) -> tuple[tuple[str, ...], list[View]]:
    """The columns of the grid, and a row for each office."""
    grid: dict[str, View] = {}
    for row in rows:
        cells = grid.setdefault(row.office, {"office": row.office, **dict.fromkeys(BUCKET_NAMES, 0)})
        cells[bucket_of(row.days_left)] += row.count
    return ("office", *BUCKET_NAMES), list(grid.values())


def history_rows(rows: Iterable[HistoryRow]) -> list[View]:
    return [row.model_dump(mode="json") for row in rows]


def heat_rows(rows: Iterable[HeatRow]) -> list[View]:
    return [row.model_dump() for row in rows]


def heat_grid(rows: Iterable[HeatRow]) -> tuple[tuple[str, ...], list[View]]:
    """The hours in which anything was due that has passed, and a row for each weekday, 1 to 7."""
    counts = {(row.weekday, row.hour): row.count for row in rows}
    hours = sorted({hour for _, hour in counts})
    grid = [
        {"weekday": day, **{f"{hour:02}": counts.get((day, hour), 0) for hour in hours}} for day in range(1, 8)
    ]
    return ("weekday", *(f"{hour:02}" for hour in hours)), grid
