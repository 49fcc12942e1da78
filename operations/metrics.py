"""What Prometheus is shown: the SDK's own metrics, and the service's, which are read from the record.

Every worker process shows the record's figures, and all of them the same: take the greatest, not the sum. Nothing
is labelled with an application or a person.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from threading import Lock
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.database import figures
from adapters.database.anchors import last_anchor_at
from adapters.host_clock import host_now
from desk.troubles import Trouble
from models.lifecycle import OPEN

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FRESH_SECONDS = 15.0
"""How long the record's figures are shown again before the record is asked anew."""
_KEPT_SECONDS = 600.0
"""The same of those that read a whole table, and change slowly."""
_CORE_SECONDS = 2.0

Found = Iterator[Metric]


@dataclass(frozen=True)
class Page:
    """All that one process shows; `core` is where the SDK's core tells its own metrics, if it does."""

    registry: CollectorRegistry
    core: str | None

    def text(self) -> bytes:
        """In Prometheus' text format. It asks the record, so it is for a thread of its own."""
        return generate_latest(self.registry) + (_told(self.core) if self.core else b"")


def page_of(core: str | None, restarts: int) -> Page:
    """What a process shows before it has opened anything: itself."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    registry.register(_Fixed(restarts))
    return Page(registry, core)


def _told(address: str) -> bytes:
    """The metrics of the SDK's core, or nothing if it does not answer: the record's are shown all the same."""
    connection = HTTPConnection(address, timeout=_CORE_SECONDS)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read()
    except (OSError, HTTPException):
        return b""
    finally:
        connection.close()


class _Fixed(Collector):
    """What is known of a process from its start."""

    def __init__(self, restarts: int) -> None:
        self._restarts = restarts

    def collect(self) -> Found:
        text = "How often the supervisor has started this process again since it began itself."
        yield CounterMetricFamily("tirek_worker_restarts", text, value=self._restarts)


class RecordCollector(Collector):
    """The service's figures. Whoever asks while they are being read waits, and is shown the same."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._shown: list[Metric] = []
        self._read_at = self._ended_at = float("-inf")
        self._ended: list[figures.Standing] = []

    def describe(self) -> list[Metric]:
        """Nothing: to be registered must not ask the record."""
        return []

    def collect(self) -> Found:
        with self._lock:
            if self._clock() - self._read_at >= FRESH_SECONDS:
                self._shown = list(self._read())
                self._read_at = self._clock()
            return iter(self._shown)

    def _read(self) -> Found:
        up = GaugeMetricFamily("tirek_record_up", "Whether the record answered when it was last asked: 1 or 0.")
        try:
            with self._engine.connect() as connection:
                found = list(self._figures(connection))
        except SQLAlchemyError:
            found = []
        up.add_metric([], 1 if found else 0)
        yield from (up, *found)

    def _figures(self, connection: Connection) -> Found:
        now = host_now()
        yield self._applications(connection)
        yield _oldest_steps(connection, now)
        passed, late = figures.limits_passed(connection), figures.limits_late(connection, now)
        text = "Limits that have passed since the record began, stopped too late or running on."
        yield _by_office(CounterMetricFamily("tirek_limits_passed", text, labels=["clock", "office"]), passed)
        text = "Limits that run and are past their due instant."
        yield _by_office(GaugeMetricFamily("tirek_limits_late", text, labels=["clock", "office"]), late)
        waiting = figures.notices_waiting(connection)
        text = "Notices that some way out of the house has not taken yet."
        yield GaugeMetricFamily("tirek_notices_waiting", text, value=waiting.count)
        text = "The age of the oldest notice that waits; 0 if none does."
        yield GaugeMetricFamily("tirek_oldest_notice_seconds", text, value=_age(waiting.since, now))
        text = "When the heads of the hash chains were last anchored outside of the record; 0 if never."
        anchored_at = last_anchor_at(connection)
        yield GaugeMetricFamily(
            "tirek_last_anchor_timestamp_seconds", text, value=anchored_at.timestamp() if anchored_at else 0.0
        )

    def _applications(self, connection: Connection) -> Metric:
        if self._clock() - self._ended_at >= _KEPT_SECONDS:
            self._ended = figures.standing(connection, figures.ENDED)
            self._ended_at = self._clock()
        text = "Applications and recalls, by the stage in which they stand."
        family = GaugeMetricFamily("tirek_applications", text, labels=["stage", "channel"])
        for one in (*figures.standing(connection, OPEN), *self._ended):
            family.add_metric([one.stage, one.channel], one.count)
        return family


def _oldest_steps(connection: Connection, now: datetime) -> Metric:
    text = "How long the application has stood in this open stage that stands there longest; 0 if none does."
    family = GaugeMetricFamily("tirek_oldest_open_step_seconds", text, labels=["stage"])
    since = figures.oldest_steps(connection)
    for stage in OPEN:
        family.add_metric([stage], _age(since.get(stage), now))
    return family


def _by_office(family: Any, limits: list[figures.Limits]) -> Metric:
    for one in limits:
        family.add_metric([one.clock, one.office], one.count)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    """In seconds; 0 for nothing, and for an instant ahead of us, as a trial that skips time has them."""
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


class StuckCollector(Collector):
    """How many executions are stuck, by the kind of trouble, as the one worker that looks has found them."""

    def __init__(self, counts: Callable[[], Mapping[Trouble, int]]) -> None:
        self._counts = counts

    def collect(self) -> Found:
        text = "Executions that do not go on by themselves, by what holds them; shown by the worker that looks."
        family = GaugeMetricFamily("tirek_stuck_executions", text, labels=["trouble"])
        for trouble, count in self._counts().items():
            family.add_metric([str(trouble)], count)
        yield family
