"""Reads the record: what `show` and `list` tell, and what a reconciliation compares."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, func, insert, not_, or_, select, union

from adapters.database import tables as t
from adapters.database.calendars import SqlCalendars
from adapters.database.document_rows import read_approval, read_collection, read_evidence
from adapters.database.engine import writing
from adapters.database.erasures import SqlErasures
from adapters.database.exchanges import SqlExchanges
from adapters.database.personal import Vault
from adapters.database.printouts import SqlPrintouts
from adapters.database.supervised import clock_of
from adapters.host_clock import host_now
from adapters.keys import KeyRing
from models.checks import Check, Said
from models.clocks import Clock
from models.data import Data
from models.decision import Decision, Draft
from models.evidence import Evidence
from models.journal import Fact
from models.lifecycle import OPEN, Channel, Stage
from models.messages import Opening
from models.outbound import Notice, Paper, Remark
from models.request import Request
from models.state import Collection, Entry, Holding, State

_A = t.application.c
_PARENT = t.application.alias("parent")
_NUMBER = func.coalesce(_A.registration_number, _PARENT.c.registration_number)
_FILES = select(
    *(column for column in _A if column.name != "registration_number"), _NUMBER.label("registration_number")
).select_from(t.application.outerjoin(_PARENT, _PARENT.c.id == _A.recall_of))
"""Applications and recalls; the registration number of a recall is its application's."""

_RECALL = t.application.alias("recall_row")
_LAST_RECALL = (
    select(_RECALL.c.stage)
    .where(_RECALL.c.recall_of == _A.id)
    .order_by(_RECALL.c.opened_at.desc(), _RECALL.c.id.desc())
    .limit(1)
    .correlate(t.application)
    .scalar_subquery()
)


