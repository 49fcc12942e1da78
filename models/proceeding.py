"""What an application and a recall have in common: a chart, clocks, a journal, and what leaves the house.

A proceeding changes only through the verbs below, called by the commands in `models/handling.py`. It judges
nothing: `models/rules.py` says beforehand what may be done. Nothing here knows Temporal or a database.
"""

from datetime import datetime

from models.clocks import Clock, Outcome, counted_from, due, limits_passed
from models.data import Code
from models.journal import Detail, Fact, FactName, sealed
from models.library import Rules
from models.lifecycle import FINAL, Chart, Command, Stage
from models.messages import APPLICANT, CLOCK, Answer, Closing, Opening, open_to_people
from models.outbound import Form, Notice, NoticeKind, Paper, Remark
from models.regulation import ClockKind, Office
from models.state import Entry, State


class Proceeding:
    """The state of one execution, and the facts that brought it there."""

    def __init__(self, opening: Opening, rules: Rules, chart: Chart) -> None:
        self.opening = opening
        self.rules = rules
        self.chart = chart
        self.registration_number: str | None = None
        self.facts: list[Fact] = []
        self.clocks: dict[ClockKind, Clock] = {}
        self.notices: list[Notice] = []
        self.papers: list[Paper] = []
        self.remarks: list[Remark] = []
        self.begins_after = ""
        """The hash that the first fact is chained to; a recall goes on where the story stands."""

    # What it is.

    @property
    def stage(self) -> Stage:
        return self.chart.stage

    @property
    def has_ended(self) -> bool:
        return self.stage in FINAL

    @property
    def holder(self) -> Code | None:
        """Who has the file in hand now; only an application has a holder."""
        return None

    @property
    def office(self) -> Office:
        """Where it came in."""
        return self.rules.office(self.opening.office)

    @property
    def provider(self) -> Office:
        """Who decides it, and stores its result."""
        return self.rules.office(self.office.decided_by)

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
        counted = self._counted(kind, at, answerable)
        return None if counted is None else counted[1]

    def _counted(self, kind: ClockKind, at: datetime, answerable: Office) -> tuple[datetime, datetime] | None:
        """From when a clock counts, and when it is due."""
        term = self.rules.regulation.term(kind, self.opening.channel)
        if term is None:
            return None
        start = counted_from(term, at, self.rules.calendar, answerable)
        return start, due(term, start, self.rules.calendar, answerable)

    def start(self, kind: ClockKind, at: datetime, answerable: Office) -> None:
        """Start a clock, if it runs on this channel; the office's close of business ends its last day."""
        counted = self._counted(kind, at, answerable)
        if counted is None:
            return
        started_at, due_at = counted
        self.clocks[kind] = Clock(
            clock=kind,
            office=answerable.code,
            limit=self.rules.regulation.clocks[kind].limit,
            started_at=started_at,
            due_at=due_at,
        )

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

    def give_paper(self, form: Form, at: datetime, details: dict[str, Detail]) -> None:
        self.papers.append(Paper(fact=len(self.facts), form=form, at=at, details=details))

    def remark(self, text: str | None) -> None:
        """Keep what a person wrote beside the last fact."""
        if text is not None:
            remark = Remark(number=len(self.remarks) + 1, fact=len(self.facts), text=text)
            self.remarks.append(remark)

    def tell_applicant(self, kind: NoticeKind, at: datetime, details: dict[str, Detail]) -> None:
        """Put a notice into the applicant's personal cabinet (R16, R22)."""
        self._notify(kind, APPLICANT, at, details)

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
            previous=self.facts[-1].hash if self.facts else self.begins_after,
            hash="",
        )
        self.facts.append(sealed(fact))

    # How it is told.

    def answer(self, command: Command, by: str, digest: str) -> Answer:
        return Answer(
            application=self.opening.application,
            recall_of=self.opening.recall_of,
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

    def keep(self, answer: Answer) -> None:
        """Keep an answer with the fact that it was given on: the record can give it again for ever."""
        self.facts[-1] = self.facts[-1].model_copy(update={"answer": answer})

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
        )

    def entry(self, after: int) -> Entry:
        """What the record has to write, if it has everything up to the fact number `after`."""
        return Entry(
            facts=tuple(self.facts[after:]),
            state=self.state(),
            notices=tuple(notice for notice in self.notices if notice.fact > after),
            papers=tuple(paper for paper in self.papers if paper.fact > after),
            remarks=tuple(remark for remark in self.remarks if remark.fact > after),
        )

    def closing(self) -> Closing:
        return Closing(
            stage=self.stage,
            registration_number=self.registration_number,
            facts=len(self.facts),
            limits_passed=limits_passed(self.clocks.values()),
        )
