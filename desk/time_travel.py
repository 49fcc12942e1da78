"""Moves one execution's own time ahead, on servers with time skipping: for trials, tests and the demo."""

import asyncio
from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from adapters.host_clock import host_now
from desk.delivery import server_trouble
from desk.desk import Desk
from models.errors import RefusedError, TirekError, UnavailableError, UnknownApplicationError
from models.refusals import Refusal
from workflows.application import ApplicationWorkflow

_SKIP_SECONDS = 120
_CLOCKS_DIFFER = timedelta(seconds=2)


async def skip(desk: Desk, reference: str, duration: timedelta) -> None:
    """Move an application's own time ahead, or its last recall's, and wait until the record has what fell due."""
    execution = desk.story(reference)[-1]
    try:
        await desk.delivery.need_worker()
        await move_ahead(desk.client, execution, duration)
        async with asyncio.timeout(_SKIP_SECONDS):
            handle = desk.client.get_workflow_handle_for(ApplicationWorkflow.run, execution)
            number = len(await handle.query(ApplicationWorkflow.facts))
    except TimeoutError as error:
        raise _too_slow() from error
    except RPCError as error:
        raise _cannot_skip(desk, execution, error) from error
    await desk.until(lambda: desk.reader.last_fact(execution) >= number)


async def move_ahead(client: Client, execution: str, duration: timedelta) -> None:
    """Move one execution's time, and everything that falls due on the way; RPCError where that cannot be."""
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    try:
        async with asyncio.timeout(_SKIP_SECONDS):
            await skipper.fast_forward(client.get_workflow_handle(execution), duration)
    except TimeoutError as error:
        raise _too_slow() from error


async def catch_up(client: Client, execution: str, not_before: datetime) -> None:
    """Move an execution that begins at the real now to where its trial stands; in the world nothing is ahead.

    UnavailableError where this server cannot skip time: it then waits until the real time has come.
    """
    if not is_ahead(not_before):
        return
    try:
        await move_ahead(client, execution, not_before - host_now())
    except (RPCError, RuntimeError) as error:
        raise UnavailableError(
            f"{execution} is pending and waits until {not_before.isoformat()}, as the application "
            f"was moved ahead of the real time; this server could not move it ({error})",
            pending=True,
        ) from error


def is_ahead(instant: datetime) -> bool:
    """Whether it is later than now by more than two clocks differ: then a trial was moved there."""
    return instant - host_now() > _CLOCKS_DIFFER


def _too_slow() -> UnavailableError:
    return UnavailableError("the clock did not arrive in time; is a worker there?", pending=True)


def _cannot_skip(desk: Desk, execution: str, error: RPCError) -> TirekError:
    if error.status is RPCStatusCode.NOT_FOUND:
        row = desk.reader.find(execution)
        if row is None:
            return UnknownApplicationError(f"there is no application {execution}")
        ended = f"it has ended as {row.stage}; its clock stands still"
        return RefusedError([Refusal(code="has-ended", reason=ended)])
    if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT):
        return UnavailableError(f"this Temporal server cannot skip time ({error.message})")
    return server_trouble(error)
