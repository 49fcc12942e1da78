"""One application: what it asks for, what the registers said of it, who has it in hand, what was decided."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from models.calendar import UnknownYearError
from models.checks import Check, CheckOutcome, Question, Said, questions
from models.clocks import due
from models.data import Code
from models.decision import Decision, Draft
from models.evidence import Attach, Evidence, evidence_id
from models.journal import FactName, brings_checks
from models.library import Rules
from models.lifecycle import Lifecycle
from models.messages import PROCESS, AskAgain, Opening
from models.proceeding import Proceeding
from models.registers import Register
from models.request import Request
from models.state import Entry, Holding, State

_BRINGS_THE_REQUEST = frozenset(
    {FactName.APPLICATION_SUBMITTED, FactName.APPLICATION_ACCEPTED, FactName.INTAKE_REFUSED}
)


class Application(Proceeding):
    """A proceeding from the queue ticket, or the signed request, to the end of the application."""

    def __init__(self, opening: Opening, rules: Rules) -> None:
        super().__init__(opening, rules, Lifecycle(opening.channel))
        self.request: Request | None = None
        self.signature: str | None = None
        self.checks: dict[str, Check] = {}
        self.asked: dict[str, Question] = {}
        self.said: dict[str, Said] = {}
        self.holdings: list[Holding] = []
        self.drafts: list[Draft] = []
        self.decision: Decision | None = None
        self.approval: str | None = None
        self.evidence: dict[str, Evidence] = {}

    def take_over(self, entry: Entry, goes_by: Rules) -> None:
        """As of every proceeding. What was asked before the request was on record is asked again after it."""
        super().take_over(entry, goes_by)
        state, self.request, self.signature = entry.state, entry.request, entry.signature
        self.checks = {check.key: check for check in state.checks}
        asked = self.questions(entry.request) if entry.request else {}
        self.asked = {key: question for key, question in asked.items() if key in self.checks}
        self.said = {one.check: one for one in entry.said}
        self.holdings, self.drafts = list(state.holdings), list(state.drafts)
        self.decision, self.approval = state.decision, entry.approval
        self.evidence = {one.id: one for one in state.evidence}

    @property
    def holder(self) -> Code | None:
        """Who has the file in hand now."""
        last = self.holdings[-1] if self.holdings else None
        return last.officer if last and last.until is None else None

    def holder_at(self, instant: datetime) -> Code | None:
        for holding in reversed(self.holdings):
            if holding.since <= instant:
                return holding.officer if holding.until is None or holding.until > instant else None
        return None

    def hold(self, officer: str, at: datetime) -> None:
        self.let_go(at)
        self.holdings.append(Holding(officer=officer, since=at))

    def let_go(self, at: datetime) -> None:
        if self.holder is not None:
            self.holdings[-1] = self.holdings[-1].model_copy(update={"until": at})

    # What was handed in as files (R11-R15).

    def evidence_of(self, attached: Attach) -> Evidence | None:
        """This file as this paper, if the application has it already."""
        return self.evidence.get(evidence_id(self.opening.application, attached))

    def attach(self, attached: Attach, by: str, at: datetime) -> Evidence:
        """Keep a file as a paper of the package; a file that is there stays as it was attached first."""
        identity = evidence_id(self.opening.application, attached)
        content = attached.model_dump(include=set(Attach.model_fields))
        new = Evidence(**content, id=identity, attached_by=by, attached_at=at)
        return self.evidence.setdefault(identity, new)

    def attach_copies(self, request: Request, by: str, at: datetime) -> None:
        """Keep the electronic copies that a request names itself (R15)."""
        for paper in request.documents:
            if paper.file is not None:
                attached = Attach(kind=paper.kind, child=paper.child, **paper.file.model_dump())
                self.attach(attached, by, at)

    @property
    def ready_since(self) -> datetime:
        """When the result was there to be collected."""
        return next(fact.at for fact in reversed(self.facts) if fact.fact is FactName.RESULT_DELIVERED)

    def kept_until(self, at: datetime) -> datetime | None:
        """Until when an execution waits for a result at the provider (R9); None: until it is collected."""
        keeps = self.provider.keeps_result
        if keeps is None:
            return None
        try:
            return due(keeps, at, self.rules.calendar, self.provider)
        except UnknownYearError:
            return None

    # What the registers are asked, and said (R17).

    def questions(self, request: Request) -> dict[str, Question]:
        """What the registers can be asked about a request, by key."""
        return {one.key: one for one in questions(request, self.rules.regulation.registers)}

    def open_questions(self) -> list[Question]:
        """What the registers have not answered about the request as it was accepted."""
        return [question for question, check in self._asked_of_request() if check is None or not check.is_answered]

    def questions_again(self, wanted: AskAgain, by: str) -> list[Question]:
        """What is asked once more: of a specialist whatever is not confirmed, of the process what is silent."""
        return self.silent_questions(wanted) if by == PROCESS else self.unconfirmed_questions(wanted.meant)

    def unconfirmed_questions(self, registers: Collection[Register] = tuple(Register)) -> list[Question]:
        """What these registers have not confirmed: silence, no record, or a difference."""
        return [
            question
            for question, check in self._asked_of_request()
            if question.register_name in registers
            and (check is None or check.outcome is not CheckOutcome.CONFIRMED)
        ]

    def _asked_of_request(self) -> Iterator[tuple[Question, Check | None]]:
        """Each question about the request, and what came of it if exactly that was asked before."""
        if self.request is None:
            return
        for key, question in self.questions(self.request).items():
            yield question, self.checks[key] if self.asked.get(key) == question else None

    def silent_questions(self, wanted: AskAgain) -> list[Question]:
        """What registers have left without an answer; what an operator has to mend first, only if it is wanted."""
        return [
            question
            for question, check in self._asked_of_request()
            if question.register_name in wanted.meant
            and (check is None or not check.is_answered)
            and (check is None or check.failure is None or wanted.even_failed)
        ]

    def keep_checks(self, request: Request, checks: Iterable[Check], said: Iterable[Said]) -> None:
        """Keep what the registers said about a request. Silence takes away no answer to the same question."""
        asked, answers = self.questions(request), {one.check: one for one in said}
        for check in checks:
            before = self.checks.get(check.key) if self.asked.get(check.key) == asked[check.key] else None
            if before is not None and before.is_answered and not check.is_answered:
                continue
            self.checks[check.key] = check
            self.asked[check.key] = asked[check.key]
            self.said.pop(check.key, None)
            if check.key in answers:
                self.said[check.key] = answers[check.key]

    def forget_other_checks(self, request: Request) -> None:
        """Drop what was asked at the counter about somebody whom the request, as accepted, does not name."""
        asked = self.questions(request)
        for key in [key for key in self.checks if key not in asked or self.asked.get(key) != asked[key]]:
            del self.checks[key]
            self.asked.pop(key, None)
            self.said.pop(key, None)

    # How it is told.

    def state(self) -> State:
        more = {
            "holdings": tuple(self.holdings),
            "checks": tuple(self.checks.values()),
            "drafts": tuple(self.drafts),
            "decision": self.decision,
            "evidence": tuple(self.evidence.values()),
        }
        return super().state().model_copy(update=more)

    def entry(self, after: int) -> Entry:
        """As of every proceeding; the request goes along once, with the fact that brought it, and what the
        registers said with the facts that brought checks."""
        entry = super().entry(after)
        if brings_checks(entry.facts):
            entry = entry.model_copy(update={"said": tuple(self.said.values())})
        if any(fact.fact is FactName.DECISION_APPROVED for fact in entry.facts):
            entry = entry.model_copy(update={"approval": self.approval})
        brought = next((fact for fact in self.facts if fact.fact in _BRINGS_THE_REQUEST), None)
        if brought is None or brought.number <= after:
            return entry
        return entry.model_copy(update={"request": self.request, "signature": self.signature})
