"""Holds the record against its anchors: every head that was ever anchored still stands, with the same hash.

A record whose journals were written anew, every hash right, is found so; and one that lacks what it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import IO

from adapters.anchor_files import BadAnchorError, Reading, read_anchor
from adapters.anchors import Anchors, sha256_of
from adapters.database.anchors import SqlAnchored
from desk.comparing import Ahead, Difference
from models.anchor import BEFORE_ALL, Head


@dataclass
class Checked:
    """What came of it: files and heads looked at, days without a file, what is wrong with files or the record."""

    files: int = 0
    heads: int = 0
    first: date | None = None
    last: date | None = None
    missing_days: list[date] = field(default_factory=list[date])
    bad_files: list[str] = field(default_factory=list[str])
    differences: list[Difference] = field(default_factory=list[Difference])

    @property
    def is_whole(self) -> bool:
        """Whether record and files are as they were; a day on which nothing was anchored is told, and no fault."""
        return not self.bad_files and not self.differences


def check_anchors(anchors: Anchors, record: SqlAnchored) -> Checked:
    """Read every file in order, and hold each head against the record. UnavailableError."""
    done, before, there = Checked(), Chain(), dict[date, str]()
    remembered = record.remembered()  # before the files: what is written meanwhile is no loss
    for day in anchors.days():
        done.files += 1
        done.first, done.last = done.first or day, day
        done.missing_days += _between(before.day, day)
        with anchors.read(day) as content:
            try:
                before = _check(content, day, before, record, done)
            except BadAnchorError as error:
                done.bad_files.append(f"{day}: {error}")
                content.seek(0)
                before = Chain(day, sha256_of(content), None)
        there[day] = before.sha256
    done.bad_files += _not_as_remembered(there, remembered)
    done.differences = _once_each(done.differences)
    return done


def _not_as_remembered(there: dict[date, str], remembered: dict[date, str]) -> Iterator[str]:
    """What the chain of files cannot tell of its own end: the newest were removed, or written anew."""
    for day, sha256 in sorted(remembered.items()):
        if day not in there:
            yield f"{day}: the record remembers that it was written, and it is gone"
        elif there[day] != sha256:
            yield f"{day}: the record remembers another file of that day"


def anchor_differences(anchors: Anchors, record: SqlAnchored) -> list[Difference]:
    """What anchors and record say differently, as a reconciliation tells it; what is wrong with a file too."""
    done = check_anchors(anchors, record)
    return [*(Difference("anchors", Ahead.NEITHER, what) for what in done.bad_files), *done.differences]


@dataclass(frozen=True)
class Chain:
    """Where the chain of files has come to; `root` None: unknown, as the last file could not be read."""

    day: date | None = None
    sha256: str = BEFORE_ALL
    root: str | None = BEFORE_ALL


def _check(content: IO[bytes], day: date, before: Chain, record: SqlAnchored, done: Checked) -> Chain:
    sha256 = sha256_of(content)
    reading = read_anchor(content, before.root)
    header = reading.header
    if header.day != day:
        raise BadAnchorError(f"its header names {header.day}")
    if (header.previous_day, header.previous) != (before.day, before.sha256):
        done.bad_files.append(f"{day}: {_broken(header.previous_day, before.day)}")
    for head, last, hash_on_record in record.standing(_counted(reading, done)):
        if last < head.last_fact:
            what = f"the record is behind its anchor of {day}: it has {last} of {head.last_fact} facts"
            done.differences.append(Difference(head.application, Ahead.ANCHOR, what))
        elif hash_on_record != head.last_hash:
            what = f"fact {head.last_fact} has another content on record than in the anchor of {day}"
            done.differences.append(Difference(head.application, Ahead.NEITHER, what))
    return Chain(day, sha256, reading.footer.root if reading.footer else None)


def _counted(reading: Reading, done: Checked) -> Iterator[Head]:
    for head in reading.heads:
        done.heads += 1
        yield head


def _broken(named: date | None, there: date | None) -> str:
    if named == there:
        return f"the file of {there} is another one than it was"
    return f"it follows the file of {named or 'no day'}, and the one before it is of {there or 'no day'}"


def _between(before: date | None, day: date) -> list[date]:
    """The days without a file between two that have one."""
    return [before + timedelta(days=n) for n in range(1, (day - before).days)] if before else []


def _once_each(found: list[Difference]) -> list[Difference]:
    """Of each application the first thing that is wrong, and what it lacks most."""
    worst: dict[tuple[str, Ahead], Difference] = {}
    for one in found:
        if one.ahead is Ahead.ANCHOR:
            worst[one.execution, one.ahead] = one
        else:
            worst.setdefault((one.execution, one.ahead), one)
    return sorted(worst.values(), key=lambda one: (one.execution, one.ahead))
