"""Asks the registers from a workflow: all questions at once, and silence is an outcome (R17)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.registers import Finding, Questions, RegisterActivities
    from models.checks import Check, CheckOutcome, Question, Said
    from models.comparison import FieldFinding, Verdict
    from models.regulation import RetryRule
    from workflows import options
    from workflows.options import Urgency
    from workflows.rounds import answers, round_at


@dataclass(frozen=True)
class Asked:
    """What came of questions: a check for each, and what the registers said."""

    checks: tuple[Check, ...] = ()
    said: tuple[Said, ...] = ()

    def is_news(self, known: Mapping[str, Check]) -> bool:
        """Whether somebody has said something, or failed in another way than was known."""
        return any(check.is_answered or check.failure != known[check.key].failure for check in self.checks)


@dataclass(frozen=True)
class Manner:
    """How registers are asked: on whose behalf, for how long, with which pauses, and before or after others.

    `patience` None: once, and whoever keeps silent is not asked again.
    """

    by: str
    urgency: Urgency
    retry: RetryRule
    patience: timedelta | None


async def ask_registers(questions: Sequence[Question], manner: Manner) -> Asked:
    """A check for each question, in the order of the questions; after the patience it is unanswered."""
    if not questions:
        return Asked()
    asked_at = workflow.now()
    findings = await _ask_all(questions, manner, round_at(asked_at))
    hearing = (
        _heard(question, finding, asked_at) if finding else _insist(question, asked_at, manner)
        for question, finding in zip(questions, findings, strict=True)
    )
    heard = await asyncio.gather(*hearing)
    said = tuple(
        Said(check=check.key, answer=finding.answer)
        for check, finding in heard
        if finding is not None and finding.answer is not None
    )
    return Asked(tuple(check for check, _ in heard), said)


async def _ask_all(questions: Sequence[Question], manner: Manner, this: str) -> tuple[Finding | None, ...]:
    """All at once, in one activity; where it breaks off, or another round's answers come, nobody has answered."""
    summary = f"ask registers: {_named(questions)}"
    try:
        asked = await workflow.execute_activity_method(
            RegisterActivities.ask_registers,
            Questions(by=manner.by, questions=tuple(questions), round=this),
            **options.ask_once(summary, manner.urgency, manner.patience),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return (None,) * len(questions)
    return asked.findings if answers(asked.round, this) else (None,) * len(questions)


def _named(questions: Sequence[Question]) -> str:
    """The first of them, as a summary has little room: of many children each has several questions."""
    names = [question.key for question in questions]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


_NAMED = 8
_Heard = tuple[Check, Finding | None]


async def _insist(question: Question, asked_at: datetime, manner: Manner) -> _Heard:
    """Ask one silent register again and again, until the patience is at its end."""
    if manner.patience is None:
        return _unanswered(question, asked_at), None
    if workflow.patched("a-pause-before-insisting"):
        await workflow.sleep(timedelta(seconds=manner.retry.first), summary=f"then again: {question.key}")
    this = round_at(workflow.now(), question.key)
    left = max(manner.patience - (workflow.now() - asked_at), timedelta(seconds=1))
    try:
        finding = await workflow.execute_activity_method(
            RegisterActivities.ask_register,
            Questions(by=manner.by, questions=(question,), round=this),
            **options.ask_register(f"ask register: {question.key}", manner.urgency, left, manner.retry),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return _unanswered(question, asked_at, _lasting(error)), None
    # Other registers may still be silent: without a command of its own, this task would be taken for an empty
    # one by a replay, and its instant with it (docs/decisions/0020-no-fact-in-an-empty-task.md).
    workflow.upsert_memo({question.key: str(finding.outcome)})
    if not answers(finding.round, this):
        return _unanswered(question, asked_at), None
    return await _heard(question, finding, asked_at)


def _lasting(error: ActivityError) -> str | None:
    """The code of a failure that asking again does not mend."""
    cause = error.cause
    return cause.type if isinstance(cause, ApplicationError) and cause.non_retryable else None


def _unanswered(question: Question, asked_at: datetime, failure: str | None = None) -> Check:
    return Check(
        register_name=question.register_name,
        child=question.child,
        outcome=CheckOutcome.UNANSWERED,
        failure=failure,
        asked_at=asked_at,
        answered_at=None,
    )


async def _heard(question: Question, finding: Finding, asked_at: datetime) -> _Heard:
    if finding.failure is not None:
        return _unanswered(question, asked_at, finding.failure), None
    check = Check(
        register_name=question.register_name,
        child=question.child,
        outcome=finding.outcome,
        fields=finding.fields or _as_of_old(finding),
        asked_at=asked_at,
        answered_at=workflow.now(),
    )
    return check, finding


def _as_of_old(finding: Finding) -> tuple[FieldFinding, ...]:
    return tuple(FieldFinding(field=name, verdict=Verdict.DIFFERS) for name in finding.differing)
