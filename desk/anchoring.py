"""Anchors the heads of all hash chains outside of the database, once a day (docs/decisions/0038).

Whoever can write the record can write a journal anew, with every hash right. What he cannot change is the file of
a day that is over: each names the file before it. Of several workers one has this duty at a time, and a file that
is there is never written again.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import TemporaryFile
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.anchor_files import last_root, read_anchor, write_anchor
from adapters.anchors import Anchors, need_anchors
from adapters.database.anchors import SqlAnchored
from adapters.database.duties import SqlDuties
from adapters.host_clock import host_now
from adapters.settings import Settings
from models.anchor import BEFORE_ALL, AnchorHeader
from models.data import local_day
from models.errors import TirekError

_log = logging.getLogger("tirek.anchoring")
_DUTY, _DUTY_SECONDS = "anchoring", 1800.0
_LOOK_SECONDS = 300.0


@dataclass(frozen=True)
class Anchored:
    """A day's file: how many heads it has; `is_new`: written now, and not found."""

    day: date
    changed: int
    sha256: str
    is_new: bool


class Anchoring:
    """Writes the file of a day, and remembers what is in it. `opened` finds the place, each time it is needed."""

    def __init__(self, opened: Callable[[], Anchors], record: SqlAnchored) -> None:
        self._opened = opened
        self._record = record

    def is_due(self, now: datetime) -> bool:
        """Whether the day of this instant has no anchor that we know of."""
        return not self._record.has(local_day(now))

    def anchor(self, now: datetime) -> Anchored:
        """Write the file of this day, unless there is one; in either case what is in it is remembered.

        So whoever died between the two, or was second, only repeats what changes nothing.
        UnavailableError, BadAnchorError.
        """
        day, anchors = local_day(now), self._opened()
        remembered = self._record.remembered()  # before the days: what is written meanwhile is no loss
        days = anchors.days()
        if remembered and max(remembered) not in days:
            self._record.forget_heads()  # what only the lost files held is anchored once more
        before = max((one for one in days if one < day), default=None)
        root = _root(anchors, before) if before else BEFORE_ALL
        is_new = self._write(anchors, now, before, root)
        with anchors.read(day) as content:
            reading = read_anchor(content, root)
            self._record.mark(reading.heads)
        changed = reading.footer.changed if reading.footer else 0
        sha256 = anchors.sha256(day)
        self._record.note(day, reading.header.at, changed, sha256)
        return Anchored(day, changed, sha256, is_new)

    def _write(self, anchors: Anchors, now: datetime, before: date | None, root: str) -> bool:
        day = local_day(now)
        if day in anchors.days():
            return False
        header = AnchorHeader(
            day=day,
            at=now,
            applications=self._record.applications(),
            previous_day=before,
            previous=anchors.sha256(before) if before else BEFORE_ALL,
        )
        with TemporaryFile() as draft:
            write_anchor(draft, header, root, self._record.changed())
            draft.seek(0)
            return anchors.put(day, draft)


def _root(anchors: Anchors, day: date) -> str:
    """The root of a file, as its footer has it; whether it is right is for `anchors verify`."""
    with anchors.read(day) as content:
        return last_root(content)


class Duty:
    """One worker's part in it."""

    def __init__(self, anchoring: Anchoring, duties: SqlDuties) -> None:
        self._anchoring = anchoring
        self._duties = duties
        self._name = str(uuid4())

    def look(self) -> None:
        """Anchor if it is due and the duty is ours. TirekError, SQLAlchemyError."""
        now = host_now()
        if not self._anchoring.is_due(now) or not self._duties.take(_DUTY, self._name, _DUTY_SECONDS):
            return
        done = self._anchoring.anchor(now)
        _log.info("anchored %s: %s heads have changed, sha256 %s", done.day, done.changed, done.sha256)
        self._duties.give_back(_DUTY, self._name)

    def give_back(self) -> None:
        self._duties.give_back(_DUTY, self._name)


def duty_of(settings: Settings, engine: Engine) -> Duty | None:
    """One worker's part in it; None where there is no place for anchors, which production is told."""
    if settings.anchors_url is None:
        if settings.production:
            _log.warning("TIREK_ANCHORS_URL is not set: a journal that was written anew would not be found")
        return None
    return Duty(Anchoring(lambda: need_anchors(settings), SqlAnchored(engine)), SqlDuties(engine))


async def anchor_until(stop: asyncio.Event, duty: Duty | None) -> None:
    """Anchor once a day until told to stop. Nothing that goes wrong here ends the process engine beside it."""
    if duty is None:
        return
    while not stop.is_set():
        try:
            await asyncio.to_thread(duty.look)
        except TirekError as error:
            _log.error("anchoring: %s; tried again later", error)
        except SQLAlchemyError as error:
            _log.error("anchoring: the record does not answer (%s); tried again later", type(error).__name__)
        except Exception as error:  # noqa: BLE001 - an operator sees it in the log, and the engine goes on
            _log.error("anchoring: %s; tried again later", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
    with suppress(SQLAlchemyError):
        await asyncio.to_thread(duty.give_back)
