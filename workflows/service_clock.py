"""Keeps one clock in a workflow: a durable timer that ends when the clock is stopped or runs out."""

from collections.abc import Callable
from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.data import shown


async def runs_out(due_at: datetime, is_over: Callable[[], bool], name: str) -> bool:
    """Wait until it is over or the due instant has come; whether the due instant came first."""
    left = due_at - workflow.now()
    summary = f"{name} due {shown(due_at)}"
    try:
        await workflow.wait_condition(is_over, timeout=left, timeout_summary=summary)
    except TimeoutError:
        return True
    return False
