"""How many events the reference application leaves in history, by channel.

The reference application: one child, every register answers at once, no warning point reached. At a counter:
ticket, call, accept, draft, approval, (delivery,) collection; the registers are asked after acceptance (R17). On
the portal: request, draft, approval, publication.
"""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from demo.visit import HEAD, SPECIALIST, Visit
from desk.desk import Desk
from models.lifecycle import Channel, Command
from models.messages import Answer

_PAUSE = 0.15


async def reference(desk: Desk, channel: Channel, signatures: Path, *, thorough: bool = False) -> int:
    """The events of one reference application; `thorough`: with a look-up at the counter, and a holder."""
    visit = _Quiet(desk, channel, "", Random(3), signatures)  # noqa: S311 - no secret
    await visit.begin()
    if channel is Channel.PORTAL:
        await visit.submit()
    else:
        await _accepted(visit, thorough=thorough)
    if thorough:
        await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST)
    await visit.do(Command.APPROVE, HEAD)
    if channel is not Channel.PORTAL:
        await visit.be_delivered()
        await visit.collect()
    handle = desk.client.get_workflow_handle(visit.application)
    await handle.result()
    return len((await handle.fetch_history()).events)


class _Quiet(Visit):
    """Gives each command when everything is quiet, as people do: no two steps share a workflow task by chance."""

    async def do(self, name: Command, by: str, message: dict[str, Any] | None = None) -> Answer:
        await asyncio.sleep(_PAUSE)
        return await super().do(name, by, message)


async def _accepted(visit: Visit, *, thorough: bool) -> None:
    package = visit.example(Command.ACCEPT)
    await visit.do(Command.CALL, visit.clerk)
    if thorough:
        await visit.do(Command.LOOK_UP, visit.clerk, package)
    await visit.accept(package)
