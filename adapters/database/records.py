"""Writes the record: one `record` call is one transaction, and the same call again changes nothing."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from adapters.database import tables as t
from adapters.database.claims import claim, keep_only, release
from adapters.database.dialect import insert_or_ignore, upsert
from adapters.database.document_rows import evidence_rows, write_signed_and_collected
from adapters.database.engine import writing
from adapters.database.numbers import next_number, number_of, restore_number
from adapters.database.personal import Vault
from adapters.database.supervised import clock_row, former_rows
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from models.data import local_day
from models.errors import JournalConflictError
from models.journal import FactName, brings_checks
from models.lifecycle import FINAL
from models.outbound import Notice
from models.registration import Registered, RegistrationWanted
from models.request import Request
from models.state import Entry, State


class SqlApplicationRecords:
    """`ApplicationRecords` on SQL."""

    def __init__(self, engine: Engine, ring: KeyRing) -> None:
        self._engine = engine
        self._ring = ring

    def record(self, entry: Entry) -> int:
        application = entry.state.opening.application
        with writing(self._engine) as connection:
            last = _lock(connection, entry.state)
            new = [fact for fact in entry.facts if fact.number > last]
            _check(connection, application, entry, last)
            if entry.state.last_fact > last:
                _write_state(connection, entry)
                insert_many(connection, t.fact, [{"application": application, **f.model_dump()} for f in new])
                _write_outbound(connection, entry, Vault(connection, self._ring, application))
                if entry.state.stage in FINAL:
                    release(connection, application)
            return max(last, entry.state.last_fact)

    def rebuild(self, entry: Entry, pattern: str) -> None:
        """Write whatever the record lacks of what a whole history says, its number and its children with it.

        For a record that was restored from a copy of yesterday (C4); `entry` begins with the first fact, and
        `pattern` is how the regulation file writes a number. JournalConflictError where the record says otherwise.
        """
        application = entry.state.opening.application
        with writing(self._engine) as connection:
            last = _lock(connection, entry.state)
            _check(connection, application, entry, last)
            if last > entry.state.last_fact:
                raise JournalConflictError(f"{application}: the record has facts that its history lacks")
            restore_number(connection, entry.state, pattern)
            self._restore_claims(connection, entry)
            new = [fact for fact in entry.facts if fact.number > last]
            _write_state(connection, entry)
            insert_many(connection, t.fact, [{"application": application, **f.model_dump()} for f in new])
            _write_outbound(connection, entry, Vault(connection, self._ring, application))

    def _restore_claims(self, connection: Connection, entry: Entry) -> None:
        """The children of an open application are its own; whoever has ended has none."""
        state, children = entry.state, entry.request.children if entry.request else ()
        application = state.opening.application
        if state.opening.recall_of is not None or state.registration_number is None or state.stage in FINAL:
            release(connection, application)
            return
        keys = [self._ring.lookup_hash("iin", child.iin) for child in children]
        keep_only(connection, application, keys)
        held = claim(connection, application, keys, state.opened_at)
        if held:
            raise JournalConflictError(f"{application}: {', '.join(held)} has a child of it by now")

    def release(self, application: str) -> None:
        """Let go of the children of an application that exists nowhere else."""
        with writing(self._engine) as connection:
            release(connection, application)

    def register(self, wanted: RegistrationWanted) -> Registered:
        application = wanted.application
        keys = [self._ring.lookup_hash("iin", iin) for iin in wanted.children]
        with writing(self._engine) as connection:
            number = number_of(connection, application)
            if _stage(connection, application) in FINAL:  # an attempt that woke when all was over
                return Registered(number=number)
            held = claim(connection, application, keys, wanted.at)
            if held:
                return Registered(held=held)
            if _stage(connection, application) in FINAL:  # it began and ended while this attempt stood still
                release(connection, application)
                return Registered(number=number_of(connection, application))
            return Registered(number=number or next_number(connection, application, wanted.at, wanted.pattern))


_DROPS_CHECKS = frozenset({FactName.APPLICATION_ACCEPTED, FactName.INTAKE_REFUSED})


def insert_many(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _stage(connection: Connection, application: str) -> str | None:
    """The stage on record, if it is there; its row is then locked until the commit."""
    query = select(t.application.c.stage).where(t.application.c.id == application).with_for_update()
    return connection.execute(query).scalar()


def _lock(connection: Connection, state: State) -> int:
    """The number of the last fact on record, 0 for none; the row stays locked until the commit.

    Of two that record an application for the first time at once, the second waits at the insert for the first
    one's row, and then finds what it wrote.
    """
    query = select(t.application.c.last_fact).where(t.application.c.id == state.opening.application)
    last = connection.execute(query.with_for_update()).scalar()
    if last is None:
        insert_or_ignore(connection, t.application, [_opened(state)])
        last = connection.execute(query.with_for_update()).scalar_one()
    return last


def _check(connection: Connection, application: str, entry: Entry, last: int) -> None:
    """JournalConflictError where a number carries another content, or facts in between are missing."""
    known = select(t.fact.c.number, t.fact.c.hash).where(
        t.fact.c.application == application, t.fact.c.number.in_([fact.number for fact in entry.facts])
    )
    hashes = {row.number: row.hash for row in connection.execute(known)}
    for fact in entry.facts:
        if fact.number <= last and hashes.get(fact.number) != fact.hash:
            raise JournalConflictError(f"{application}: fact {fact.number} has another content on record")
    if entry.facts and entry.facts[0].number > last + 1:
        raise JournalConflictError(f"{application}: the record lacks facts after {last}")


def _write_state(connection: Connection, entry: Entry) -> None:
    state = entry.state
    application = state.opening.application
    connection.execute(update(t.application).where(t.application.c.id == application).values(_changing(state)))
    if any(fact.fact in _DROPS_CHECKS for fact in entry.facts):
        # What was looked up at the counter about somebody else is dropped again when the package is known.
        kept = [check.key for check in state.checks]
        of_others = t.verification.c.check.not_in(kept)
        connection.execute(delete(t.verification).where(t.verification.c.application == application, of_others))
    for table, rows in read_model(state).items():
        upsert(connection, table, [{"application": application, **row} for row in rows])
    insert_or_ignore(connection, t.late_write, list(_late_writes(entry)))


def _late_writes(entry: Entry) -> Iterator[dict[str, Any]]:
    """Limits that are stopped now, and were due in a month whose figures may be kept ready."""
    this_month = local_day(host_now()).replace(day=1)
    since = min((fact.at for fact in entry.facts), default=entry.state.changed_at)
    for clock in entry.state.clocks:
        month = local_day(clock.due_at).replace(day=1)
        if clock.limit and clock.stopped_at is not None and clock.stopped_at >= since and month < this_month:
            yield {"month": month, "application": entry.state.opening.application, "clock": clock.clock}


def _opened(state: State) -> dict[str, Any]:
    """The row of an application of which nothing is written yet, not even a number that another may have."""
    opening = state.opening.model_dump(exclude={"application"})
    nothing = {"registration_number": None, "last_fact": 0}
    return {
        "id": state.opening.application,
        **opening,
        "opened_at": state.opened_at,
        **_changing(state),
        **nothing,
    }


def _changing(state: State) -> dict[str, Any]:
    """What of an application's row may change."""
    is_recall = state.opening.recall_of is not None  # its number stands in the application's row
    return {
        "registration_number": None if is_recall else state.registration_number,
        "stage": state.stage,
        "holder": state.holder,
        "changed_at": state.changed_at,
        "last_fact": state.last_fact,
        "last_hash": state.last_hash,
        "calendar_now": state.calendar_now,
    }


