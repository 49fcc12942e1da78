"""Random questions of supervisors over a large record, and how long each of them takes."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from desk.asking import read_within
from desk.supervision import Supervision
from models.calendar import add_months
from models.data import local_day, local_midnight
from models.library import Library
from models.lifecycle import Channel
from models.supervision import LIMITS, Grouping, Sort, Sought, Standing

_PAGE = 50
_LENGTHS = (1, 7, 31, 92, 365)


@dataclass
class Times:
    """Seconds of each question by its kind, and how many statements a page took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statements: set[int] = field(default_factory=set)

    def add(self, kind: str, ask: Callable[..., Any], *words: Any) -> Any:
        """Ask, and keep how long the answer took."""
        began = time.perf_counter()
        answer = ask(*words)
        self.seconds.setdefault(kind, []).append(time.perf_counter() - began)
        return answer


@dataclass(frozen=True)
class Asker:
    """Somebody who asks at random, of the last `years`."""

    supervision: Supervision
    engine: Engine
    library: Library
    now: datetime
    years: int
    random: Random

    def ask(self, times: Times, count: int) -> None:
        """So many pages with the page after each, and a tenth as many of every other question."""
        for number in range(count):
            self._pages(times)
            if number % 10 == 0:
                self._others(times)

    def _pages(self, times: Times) -> None:
        sought, sort = self._sought(), self.random.choice(list(Sort))
        with counted(self.engine) as statements:
            page = times.add("a page", self.supervision.breaches, sought, sort, _PAGE)
        if page.breaches:
            times.statements.add(len(statements))
        if page.after:
            times.add("the page after it", self.supervision.breaches, sought, sort, _PAGE, page.after)

    def _others(self, times: Times) -> None:
        of_now = self._sought(as_of=self.now, period=False)
        ends = read_within("2d", self.now, self.supervision.calendar)
        times.add("at risk", self.supervision.at_risk_page, of_now, ends, _PAGE)
        times.add("buckets", self.supervision.buckets, of_now)
        for by in Grouping:
            times.add(f"everything by {by}", self.supervision.summary, Sought(as_of=self.now), by)
            times.add(f"one month by {by}", self.supervision.summary, self._month(), by)

    def _month(self) -> Sought:
        first = add_months(local_day(self.now).replace(day=1), -self.random.randrange(1, 12 * self.years))
        begins, ends = local_midnight(first), local_midnight(add_months(first, 1))
        return Sought(as_of=self.now, due_from=begins, due_before=ends)

    def _sought(self, as_of: datetime | None = None, *, period: bool = True) -> Sought:
        """Each filter given or not, as if by a coin."""
        regulation = next(iter(self.library.regulations.values()))
        chosen: dict[str, Any] = {
            "clock": LIMITS,
            "channel": tuple(Channel),
            "office": [office.code for office in regulation.offices],
            "officer": [officer.code for officer in regulation.officers],
            "state": list(Standing),
        }
        filters = {
            name: self.random.choice(values) for name, values in chosen.items() if self.random.random() < 0.5
        }
        if period:
            filters |= self._period()
        return Sought(as_of=as_of or self._as_of(), **filters)

    def _period(self) -> dict[str, datetime]:
        days = self.random.randrange(1, 365 * self.years)
        since = local_midnight(local_day(self.now) - timedelta(days=days))
        ends = {"due_from": since, "due_before": since + timedelta(days=self.random.choice(_LENGTHS))}
        return {name: end for name, end in ends.items() if self.random.random() < 0.5}

    def _as_of(self) -> datetime:
        if self.random.random() < 0.5:
            return self.now
        return self.now - timedelta(minutes=self.random.randrange(60 * 24 * 365 * self.years))


@contextmanager
def counted(engine: Engine) -> Generator[list[str]]:
    """The questions that are sent to a record meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def seconds_of(kind: str, times: Times) -> list[float]:
    """The seconds of every question whose kind begins so."""
    return [second for name, seconds in times.seconds.items() if name.startswith(kind) for second in seconds]
