"""Random histories for the questions of supervisors: clocks, holders and stages at random instants of a season."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.database.supervised import clock_row, former_rows
from models.clocks import Clock, FormerDue, Outcome
from models.journal import FactName
from models.library import content_hash
from models.lifecycle import Channel, Stage
from models.measures import overrun
from models.messages import Opening
from models.regulation import ClockKind, Unit
from models.state import Holding, State
from models.supervision import LIMITS, Standing
from tests.models.builders import CALENDAR, REGULATION, at

SEASON = at("2026-03-02 09:00")
NOW = SEASON + timedelta(days=80)
OFFICES = ("sc-karaganda", "education-karaganda", "egov-portal")
OFFICERS = ("specialist-1", "specialist-2", "sc-intake-1")
STAGES = (Stage.QUEUED, Stage.UNDER_REVIEW, Stage.AWAITING_APPROVAL, Stage.READY)
UNITS = {
    ClockKind.WAITING: Unit.MINUTES,
    ClockKind.SERVICE: Unit.MINUTES,
    ClockKind.PROCESSING: Unit.WORKING_DAYS,
    ClockKind.RECALL: Unit.WORKING_DAYS,
    ClockKind.RETENTION: Unit.MONTHS,
}


@dataclass
class File:
    """An application as a test made it up: its clocks as they are at the end of the season, and its hands."""

    id: str
    channel: Channel
    clocks: list[Clock] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    moves: list[tuple[datetime, Stage]] = field(default_factory=list)

    def holder_at(self, instant: datetime) -> str | None:
        for holding in self.holdings:
            if holding.since <= instant and (holding.until is None or holding.until > instant):
                return holding.officer
        return None

    def stage_at(self, instant: datetime) -> Stage | None:
        stages = [stage for when, stage in self.moves if when <= instant]
        return stages[-1] if stages else None


def instants(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    """Whole minutes, now and then with a part of a second: ties and near misses both occur."""
    minutes = st.integers(0, int((last - first).total_seconds()) // 60)
    return st.builds(
        lambda minute, micro: first + timedelta(minutes=minute, microseconds=micro),
        minutes,
        st.sampled_from([0, 0, 0, 1, 999_999]),
    )


@st.composite
def clocks(draw: st.DrawFn, kind: ClockKind) -> dict[str, Any]:
    """When a clock runs, is due, was due before and is stopped; some wait for the next opening."""
    triggered = draw(instants(SEASON, NOW))
    started = triggered + timedelta(hours=draw(st.sampled_from([0, 0, 0, 14])))
    span = st.integers(1, 40) if UNITS[kind] is Unit.MINUTES else st.integers(60, 60 * 24 * 20)
    due = started + timedelta(minutes=draw(span))
    stop = draw(st.none() | st.sampled_from([due]) | st.builds(lambda m: started + timedelta(minutes=m), span))
    former: list[FormerDue] = []
    if UNITS[kind] is not Unit.MINUTES and draw(st.integers(0, 5)) == 0:
        moved = draw(instants(triggered, NOW))
        if stop is None or moved < stop:
            before = started + timedelta(minutes=draw(span))
            former = [] if before == due else [FormerDue(until=moved, due_at=before)]
    return {
        "triggered_at": None if triggered == started else triggered,
        "started_at": started,
        "due_at": due,
        "stopped_at": stop if stop is not None and stop <= NOW else None,
        "former": former,
    }


@st.composite
def files(draw: st.DrawFn, number: int) -> File:
    made = File(f"app-{number:03}", draw(st.sampled_from(list(Channel))))
    when = sorted(draw(st.lists(instants(SEASON, NOW), max_size=5, unique=True)))
    for since, until in zip(when[::2], [*when[1::2], None], strict=False):
        made.holdings.append(Holding(officer=draw(st.sampled_from(OFFICERS)), since=since, until=until))
    moves = sorted(draw(st.lists(instants(SEASON, NOW), max_size=4, unique=True)))
    made.moves = [(SEASON, Stage.NEW), *((move, draw(st.sampled_from(STAGES))) for move in moves)]
    kinds = draw(st.sets(st.sampled_from(list(ClockKind)), min_size=1, max_size=3))
    for kind in sorted(kinds):
        made.clocks.append(_clock(draw, made, kind))
    return made


def _clock(draw: st.DrawFn, made: File, kind: ClockKind) -> Clock:
    told = draw(clocks(kind))
    stop, due, limit = told["stopped_at"], told["due_at"], kind is not ClockKind.RETENTION
    outcome = Outcome.RUNNING
    # The fact of a limit that has passed may be on its way still; then nothing else has happened since.
    changes = [*(when for when, _ in made.moves), *(h.since for h in made.holdings)]
    changes += [h.until for h in made.holdings if h.until]
    is_noticed = max(changes, default=SEASON) > due or draw(st.booleans())
    if limit and ((stop is not None and stop > due) or (stop is None and due < NOW and is_noticed)):
        outcome = Outcome.PASSED
    elif stop is not None:
        outcome = draw(st.sampled_from([Outcome.MET, Outcome.MET, Outcome.ENDED]))
    settled = None if outcome is Outcome.RUNNING and stop is None else min(due, stop or due)
    return Clock(
        clock=kind,
        office=draw(st.sampled_from(OFFICES)),
        limit=limit,
        outcome=outcome,
        unit=UNITS[kind],
        allowed=draw(st.integers(1, 40)),
        taken=None if stop is None else draw(st.integers(0, 12)),
        overrun=None if stop is None else overrun(UNITS[kind], due, stop, CALENDAR),
        held_by=made.holder_at(settled) if settled else None,
        stage=made.stage_at(settled) if settled else None,
        **told,
    )


def worlds() -> st.SearchStrategy[list[File]]:
    return (
        st.integers(0, 12).flatmap(lambda count: st.tuples(*(files(number) for number in range(count)))).map(list)
    )


def written(engine: Engine, world: list[File]) -> None:
    """The world in place of whatever the record holds."""
    rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for file in world:
        for table, row in _rows(file):
            rows[table].append({"application": file.id, **row} if table is not t.application else row)
    with writing(engine) as connection:
        for table in reversed(_TABLES):
            connection.execute(delete(table))
        for table, several in rows.items():
            if several:
                connection.execute(insert(table), several)


_TABLES = (t.application, t.clock, t.former_due, t.holding, t.fact)


def _rows(file: File) -> Iterator[tuple[Any, dict[str, Any]]]:
    state = _state(file)
    yield (
        t.application,
        {
            "id": file.id,
            "registration_number": f"KRG-{file.id}",
            "stage": state.stage,
            "holder": state.holder,
            **state.opening.model_dump(include={"channel", "office", "regulation", "calendar"}),
            "opened_at": SEASON,
            "changed_at": NOW,
            "last_fact": len(file.moves),
            "last_hash": "",
        },
    )
    for clock in file.clocks:
        yield t.clock, clock_row(clock, state)
        yield from ((t.former_due, row) for row in former_rows(clock))
    for number, holding in enumerate(file.holdings, start=1):
        yield t.holding, {"number": number, **holding.model_dump()}
    for number, (when, stage) in enumerate(file.moves, start=1):
        fact = {"number": number, "at": when, "fact": FactName.FILE_TAKEN, "by": "x", "cause": "x", "stage": stage}
        yield t.fact, {**fact, "details": {}, "previous": "", "hash": f"{file.id}/{number}"}


def _state(file: File) -> State:
    opening = Opening(
        application=file.id,
        channel=file.channel,
        office=OFFICES[0],
        regulation=content_hash(REGULATION),
        calendar=content_hash(CALENDAR),
    )
    return State(
        opening=opening,
        stage=file.stage_at(NOW) or Stage.NEW,
        registration_number=None,
        holder=file.holder_at(NOW),
        opened_at=SEASON,
        changed_at=NOW,
        last_fact=1,
        last_hash="",
        clocks=tuple(file.clocks),
        holdings=tuple(file.holdings),
    )


def questions() -> st.SearchStrategy[dict[str, Any]]:
    """Any combination of filters, asked now or as of some instant of the season."""
    day = st.integers(0, 80).map(lambda days: SEASON.replace(hour=0) + timedelta(days=days))
    return st.fixed_dictionaries(
        {
            "as_of": st.just(NOW) | instants(SEASON, NOW),
            "clock": st.none() | st.sampled_from(LIMITS),
            "channel": st.none() | st.sampled_from(list(Channel)),
            "office": st.none() | st.sampled_from(OFFICES),
            "officer": st.none() | st.sampled_from(OFFICERS),
            "due_from": st.none() | day,
            "due_before": st.none() | day,
            "state": st.sampled_from(list(Standing)),
        }
    )
