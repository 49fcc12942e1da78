"""Asks the registers from a workflow: all questions at once, and silence is an outcome (R17)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.registers import Finding, Questions, RegisterActivities
    from models.checks import Check, CheckOutcome, Question
    from workflows import options


async def ask_registers(questions: Sequence[Question], patience: timedelta) -> tuple[Check, ...]:
    """A check for each question, in the order of the questions; after the patience it is unanswered."""
    if not questions:
        return ()
    asked_at = workflow.now()
    findings = await _ask_all(questions, patience)
    left = max(patience - (workflow.now() - asked_at), timedelta(seconds=1))
    answers = (
        _said(question, finding, asked_at) if finding else _insist(question, asked_at, left)
        for question, finding in zip(questions, findings, strict=True)
    )
    return tuple(await asyncio.gather(*answers))


async def _ask_all(questions: Sequence[Question], patience: timedelta) -> tuple[Finding | None, ...]:
    """The first round, in one activity; where it breaks off, nobody has answered."""
    try:
        asked = await workflow.execute_activity_method(
            RegisterActivities.ask_registers,
            Questions(questions=tuple(questions)),
            **options.ask_once(f"ask registers: {', '.join(question.key for question in questions)}", patience),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return (None,) * len(questions)
    return asked.findings


async def _insist(question: Question, asked_at: datetime, patience: timedelta) -> Check:
    """Ask one silent register again and again, until the patience is at its end."""
    try:
        finding = await workflow.execute_activity_method(
            RegisterActivities.ask_register,
            question,
            **options.ask_register(f"ask register: {question.key}", patience),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return Check(
            register_name=question.register_name,
            child=question.child,
            outcome=CheckOutcome.UNANSWERED,
            asked_at=asked_at,
            answered_at=None,
        )
    # Other registers may still be silent: without a command of its own, this task would be taken for an empty
    # one by a replay, and its instant with it (docs/decisions/0020-no-fact-in-an-empty-task.md).
    workflow.upsert_memo({question.key: str(finding.outcome)})
    return await _said(question, finding, asked_at)


async def _said(question: Question, finding: Finding, asked_at: datetime) -> Check:
    return Check(
        register_name=question.register_name,
        child=question.child,
        outcome=finding.outcome,
        differing=finding.differing,
        asked_at=asked_at,
        answered_at=workflow.now(),
    )
