"""Time-outs and retries, by what they are for."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

WRITE_RECORD = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=2,
        maximum_interval=timedelta(seconds=10),
    ),
)
"""The record is never given up: one that is away for days shows as a pending activity, and holds nobody up."""


def ask_register(patience: timedelta) -> ActivityConfig:
    """Short attempts, asked again until the patience of the regulation file is at its end."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=5),
        schedule_to_close_timeout=patience,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=timedelta(minutes=5),
        ),
    )