def read_model(state: State) -> dict[Table, list[dict[str, Any]]]:
    """The rows of the read model, without the application's own: one shape for writing and for comparing."""
    approved = state.decision
    return {
        t.clock: [clock_row(clock, state) for clock in state.clocks],
        t.former_due: [row for clock in state.clocks for row in former_rows(clock)],
        t.holding: [
            {"number": number, **holding.model_dump()} for number, holding in enumerate(state.holdings, start=1)
        ],
        t.verification: [
            {"check": check.key, "register": check.register_name}
            | check.model_dump(mode="python", exclude={"register_name", "fields"})
            | {"differing": list(check.differing), "fields": [one.model_dump(mode="json") for one in check.fields]}
            for check in state.checks
        ],
        t.decision: [
            {
                "draft": draft.number,
                "verdict": draft.verdict,
                "grants": [grant.model_dump(mode="json") for grant in draft.grants],
                "grounds": list(draft.grounds),
                "prepared_by": draft.prepared_by,
                "prepared_at": draft.prepared_at,
                "number": approved.number if approved and approved.draft == draft else None,
                "approved_by": approved.approved_by if approved and approved.draft == draft else None,
                "approved_at": approved.approved_at if approved and approved.draft == draft else None,
            }
            for draft in state.drafts
        ],
        t.evidence: evidence_rows(state),
    }


def _write_outbound(connection: Connection, entry: Entry, vault: Vault) -> None:
    application = entry.state.opening.application
    papers = [{"application": application, **paper.model_dump()} for paper in entry.papers]
    insert_or_ignore(connection, t.paper, papers)
    insert_or_ignore(connection, t.notice, [_notice(application, notice) for notice in entry.notices])
    remarks = [
        {
            "application": application,
            "fact": remark.fact,
            "number": remark.number,
            "personal": vault.lock(f"remark/{remark.number}", remark.text),
        }
        for remark in entry.remarks
    ]
    insert_or_ignore(connection, t.remark, remarks)
    if entry.request is not None:
        _write_request(connection, entry, entry.request, vault)
    if brings_checks(entry.facts):
        _write_said(connection, entry, vault)
    write_signed_and_collected(connection, entry, vault)


def _write_said(connection: Connection, entry: Entry, vault: Vault) -> None:
    """What the registers said of the checks as they stand now, and of no other."""
    v, said = t.verification.c, {one.check: one for one in entry.said}
    of_it = v.application == entry.state.opening.application
    for check in entry.state.checks:
        answer = said.get(check.key)
        locked = answer and vault.lock(f"check/{check.key}", answer.answer.model_dump(mode="json"))
        connection.execute(update(t.verification).where(of_it, v.check == check.key).values(personal=locked))


def _notice(application: str, notice: Notice) -> dict[str, Any]:
    return {
        "id": f"{application}/{notice.fact}/{notice.kind}/{notice.recipient}",
        "application": application,
        **notice.model_dump(),
    }


def _write_request(connection: Connection, entry: Entry, request: Request, vault: Vault) -> None:
    application = entry.state.opening.application
    personal = request.model_dump(mode="json", include={"language", "applicant", "account"})
    personal["signature"] = entry.signature
    connection.execute(
        update(t.application)
        .where(t.application.c.id == application)
        .values(personal=vault.lock("application", personal))
    )
    children = [
        {
            "application": application,
            "number": number,
            "iin_hash": vault.lookup(child.iin),
            "personal": vault.lock(f"child/{number}", child.model_dump(mode="json")),
        }
        for number, child in enumerate(request.children, start=1)
    ]
    insert_or_ignore(connection, t.child, children)
    documents = [
        {
            "application": application,
            "number": number,
            "personal": vault.lock(f"document/{number}", document.model_dump(mode="json")),
        }
        for number, document in enumerate(request.documents, start=1)
    ]
    insert_or_ignore(connection, t.document, documents)
