"""One application: its stage, clocks, holder, checks, decision and journal.

It changes only through the verbs below, called by the commands in `models/handling.py`. It judges
nothing: `models/rules.py` says beforehand what may be done. Nothing here knows Temporal or a database.
"""

from collections.abc import Iterator
from datetime import datetime

from models.calendar import UnknownYearError
from models.checks import Check, CheckOutcome, Question, questions
from models.clocks import Clock, Outcome, due, limits_passed
from models.decision import Decision, Draft
from models.journal import Detail, Fact, FactName, sealed
from models.library import Rules
from models.lifecycle import FINAL, Command, Lifecycle, Stage
from models.messages import CLOCK, Answer, Closing, Opening, open_to_people
from models.outbound import Form, Notice, NoticeKind, Paper, Remark
from models.regulation import ClockKind, Office
from models.request import Request
from models.state import Entry, Holding, State


class Application:
    """The state of one application, and the facts that brought it there."""

    def __init__(self, opening: Opening, rules: Rules) -> None:
        self.opening = opening
        self.rules = rules
        self.chart = Lifecycle(opening.channel)
        self.facts: list[Fact] = []
        self.clocks: dict[ClockKind, Clock] = {}
        self.checks: dict[str, Check] = {}
        self.asked: dict[str, Question] = {}
        self.holdings: list[Holding] = []
        self.request: Request | None = None
        self.registration_number: str | None = None
        self.drafts: list[Draft] = []
        self.decision: Decision | None = None
        self.notices: list[Notice] = []
        self.papers: list[Paper] = []
        self.remarks: list[Remark] = []

    # What it is.

    @property
    def stage(self) -> Stage:
        return self.chart.stage

    @property
    def has_ended(self) -> bool:
        return self.stage in FINAL

    @property
    def holder(self) -> str | None:
        """Who has the file in hand now."""
        last = self.holdings[-1] if self.holdings else None
        return last.officer if last and last.until is None else None

    @property
    def office(self) -> Office:
        """Where it came in."""
        return self.rules.office(self.opening.office)

    @property
    def provider(self) -> Office:
        """Who decides it."""
        return self.rules.office(self.office.decided_by)

    def questions(self, request: Request) -> dict[str, Question]:
        """What the registers can be asked about a request, by key."""
        known_after = self.rules.regulation.registers.births_known_after
        return {question.key: question for question in questions(request, known_after)}

    def open_questions(self) -> list[Question]:
        """What the registers have not answered about the request as it was accepted."""
        return [question for question, check in self._asked_of_request() if check is None or not check.is_answered]

    def unconfirmed_questions(self) -> list[Question]:
        """What the registers have not confirmed: silence, no record, or a difference."""
        confirmed = CheckOutcome.CONFIRMED
        return [q for q, check in self._asked_of_request() if check is None or check.outcome is not confirmed]

    def _asked_of_request(self) -> Iterator[tuple[Question, Check | None]]:
        """Each question about the request, and what came of it if exactly that was asked before."""
        if self.request is None:
            return
        for key, question in self.questions(self.request).items():
            yield question, self.checks[key] if self.asked.get(key) == question else None

    # How it changes.

    def move(
        self,
        command: Command,
        fact: FactName,
        *,
        by: str,
        at: datetime,
        cause: str,
        details: dict[str, Detail] | None = None,
    ) -> None:
        """Make a move of the chart and write the fact that it was made."""
        self.chart.send(command)
        self._write(fact, by=by, at=at, cause=cause, details=details or {})

    def due_at(self, kind: ClockKind, at: datetime, answerable: Office) -> datetime | None:
        """When a clock that starts then is due; None where it does not run; UnknownYearError past the calendar."""
        term = self.rules.regulation.term(kind, self.opening.channel)
        return None if term is None else due(term, at, self.rules.calendar, answerable)

    def start(self, kind: ClockKind, at: datetime, answerable: Office) -> None:
        """Start a clock, if it runs on this channel; the office's close of business ends its last day."""
        due_at = self.due_at(kind, at, answerable)
        if due_at is None:
            return
        self.clocks[kind] = Clock(
            clock=kind,
            office=answerable.code,
            limit=self.rules.regulation.clocks[kind].limit,
            started_at=at,
            due_at=due_at,
        )

    def kept_until(self, at: datetime) -> datetime | None:
        """Until when an execution waits for a result at the provider (R9); None: until it is collected."""
        keeps = self.provider.keeps_result
        if keeps is None:
            return None
        try:
            return due(keeps, at, self.rules.calendar, self.provider)
        except UnknownYearError:
            return None

    def stop(self, kind: ClockKind, at: datetime, *, reached: bool, cause: str) -> None:
        """Stop a clock; a stop after the due instant first writes that the limit has passed (C2)."""
        clock = self.clocks.get(kind)
        if clock is None or not clock.is_running:
            return
        if clock.is_overdue(at):
            self.pass_limit(kind, cause=cause)
        self.clocks[kind] = self.clocks[kind].stopped(at, reached=reached)

    def pass_limit(self, kind: ClockKind, *, cause: str) -> None:
        """Write that a limit has passed, dated to its due instant, and tell the office's supervisor (C2)."""
        clock = self.clocks[kind]
        if not clock.limit or clock.outcome is not Outcome.RUNNING:
            return
        self.clocks[kind] = clock.passed()
        details: dict[str, Detail] = {"clock": kind, "office": clock.office}
        self._write(FactName.LIMIT_PASSED, by=CLOCK, at=clock.due_at, cause=cause, details=details)
        supervisor = self.rules.office(clock.office).supervisor
        self._notify(NoticeKind.LIMIT_PASSED, supervisor, clock.due_at, {**details, "stage": self.stage})

    def hold(self, officer: str, at: datetime) -> None:
        self.let_go(at)
        self.holdings.append(Holding(officer=officer, since=at))

    def let_go(self, at: datetime) -> None:
        if self.holder is not None:
            self.holdings[-1] = self.holdings[-1].model_copy(update={"until": at})

    def keep_checks(self, request: Request, checks: tuple[Check, ...]) -> None:
        """Keep what the registers said about a request."""
        asked = self.questions(request)
        for check in checks:
            self.checks[check.key] = check
            self.asked[check.key] = asked[check.key]

    def forget_other_checks(self, request: Request) -> None:
        """Drop what was asked at the counter about somebody whom the request, as accepted, does not name."""
        asked = self.questions(request)
        for key in [key for key, question in self.asked.items() if asked.get(key) != question]:
            del self.asked[key], self.checks[key]

    def give_paper(self, form: Form, at: datetime, details: dict[str, Detail]) -> None:
        self.papers.append(Paper(fact=len(self.facts), form=form, at=at, details=details))

    def remark(self, text: str | None) -> None:
        """Keep what a person wrote beside the last fact."""
        if text is not None:
            remark = Remark(number=len(self.remarks) + 1, fact=len(self.facts), text=text)
            self.remarks.append(remark)

    def _notify(self, kind: NoticeKind, recipient: str, at: datetime, details: dict[str, Detail]) -> None:
        notice = Notice(fact=len(self.facts), kind=kind, recipient=recipient, at=at, details=details)
        self.notices.append(notice)

    def _write(self, name: FactName, *, by: str, at: datetime, cause: str, details: dict[str, Detail]) -> None:
        fact = Fact(
            number=len(self.facts) + 1,
            at=at,
            fact=name,
            by=by,
            cause=cause,
            stage=self.stage,
            details=details,
            previous=self.facts[-1].hash if self.facts else "",
            hash="",
        )
        self.facts.append(sealed(fact))

    # How it is told.

    def answer(self, command: Command, by: str, digest: str) -> Answer:
        return Answer(
            application=self.opening.application,
            command=command,
            by=by,
            digest=digest,
            channel=self.opening.channel,
            office=self.opening.office,
            registration_number=self.registration_number,
            stage=self.stage,
            holder=self.holder,
            allowed=tuple(open_to_people(self.chart)),
            clocks=tuple(self.clocks.values()),
            last_fact=len(self.facts),
        )

    def state(self) -> State:
        return State(
            opening=self.opening,
            stage=self.stage,
            registration_number=self.registration_number,
            holder=self.holder,
            opened_at=self.facts[0].at,
            changed_at=self.facts[-1].at,
            last_fact=len(self.facts),
            last_hash=self.facts[-1].hash,
            clocks=tuple(self.clocks.values()),
            holdings=tuple(self.holdings),
            checks=tuple(self.checks.values()),
            drafts=tuple(self.drafts),
            decision=self.decision,
        )

    def entry(self, after: int) -> Entry:
        """What the record has to write, if it has everything up to the fact number `after`."""
        has_request = any(
            fact.fact in (FactName.APPLICATION_ACCEPTED, FactName.INTAKE_REFUSED) for fact in self.facts[after:]
        )
        return Entry(
            facts=tuple(self.facts[after:]),
            state=self.state(),
            notices=tuple(notice for notice in self.notices if notice.fact > after),
            papers=tuple(paper for paper in self.papers if paper.fact > after),
            remarks=tuple(remark for remark in self.remarks if remark.fact > after),
            request=self.request if has_request else None,
        )

    def closing(self) -> Closing:
        return Closing(
            stage=self.stage,
            registration_number=self.registration_number,
            facts=len(self.facts),
            limits_passed=limits_passed(self.clocks.values()),
        )