class RecordReader:
    """The read side. Personal data is decrypted only where a method says so."""

    def __init__(self, engine: Engine, ring: KeyRing) -> None:
        self._engine = engine
        self._ring = ring

    @cached_property
    def calendars(self) -> SqlCalendars:
        """The changes of the calendar, in the same record."""
        return SqlCalendars(self._engine)

    @cached_property
    def exchanges(self) -> SqlExchanges:
        """The exchanges with the registers, in the same record."""
        return SqlExchanges(self._engine, self._ring)

    @cached_property
    def erasures(self) -> SqlErasures:
        """What was erased after the legal term, in the same record."""
        return SqlErasures(self._engine)

    @cached_property
    def printouts(self) -> SqlPrintouts:
        """The printed documents, in the same record."""
        return SqlPrintouts(self._engine)

    def find(self, reference: str) -> Row[Any] | None:
        """The application with this id or registration number, or the recall with this id."""
        with self._engine.connect() as connection:
            query = _FILES.where(or_(_A.id == reference, _A.registration_number == reference))
            return connection.execute(query).first()

    def recalls(self, application: str) -> list[Row[Any]]:
        """The recalls of an application, in order; only the last of them can be open."""
        query = _FILES.where(_A.recall_of == application).order_by(_A.opened_at, _A.id)
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def opening(self, application: str) -> Opening | None:
        row = self.find(application)
        return None if row is None else _opening(row)

    def last_fact(self, application: str) -> int:
        """The number of the last fact on record, 0 for none."""
        with self._engine.connect() as connection:
            query = select(t.application.c.last_fact).where(t.application.c.id == application)
            return connection.execute(query).scalar() or 0

    def facts(self, application: str, up_to: int | None = None) -> list[Fact]:
        query = select(t.fact).where(t.fact.c.application == application).order_by(t.fact.c.number)
        if up_to is not None:
            query = query.where(t.fact.c.number <= up_to)
        with self._engine.connect() as connection:
            return [_fact(dict(row)) for row in connection.execute(query).mappings()]

    def done(self, executions: Sequence[str], update: str) -> tuple[str, Fact] | None:
        """Which of these executions a command was given to under this id, and the last fact it brought about."""
        of_it = t.fact.c.cause == f"update:{update}"
        query = select(t.fact).where(t.fact.c.application.in_(executions), of_it).order_by(t.fact.c.number.desc())
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else (row["application"], _fact(dict(row)))

    def clocks(self, application: str) -> list[Clock]:
        """In the order in which they started."""
        with self._engine.connect() as connection:
            former = _rows(connection, t.former_due, application)
            clocks = [clock_of(row, former) for row in _rows(connection, t.clock, application)]
        return sorted(clocks, key=lambda clock: clock.started_at)

    def rows(self, application: str) -> dict[str, list[dict[str, Any]]]:
        """The plain rows beside the clocks, by table, without the application's id."""
        tables = (t.holding, t.verification, t.decision, t.paper, t.notice)
        with self._engine.connect() as connection:
            rows = {table.name: _rows(connection, table, application) for table in tables}
            for table in (t.verification, t.decision):
                rows[table.name] = [_without(one, "personal") for one in rows[table.name]]
            return {**rows, t.delivery.name: _deliveries(connection, application)}

    def entry(self, application: str) -> Entry | None:
        """Everything on record of an application, personal data decrypted, in the shape it was written in."""
        row = self.find(application)
        if row is None:
            return None
        rows = self.rows(application)
        approval, collection = self.signed_and_collected(application)
        return Entry(
            facts=tuple(self.facts(application)),
            state=self._state(row, rows),
            notices=tuple(Notice.model_validate(_only(one, Notice)) for one in rows["notice"]),
            papers=tuple(Paper.model_validate(one) for one in rows["printed_document"]),
            remarks=tuple(
                Remark.model_validate(one) for one in self.remarks(application) if one["text"] is not None
            ),
            request=self.request(application),
            signature=self.signature(application),
            approval=approval,
            collection=collection,
            said=tuple(self.said(application)),
        )

    def _state(self, row: Row[Any], rows: dict[str, list[dict[str, Any]]]) -> State:
        drafts, decision = _decisions(rows["decision"])
        return State(
            opening=_opening(row),
            stage=row.stage,
            registration_number=row.registration_number,
            holder=row.holder,
            opened_at=row.opened_at,
            changed_at=row.changed_at,
            last_fact=row.last_fact,
            last_hash=row.last_hash,
            clocks=tuple(self.clocks(row.id)),
            holdings=tuple(Holding.model_validate(_without(one, "number")) for one in rows["holding"]),
            checks=tuple(_check(one) for one in rows["verification"]),
            drafts=drafts,
            decision=decision,
            calendar_now=row.calendar_now,
            evidence=self.evidence(row.id),
        )

    def evidence(self, application: str) -> tuple[Evidence, ...]:
        """The files that were handed in, without their content."""
        with self._engine.connect() as connection:
            return read_evidence(connection, application)

    def signed_and_collected(self, application: str) -> tuple[str | None, Collection | None]:
        """The head's signature over the decision, and who collected the result, decrypted."""
        with self._engine.connect() as connection:
            vault = Vault(connection, self._ring, application)
            return (
                read_approval(connection, application, vault),
                read_collection(connection, application, vault),
            )

    def said(self, application: str) -> list[Said]:
        """What the registers said of the checks, decrypted."""
        with self._engine.connect() as connection:
            vault = Vault(connection, self._ring, application)
            answers = {
                row["check"]: vault.open(f"check/{row['check']}", row["personal"])
                for row in _rows(connection, t.verification, application)
            }
        return [Said.model_validate({"check": check, "answer": one}) for check, one in answers.items() if one]

    def remarks(self, application: str) -> list[dict[str, Any]]:
        """What people wrote beside facts, decrypted; without a text where it was erased."""
        with self._engine.connect() as connection:
            vault = Vault(connection, self._ring, application)
            return [
                {
                    "number": row["number"],
                    "fact": row["fact"],
                    "text": vault.open(f"remark/{row['number']}", row["personal"]),
                }
                for row in _rows(connection, t.remark, application)
            ]

    def signature(self, application: str) -> str | None:
        """The signature of a portal request; None at a counter, or once it has been erased."""
        with self._engine.connect() as connection:
            _, personal = self._personal(connection, application)
            return personal.get("signature") if personal else None

    def _personal(self, connection: Connection, application: str) -> tuple[str, dict[str, Any] | None]:
        """The channel, and the decrypted content of the application's own personal column."""
        vault = Vault(connection, self._ring, application)
        row = connection.execute(select(_A.channel, _A.personal).where(_A.id == application)).first()
        return (row.channel, vault.open("application", row.personal)) if row else ("", None)

    def request(self, application: str) -> Request | None:
        """The request with its personal data, decrypted; None if there is none, or it has been erased."""
        with self._engine.connect() as connection:
            channel, personal = self._personal(connection, application)
            if personal is None:
                return None
            vault = Vault(connection, self._ring, application)
            children = _rows(connection, t.child, application)
            documents = _rows(connection, t.document, application)
            return Request.model_validate(
                {
                    **{name: value for name, value in personal.items() if name != "signature"},
                    "channel": channel,
                    "children": [vault.open(f"child/{one['number']}", one["personal"]) for one in children],
                    "documents": [vault.open(f"document/{one['number']}", one["personal"]) for one in documents],
                }
            )

    def registration(self, application: str) -> tuple[str | None, set[str]]:
        """The number that was given to an application, and the keys of the children that it has claimed."""
        r, c = t.registration.c, t.claim.c
        with self._engine.connect() as connection:
            number = connection.execute(select(r.number).where(r.application == application)).scalar()
            claimed = connection.execute(select(c.child_key).where(c.application == application)).scalars()
            return number, set(claimed)

    def executions(self) -> Iterator[str]:
        """The id of everything that the record knows of, be it only a claim or a number."""
        query = union(select(_A.id), select(t.claim.c.application), select(t.registration.c.application))
        with self._engine.connect() as connection:
            yield from connection.execute(query.order_by("id")).scalars()

    def open_executions(self) -> list[str]:
        """The ids of the applications and recalls that have not ended, the oldest first."""
        query = select(_A.id).where(_A.stage.in_(OPEN)).order_by(_A.opened_at, _A.id)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def holds_others_than(self, prefix: str) -> bool:
        """Whether the record holds an application whose id begins otherwise."""
        query = select(t.application.c.id).where(t.application.c.id.not_like(f"{prefix}-%")).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def applications(
        self, stage: Stage | None = None, channel: Channel | None = None, limit: int = 50
    ) -> list[Row[Any]]:
        """Applications, the newest first, each with the stage of its last recall as `recall`.

        A stage finds those whose story or whose recall stands there.
        """
        query = (
            _FILES.add_columns(_LAST_RECALL.label("recall"))
            .where(_A.recall_of.is_(None))
            .order_by(_A.opened_at.desc(), _A.id)
        )
        if stage is not None:
            is_collected = func.coalesce(_LAST_RECALL, "").in_([Stage.COLLECTED])
            query = query.where(or_(and_(_A.stage == stage, not_(is_collected)), _LAST_RECALL.in_([stage])))
        if channel is not None:
            query = query.where(t.application.c.channel == channel)
        with self._engine.connect() as connection:
            return list(connection.execute(query.limit(limit)))

    def accesses(self, application: str) -> list[tuple[str, str, str]]:
        """Who asked or attempted what, and the code of what came of it, in order."""
        a = t.access.c
        query = select(a.who, a.command, a.code).where(a.application == application).order_by(a.id)
        with self._engine.connect() as connection:
            return [(row.who, row.command, row.code) for row in connection.execute(query)]

    def note_access(self, who: str, application: str, command: str, code: str, iin: str | None = None) -> None:
        """Write a refused attempt, or a question about somebody, to `access`; of the IIN it keeps a keyed hash.

        The time is the host's, as no workflow saw it.
        """
        row = {
            "at": host_now(),
            "who": who,
            "application": application,
            "command": command,
            "code": code,
            "whom": iin and self._ring.lookup_hash("iin", iin),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(t.access), [row])


