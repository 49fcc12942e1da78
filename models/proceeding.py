"""What an application and a recall have in common: a chart, clocks, a journal, and what leaves the house.

A proceeding changes only through the verbs below, called by the commands in `models/handling.py`. It judges
nothing: `models/rules.py` says beforehand what may be done. Nothing here knows Temporal or a database.
"""

from datetime import datetime

from models.clocks import Clock, limits_passed
from models.data import Code
from models.journal import FALLING_DUE, Detail, Fact, FactName, sealed
from models.library import Rules
from models.lifecycle import FINAL, Chart, Command, Stage
from models.messages import APPLICANT, CLOCK, Answer, Closing, Opening, open_to_people
from models.outbound import Form, Notice, NoticeKind, Paper, Remark
from models.regulation import Office
from models.state import Collection, Entry, State
from models.timed import ESCALATED, Timed


class Proceeding(Timed):
    """The state of one execution, and the facts that brought it there."""

    def __init__(self, opening: Opening, rules: Rules, chart: Chart) -> None:
        super().__init__(opening, rules)
        self.chart = chart
        self.registration_number: str | None = None
        self.facts: list[Fact] = []
        self.notices: list[Notice] = []
        self.papers: list[Paper] = []
        self.remarks: list[Remark] = []
        self.collection: Collection | None = None
        self.begins_after = ""
        """The hash that the first fact is chained to; a recall goes on where the story stands."""

    def take_over(self, entry: Entry, goes_by: Rules) -> None:
        """Stand where the record says that it stood; nothing of it is done again."""
        state = entry.state
        self.chart = type(self.chart)(self.opening.channel, state.stage)
        self.registration_number = state.registration_number
        self.facts = list(entry.facts)
        self.notices, self.papers, self.remarks = list(entry.notices), list(entry.papers), list(entry.remarks)
        self.collection = entry.collection
        self.keep_running(state.clocks, goes_by, state.calendar_now)

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

    def holder_at(self, instant: datetime) -> Code | None:
        del instant
        return None

    def stage_at(self, instant: datetime) -> Stage:
        moves = [fact.stage for fact in self.facts if fact.at <= instant and fact.fact not in FALLING_DUE]
        return moves[-1] if moves else self.stage

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

    def escalate(self, name: FactName, clock: Clock, at: datetime, cause: str, details: dict[str, Detail]) -> None:
        self._write(name, by=CLOCK, at=at, cause=cause, details=details)
        supervisor = self.rules.office(clock.office).supervisor
        self._notify(ESCALATED[name], supervisor, at, {**_known_beforehand(details), "stage": self.stage})

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
            changed_at=max(fact.at for fact in self.facts),
            last_fact=len(self.facts),
            last_hash=self.facts[-1].hash,
            clocks=tuple(self.clocks.values()),
            calendar_now=self.calendar_now,
        )

    def entry(self, after: int) -> Entry:
        """What the record has to write, if it has everything up to the fact number `after`."""
        return Entry(
            facts=tuple(self.facts[after:]),
            state=self.state(),
            notices=tuple(notice for notice in self.notices if notice.fact > after),
            papers=tuple(paper for paper in self.papers if paper.fact > after),
            remarks=tuple(remark for remark in self.remarks if remark.fact > after),
            collection=self.collection if self.collection and self.collection.fact > after else None,
        )

    def closing(self) -> Closing:
        return Closing(
            stage=self.stage,
            registration_number=self.registration_number,
            facts=len(self.facts),
            limits_passed=limits_passed(self.clocks.values()),
        )


def _known_beforehand(details: dict[str, Detail]) -> dict[str, Detail]:
    """What a notice tells of a fact: when it was noticed is seen from its own instant."""
    return {name: value for name, value in details.items() if name != "noticed_at"}
