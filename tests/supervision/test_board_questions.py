"""What the board asks besides: heat, pulse, lists page by page, and cells that lead to what they count."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from desk.answering import Answering
from desk.bucket_spans import Span, bucket_spans
from desk.sla_views import bucket_of
from desk.supervision import Supervision
from models.clocks import Outcome
from models.data import ALMATY, local_day
from models.library import Library
from models.regulation import Unit
from models.supervision import Sort, Sought, Standing
from tests.models.builders import CALENDAR
from tests.supervision.recount import stood
from tests.supervision.world import NOW, File, questions, worlds, written

THOROUGH = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def asked(engine: Engine) -> Supervision:
    return Supervision(engine, CALENDAR)


class TestHeat:
    """When limits were due that have passed."""

    @THOROUGH
    @given(world=worlds(), words=questions())
    def test_as_recounted(
        self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any]
    ) -> None:
        """Every weekday and hour of Karaganda, for any filter and as of any instant."""
        written(engine, world)
        sought = Sought(**words)
        dues = [one.due_at.astimezone(ALMATY) for one in stood(world, sought) if one.has_passed]
        expected = Counter((due.isoweekday(), due.hour) for due in dues)
        assert {(row.weekday, row.hour): row.count for row in asked.heat(sought)} == expected


class TestPulse:
    """What tells the board that something has changed."""

    @THOROUGH
    @given(world=worlds(), ahead=st.integers(-60 * 24 * 30, 60 * 24 * 30))
    def test_as_recounted(self, engine: Engine, asked: Supervision, world: list[File], ahead: int) -> None:
        """What runs, what of it has passed, the last due instant behind and the next one ahead."""
        written(engine, world)
        now = NOW + timedelta(minutes=ahead)
        clocks = [clock for file in world for clock in file.clocks if clock.limit and clock.stopped_at is None]
        dues = [clock.due_at for clock in clocks]
        pulse = asked.pulse(now)
        at = pulse.at
        assert at == max([now, *(instant + _MICROSECOND for instant in skipped_to(world, now))])
        assert (pulse.running, pulse.passed) == (len(dues), sum(due < at for due in dues))
        assert pulse.newest == max((due for due in dues if due < at), default=None)
        assert pulse.next_due == min((due for due in dues if due >= at), default=None)


def skipped_to(world: list[File], now: datetime) -> list[datetime]:
    """What is on record and lies ahead of the host's clock: somebody has skipped time."""
    found: list[datetime | None] = []
    for clock in (clock for file in world for clock in file.clocks):
        found.append(clock.stopped_at)
        if local_day(clock.set_running_at) > local_day(now):
            found.append(clock.started_at)
        if clock.stopped_at is None and clock.outcome is Outcome.PASSED:
            found.append(clock.due_at)
    return [instant for instant in found if instant is not None and instant > now + timedelta(seconds=10)]


class TestAtRiskPages:
    """What is about to pass, a page at a time."""

    @THOROUGH
    @given(world=worlds(), words=questions(), size=st.integers(1, 4))
    def test_pages_are_the_whole_list(
        self, engine: Engine, asked: Supervision, world: list[File], words: dict[str, Any], size: int
    ) -> None:
        """Each limit once, in the order of the whole list."""
        written(engine, world)
        sought = Sought(**words | {"state": Standing.ALL})
        ends = dict.fromkeys((Unit.MINUTES, Unit.WORKING_DAYS), sought.as_of + timedelta(days=30))
        whole = [(one.row.application, one.row.clock) for one in asked.at_risk(sought, ends, 1000)]
        found: list[tuple[str, str]] = []
        page = asked.at_risk_page(sought, ends, size)
        while True:
            found += [(one.row.application, one.row.clock) for one in page.breaches]
            if page.after is None:
                break
            page = asked.at_risk_page(sought, ends, size, page.after)
        assert found == whole


class TestCells:
    """A cell of the bucket grid leads to a list that is as long as the cell says."""

    @THOROUGH
    @given(world=worlds(), words=questions())
    def test_every_cell_is_the_length_of_its_list(
        self, engine: Engine, library: Library, asked: Supervision, world: list[File], words: dict[str, Any]
    ) -> None:
        """For every office and column, whatever the filter and the instant."""
        written(engine, world)
        of = words | {"state": Standing.ALL, "due_from": None, "due_before": None}
        sought = Sought(**of)
        counts: Counter[tuple[str, str]] = Counter()
        for row in asked.buckets(sought):
            counts[row.office, bucket_of(row.days_left)] += row.count
        answering = Answering(asked, library)
        for span in bucket_spans(sought.as_of, CALENDAR):
            for office in {office for office, _ in counts}:
                if words["office"] in (None, office):
                    assert length(answering, sought, office, span) == counts[office, span.name], (office, span)


def length(answering: Answering, sought: Sought, office: str, span: Span) -> int:
    due = {"office": office, "due_from": span.since, "due_before": span.until}
    of = sought.model_copy(update=due | {"state": Standing.OPEN if span.has_passed else Standing.ALL})
    if span.has_passed:
        return len(list(answering.breaches(of, Sort.DUE, 1000).rows))
    return len(list(answering.at_risk(of, None, 1000).rows))
