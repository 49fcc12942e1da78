"""Moves one application's own time ahead, on servers with time skipping: for trials, tests and the demo."""

import asyncio
from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from desk.desk import Desk, server_trouble
from models.errors import RefusedError, TirekError, UnavailableError, UnknownApplicationError
from models.refusals import Refusal
from workflows.application import ApplicationWorkflow

_SKIP_SECONDS = 120


async def skip(desk: Desk, reference: str, duration: timedelta) -> str:
    """Move one application's own time ahead and wait until the record has what fell due meanwhile."""
    application = desk.application_of(reference)
    handle = desk.client.get_workflow_handle_for(ApplicationWorkflow.run, application)
    skipper = TimeSkipper(desk.client, config=TimeSkippingConfig(enabled=False))
    try:
        async with asyncio.timeout(_SKIP_SECONDS):
            await desk.need_worker()
            await skipper.fast_forward(handle, duration)
            number = (await handle.query(ApplicationWorkflow.state)).last_fact
    except TimeoutError as error:
        raise UnavailableError("the clock did not arrive in time; is a worker there?", pending=True) from error
    except RPCError as error:
        raise _cannot_skip(desk, application, error) from error
    await desk.until(lambda: desk.reader.last_fact(application) >= number)
    return application


def _cannot_skip(desk: Desk, application: str, error: RPCError) -> TirekError:
    if error.status is RPCStatusCode.NOT_FOUND:
        row = desk.reader.find(application)
        if row is None:
            return UnknownApplicationError(f"there is no application {application}")
        ended = f"the application has ended as {row.stage}; its clock stands still"
        return RefusedError([Refusal(code="has-ended", reason=ended)])
    if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT):
        return UnavailableError(f"this Temporal server cannot skip time ({error.message})")
    return server_trouble(error)
