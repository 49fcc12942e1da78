"""The tables of the record. Personal data stands in the `personal` columns only, always encrypted."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from adapters.database.anchor_tables import anchor, anchored
from adapters.database.columns import Content, UtcTime
from adapters.database.document_tables import collection, evidence
from adapters.database.erasure_table import erasure
from adapters.database.exchange_tables import duty, exchange
from adapters.database.naming import metadata
from adapters.database.printout_table import printout
from adapters.database.ring_table import codec_access, ring_check

__all__ = ["anchor", "anchored", "codec_access", "collection", "duty", "erasure", "evidence", "exchange"]
__all__ += ["metadata", "printout", "ring_check"]
"""What stands in other files of this folder and is a part of the record as well."""


def _application(**options: Any) -> Column[str]:
    return Column("application", String(80), ForeignKey("application.id"), **options)


application = Table(
    "application",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("registration_number", String(40), unique=True),
    Column("channel", String(20), nullable=False),
    Column("office", String(63), nullable=False),
    Column("stage", String(30), nullable=False),
    Column("holder", String(63)),
    Column("regulation", String(64), nullable=False),
    Column("calendar", String(64), nullable=False),
    # Which calendar it goes by now, where that is another one than it was opened under.
    Column("calendar_now", String(64)),
    Column("opened_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("last_fact", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("personal", LargeBinary),
    # A recall is a row of its own that takes the story of its application up; its number is the application's.
    Column("recall_of", String(80), ForeignKey("application.id"), index=True),
    Index("ix_application_stage", "stage", "opened_at"),
)

application_key = Table(
    "application_key",
    metadata,
    _application(primary_key=True),
    Column("ring_key", String(40), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

child = Table(
    "child",
    metadata,
    _application(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("iin_hash", String(64), nullable=False, index=True),
    Column("personal", LargeBinary, nullable=False),
)

document = Table(
    "document",
    metadata,
    _application(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("personal", LargeBinary, nullable=False),
)

verification = Table(
    "verification",
    metadata,
    _application(primary_key=True),
    Column("check", String(20), primary_key=True),
    Column("register", String(20), nullable=False),
    Column("child", Integer),
    Column("outcome", String(20), nullable=False),
    Column("differing", JSON, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    # The verdict on every field that was compared; empty in rows that are older than the comparison.
    Column("fields", JSON),
    Column("failure", String(40)),
    # What the register said, encrypted.
    Column("personal", LargeBinary),
)

Index(
    "ix_verification_silent",
    verification.c.application,
    verification.c.check,
    postgresql_where=verification.c.outcome == "unanswered",
    sqlite_where=verification.c.outcome == "unanswered",
)

decision = Table(
    "decision",
    metadata,
    _application(primary_key=True),
    Column("draft", Integer, primary_key=True),
    Column("verdict", String(10), nullable=False),
    Column("grants", JSON, nullable=False),
    Column("grounds", JSON, nullable=False),
    Column("prepared_by", String(63), nullable=False),
    Column("prepared_at", UtcTime, nullable=False),
    Column("number", String(60), unique=True),
    Column("approved_by", String(63)),
    Column("approved_at", UtcTime),
    # The head's signature over the decision's text, encrypted.
    Column("personal", LargeBinary),
)

clock = Table(
    "clock",
    metadata,
    _application(primary_key=True),
    Column("clock", String(20), primary_key=True),
    Column("office", String(63), nullable=False),
    Column("limit", Boolean, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
    Column("outcome", String(10), nullable=False),
    Column("triggered_at", UtcTime),
    Column("provisional", Boolean, nullable=False, server_default=false()),
    Column("warned", Integer, nullable=False, server_default="0"),
    Column("common_due_at", UtcTime),
    Column("unit", String(20)),
    Column("allowed", Integer),
    Column("taken", BigInteger),
    Column("overrun", BigInteger),
    # What supervisors ask for, so that no question has to look elsewhere (adapters/database/supervised.py).
    Column("channel", String(20), nullable=False, server_default=""),
    Column("officer", String(63)),
    Column("stage", String(30)),
    Column("due_on", Date),
    Column("due_hour", Integer),
    Column("late_by", BigInteger),
    Column("ran", BigInteger),
    Column("held", BigInteger),
    Column("begun_on", Date),
    Column("stopped_on", Date),
    Column("replanned_at", UtcTime),
    Index("ix_clock_due_at", "due_at"),
    Index("ix_clock_begun_on", "begun_on", "stopped_on", "clock", "limit"),
    Index("ix_clock_stopped_on", "stopped_on", "clock", "limit", "stopped_at"),
)

LONG_DAYS = 40
LONG_SECONDS = LONG_DAYS * 24 * 3600
"""What ran for longer is rare, and has an index of its own."""

_K = clock.c


def _partial(name: str, condition: ColumnElement[bool], *columns: Column[Any]) -> Index:
    """An index of a few rows only: what runs, what ran for long, or what was late."""
    return Index(name, *columns, postgresql_where=condition, sqlite_where=condition)


_partial("ix_clock_running", _K.stopped_at.is_(None), _K.due_at, _K.application, _K.clock, _K.outcome)
_partial("ix_clock_long", _K.ran > LONG_SECONDS, _K.begun_on)
# Every column that a list of breaches is narrowed or ordered by: no filter makes it read the rows themselves.
_FILTERS = (_K.channel, _K.office, _K.officer, _K.stopped_at, _K.replanned_at, _K.due_on, _K.due_hour)
_IS_LATE = _K.late_by.is_not(None)
_partial("ix_clock_late_due_at", _IS_LATE, _K.due_at, _K.application, _K.clock, *_FILTERS, _K.late_by)
_partial("ix_clock_late_by", _IS_LATE, _K.late_by, _K.application, _K.clock, *_FILTERS, _K.due_at)

former_due = Table(
    "former_due",
    metadata,
    # When a clock was due before a change of the calendar moved it: what stood then, for who asks as of then.
    _application(primary_key=True),
    Column("clock", String(20), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("since", UtcTime),
    Column("until", UtcTime, nullable=False, index=True),
    Column("due_at", UtcTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_hour", Integer, nullable=False),
)

kept_month = Table(
    "kept_month",
    metadata,
    # A month whose figures are kept ready: of the limits that were due in it and are stopped, by the first of it.
    Column("month", Date, primary_key=True),
    Column("last_stop", UtcTime),
    Column("kept_at", UtcTime, nullable=False),
)

month_figures = Table(
    "month_figures",
    metadata,
    # The month as a whole, a day of it, or an hour of its days: `by`, and which.
    Column("by", String(5), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("part", String(10), primary_key=True),
    Column("clock", String(20), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("office", String(63), primary_key=True),
    # Empty where nobody had the file.
    Column("officer", String(63), primary_key=True),
    Column("stage", String(30), primary_key=True),
    Column("unit", String(20), primary_key=True),
    Column("met", Integer, nullable=False),
    Column("passed", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("ran", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    # How often each value occurred (adapters/database/supervision/tally.py).
    Column("taken", LargeBinary, nullable=False),
    Column("overrun", LargeBinary, nullable=False),
    Column("worst_late_by", BigInteger),
    Column("worst_application", String(80)),
)

counted_day = Table(
    "counted_day",
    metadata,
    # Each day of the calendar in force, and how many working days there are through to it: for the views.
    Column("day", Date, primary_key=True),
    Column("is_worked", Boolean, nullable=False),
    Column("number", Integer, nullable=False),
    Column("calendar", String(64), nullable=False),
)

late_write = Table(
    "late_write",
    metadata,
    # What was stopped after the month in which it was due: the figures of that month lack it until counted anew.
    Column("month", Date, primary_key=True),
    _application(primary_key=True),
    Column("clock", String(20), primary_key=True),
)

fact = Table(
    "fact",
    metadata,
    _application(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("fact", String(40), nullable=False),
    Column("by", String(63), nullable=False),
    Column("cause", String(120), nullable=False),
    Column("stage", String(30), nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    # Beside the last fact of a command that its caller can repeat: what it was answered, for ever.
    Column("answer", Content),
    UniqueConstraint("hash"),
)

holding = Table(
    "holding",
    metadata,
    _application(primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("officer", String(63), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)

remark = Table(
    "remark",
    metadata,
    _application(primary_key=True),
    Column("fact", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("personal", LargeBinary, nullable=False),
)

paper = Table(
    "printed_document",
    metadata,
    _application(primary_key=True),
    Column("fact", Integer, primary_key=True),
    Column("form", String(30), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("details", JSON, nullable=False),
)

Index(
    "ix_printed_document_storage_list",
    paper.c.at,
    paper.c.application,
    postgresql_where=paper.c.form == "storage-list",
    sqlite_where=paper.c.form == "storage-list",
)

notice = Table(
    "notice",
    metadata,
    Column("id", String(200), primary_key=True),
    _application(nullable=False),
    Column("fact", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("recipient", String(63), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("details", JSON, nullable=False),
    # When every way that takes it had delivered it; until then it waits.
    Column("sent_at", UtcTime),
)

Index(
    "ix_notice_waiting",
    notice.c.at,
    notice.c.id,
    postgresql_where=notice.c.sent_at.is_(None),
    sqlite_where=notice.c.sent_at.is_(None),
)

delivery = Table(
    "delivery",
    metadata,
    # What came of a notice on one of the ways out; there is no row before the first attempt.
    Column("notice", String(200), ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True),
    Column("way", String(20), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("problem", String(200)),
)

claim = Table(
    "claim",
    metadata,
    # One open application per child: whoever has the row has the child, until the application ends.
    Column("child_key", String(64), primary_key=True),
    # No foreign key: the claim is made before the first row of the application may have been written.
    Column("application", String(80), nullable=False, index=True),
    Column("claimed_at", UtcTime, nullable=False),
)

registration = Table(
    "registration",
    metadata,
    # No foreign key: the number is given before the first row of the application may have been written.
    Column("application", String(80), primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
)

registration_counter = Table(
    "registration_counter",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

calendar_change = Table(
    "calendar_change",
    metadata,
    # In the order in which they were applied; the last one is in force. Two at once cannot have one number.
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("corrects", String(64), nullable=False),
    Column("calendar", String(64), nullable=False, index=True),
    Column("change", Content, nullable=False),
    Column("applied_by", String(63), nullable=False),
    Column("applied_at", UtcTime, nullable=False),
)

access = Table(
    "access",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(63), nullable=False),
    Column("application", String(80), nullable=False),
    Column("command", String(40), nullable=False),
    Column("code", String(63), nullable=False),
    # Of a question to a register: a keyed hash of the IIN that it was about.
    Column("whom", String(64), index=True),
)
