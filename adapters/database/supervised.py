"""A clock as a row: the clock itself, and beside it what supervisors ask for.

`officer`, `stage`: while it runs in time, who has the file and where it stands; then who had it and where it
stood when the limit passed or the clock was stopped. `due_on`, `due_hour`: on the wall in Karaganda. `late_by`:
by how many microseconds a limit was stopped too late. `ran`: how many seconds on the wall; `held`: in how many of
them somebody had the file in hand.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from models.clocks import Clock, Outcome
from models.data import ALMATY, local_day
from models.measures import held
from models.state import State

_MICROSECOND, _SECOND = timedelta(microseconds=1), timedelta(seconds=1)
_OTHERWISE = frozenset({"held_by", "stage", "former"})


def clock_row(clock: Clock, state: State) -> dict[str, Any]:
    """The row of a clock, without the application's id."""
    return {
        **clock.model_dump(exclude=set(_OTHERWISE)),
        "channel": state.opening.channel,
        "officer": clock.held_by if _is_settled(clock) else state.holder,
        "stage": clock.stage if _is_settled(clock) else state.stage,
        **_on_the_wall(clock.due_at),
        "late_by": _late_by(clock),
        "ran": None if clock.stopped_at is None else (clock.stopped_at - clock.started_at) // _SECOND,
        "held": _held(clock, state),
        "begun_on": local_day(clock.set_running_at),
        "stopped_on": None if clock.stopped_at is None else local_day(clock.stopped_at),
        "replanned_at": clock.former[-1].until if clock.former else None,
    }


def former_rows(clock: Clock) -> Iterator[dict[str, Any]]:
    """The rows of what a clock was due at before, without the application's id."""
    since = None
    for number, former in enumerate(clock.former, start=1):
        wall = _on_the_wall(former.due_at)
        yield {"clock": clock.clock, "number": number, "since": since, **former.model_dump(), **wall}
        since = former.until


def clock_of(row: dict[str, Any], former: Iterable[dict[str, Any]]) -> Clock:
    """The clock of a row, with its rows of what it was due at before, in order."""
    clock = Clock.model_validate({name: row[name] for name in Clock.model_fields if name not in _OTHERWISE})
    of_it = [{"until": one["until"], "due_at": one["due_at"]} for one in former if one["clock"] == clock.clock]
    where = {"held_by": row["officer"], "stage": row["stage"]} if _is_settled(clock) else {}
    return Clock.model_validate({**clock.model_dump(), **where, "former": of_it})


def _is_settled(clock: Clock) -> bool:
    """Whether with whom and where it stood is said for good."""
    return clock.stopped_at is not None or clock.outcome is Outcome.PASSED


def _late_by(clock: Clock) -> int | None:
    if not clock.limit or clock.stopped_at is None or clock.stopped_at <= clock.due_at:
        return None
    return (clock.stopped_at - clock.due_at) // _MICROSECOND


def _held(clock: Clock, state: State) -> int | None:
    stopped = clock.stopped_at
    if stopped is None:
        return None
    hands = ((holding.since, holding.until) for holding in state.holdings)
    return held(hands, clock.started_at, stopped) // _SECOND


def _on_the_wall(due_at: datetime) -> dict[str, Any]:
    due = due_at.astimezone(ALMATY)
    return {"due_on": due.date(), "due_hour": due.hour}
