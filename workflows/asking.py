"""Asks the registers from a workflow: all questions at once, and silence is an outcome (R17)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.registers import RegisterActivities
    from models.checks import Check, CheckOutcome, Question
    from workflows import options


async def ask_registers(questions: Sequence[Question], patience: timedelta) -> tuple[Check, ...]:
    """A check for each question, in the order of the questions; after the patience it is unanswered."""
    return tuple(await asyncio.gather(*(_ask(question, patience) for question in questions)))


async def _ask(question: Question, patience: timedelta) -> Check:
    asked_at = workflow.now()
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
    return Check(
        register_name=question.register_name,
        child=question.child,
        outcome=finding.outcome,
        differing=finding.differing,
        asked_at=asked_at,
        answered_at=workflow.now(),
    )