def _fact(row: dict[str, Any]) -> Fact:
    return Fact.model_validate(_without(row, "application"))


def _opening(row: Row[Any]) -> Opening:
    return Opening(
        application=row.id,
        channel=Channel(row.channel),
        office=row.office,
        regulation=row.regulation,
        calendar=row.calendar,
        recall_of=row.recall_of,
    )


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _only(row: dict[str, Any], kind: type[Data]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in kind.model_fields}


def _check(row: dict[str, Any]) -> Check:
    content = _without(row, "check", "register", "differing")
    return Check.model_validate(content | {"register_name": row["register"], "fields": row["fields"] or ()})


def _decisions(rows: list[dict[str, Any]]) -> tuple[tuple[Draft, ...], Decision | None]:
    decision: Decision | None = None
    drafts: list[Draft] = []
    for row in rows:
        draft = Draft.model_validate(_only(row, Draft) | {"number": row["draft"]})
        drafts.append(draft)
        if row["approved_at"] is not None:
            decision = Decision.model_validate(_only(row, Decision) | {"draft": draft})
    return tuple(drafts), decision


def _deliveries(connection: Connection, application: str) -> list[dict[str, Any]]:
    """What came of each notice on each way that it was tried on."""
    n, d = t.notice.c, t.delivery.c
    query = (
        select(n.fact, n.kind, n.recipient, d.way, d.attempts, d.next_attempt_at, d.sent_at, d.problem)
        .join_from(t.notice, t.delivery)
        .where(n.application == application)
        .order_by(n.fact, n.kind, n.recipient, d.way)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _rows(connection: Connection, table: Any, application: str) -> list[dict[str, Any]]:
    # A notice's key is a text, in which the tenth fact would come before the second.
    order = (t.notice.c.fact, t.notice.c.kind, t.notice.c.recipient) if table is t.notice else table.primary_key
    query = select(table).where(table.c.application == application).order_by(*order)
    return [_without(dict(row), "application") for row in connection.execute(query).mappings()]
