"""Time-outs and retries, by what they are for."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig


def write_record(summary: str) -> ActivityConfig:
    """Never given up: a record that is away for days shows as a pending activity, and holds nobody up."""
    return _for_ever(summary, first=timedelta(milliseconds=200), longest=timedelta(seconds=10))


def verify_signature(summary: str) -> ActivityConfig:
    """Never given up: a request whose signature nobody can check stays submitted, in sight, and its term runs."""
    return _for_ever(summary, first=timedelta(seconds=1), longest=timedelta(minutes=5))


def _for_ever(summary: str, *, first: timedelta, longest: timedelta) -> ActivityConfig:
    """Short attempts without end; `first` and `longest` are the pauses between them."""
    return ActivityConfig(
        summary=summary,
        start_to_close_timeout=timedelta(seconds=20),
        retry_policy=RetryPolicy(initial_interval=first, backoff_coefficient=2, maximum_interval=longest),
    )


def ask_once(summary: str, patience: timedelta) -> ActivityConfig:
    """One attempt for all questions together; whoever keeps silent is asked one by one afterwards."""
    return ActivityConfig(
        summary=summary,
        start_to_close_timeout=timedelta(seconds=5),
        schedule_to_close_timeout=patience,
        retry_policy=RetryPolicy(maximum_attempts=1),
    )


def ask_register(summary: str, patience: timedelta) -> ActivityConfig:
    """Short attempts, asked again until the patience of the regulation file is at its end."""
    return ActivityConfig(
        summary=summary,
        start_to_close_timeout=timedelta(seconds=5),
        schedule_to_close_timeout=patience,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=timedelta(minutes=30),
        ),
    )
