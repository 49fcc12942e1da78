"""Time-outs and retries, by what they are for."""

from datetime import timedelta
from enum import IntEnum

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityConfig

with workflow.unsafe.imports_passed_through():
    from models.regulation import RetryRule


def write_record(summary: str) -> ActivityConfig:
    """Never given up: a record that is away for days shows as a pending activity, and holds nobody up."""
    return _for_ever(summary, first=timedelta(milliseconds=200), longest=timedelta(seconds=10))


def verify_signature(summary: str) -> ActivityConfig:
    """Never given up: a request whose signature nobody can check stays submitted, in sight, and its term runs."""
    config = _for_ever(summary, first=timedelta(seconds=1), longest=timedelta(minutes=5))
    return {**config, "task_queue": documents_queue(workflow.info().task_queue)}


def _for_ever(summary: str, *, first: timedelta, longest: timedelta) -> ActivityConfig:
    """Short attempts without end; `first` and `longest` are the pauses between them."""
    return ActivityConfig(
        summary=summary,
        start_to_close_timeout=timedelta(seconds=20),
        retry_policy=RetryPolicy(initial_interval=first, backoff_coefficient=2, maximum_interval=longest),
    )


class Urgency(IntEnum):
    """Who is served first where questions to the registers wait for each other: Temporal's priority keys."""

    AT_THE_COUNTER = 1
    OFFICER_WAITS = 2
    ACCEPTED = 3
    LEFT_UNANSWERED = 5


def registers_queue(queue: str) -> str:
    """The task queue of the registers beside a queue of the process: it has a rate of its own, which the server
    keeps for all workers together."""
    return f"{queue}-registers"


def documents_queue(queue: str) -> str:
    """The task queue of what looks at documents and signatures, beside a queue of the process."""
    return f"{queue}-documents"


def ask_once(summary: str, urgency: Urgency, patience: timedelta | None) -> ActivityConfig:
    """One attempt for all questions together; whoever keeps silent is asked one by one afterwards."""
    return _of_registers(summary, urgency, patience or _ONCE, RetryPolicy(maximum_attempts=1))


def ask_register(summary: str, urgency: Urgency, patience: timedelta, retry: RetryRule) -> ActivityConfig:
    """Short attempts, asked again until the patience of the regulation file is at its end.

    The first pause of the rule was made before: a first attempt has been in vain already.
    """
    again = RetryPolicy(
        initial_interval=timedelta(seconds=min(retry.first * retry.factor, retry.longest)),
        backoff_coefficient=retry.factor,
        maximum_interval=timedelta(seconds=retry.longest),
    )
    return _of_registers(summary, urgency, patience, again)


_ATTEMPT = timedelta(seconds=30)
"""The gateway's own deadline (adapters/gateway/exchange.py), and a slow record before and after it: an answer that
is there is not thrown away because noting it takes long."""
_ONCE = timedelta(minutes=2)
"""How long a question that nobody waits for may wait for its turn."""


def _of_registers(summary: str, urgency: Urgency, patience: timedelta, retry: RetryPolicy) -> ActivityConfig:
    return ActivityConfig(
        summary=summary,
        task_queue=registers_queue(workflow.info().task_queue),
        priority=Priority(priority_key=urgency),
        start_to_close_timeout=_ATTEMPT,
        schedule_to_close_timeout=patience,
        retry_policy=retry,
    )
