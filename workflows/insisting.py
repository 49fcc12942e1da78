"""Calls an activity until it succeeds: what must not be lost is never given up.

Temporal itself tries again for ever. Only a person can end an attempt, by hand and from outside, or answer it with
a copy; then it is begun anew, in sight of operators, instead of failing the application.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityConfig

_PAUSE = timedelta(seconds=10)


async def insist(
    activity: Callable[..., Any],
    argument: Any,
    config: ActivityConfig,
    is_answer: Callable[[Any], bool] = lambda _: True,
) -> Any:
    """The activity's result, however often it takes; only a cancellation ends the asking.

    `is_answer`: whether a result is one of this very question (workflows/rounds.py).
    """
    while True:
        try:
            result = await workflow.execute_activity_method(activity, argument, **config)
            if is_answer(result):
                return result
            workflow.logger.warning("an answer to another question came; it is asked again")
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("%s was ended by hand; it begins again", error.activity_type)
            await workflow.sleep(_PAUSE, summary=f"then again: {config.get('summary')}")
