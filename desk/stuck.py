"""Finds every application that does not go on by itself, with the reason and what to do about it.

The record says what is open, the server what runs: whatever differs is looked at closely. What is stuck though
both agree is a workflow task that fails, an activity that nobody can do, or a register that does not answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from adapters.database.exchanges import Unanswered
from adapters.host_clock import host_now
from desk.delivery import server_trouble
from desk.desk import Desk
from desk.ends import Ends
from desk.executions import listed, of_each
from desk.troubles import Stuck, Trouble
from desk.waits import Waits

LONG = timedelta(minutes=10)
"""From when on an activity that is not done counts as stuck, where nobody says otherwise."""


@dataclass(frozen=True)
class Found:
    """What a look has found: so many executions run, so many are open on record, and these are stuck."""

    running: int
    open: int
    stuck: tuple[Stuck, ...]


class Finder:
    """Looks through one task queue and its record; nothing of it needs a worker."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ends = Ends(desk)

    async def find(self, older_than: timedelta = LONG) -> Found:
        """Everything that is stuck, each running execution looked at by itself. UnavailableError."""
        try:
            on_record = set(await asyncio.to_thread(self._desk.reader.open_executions))
            running = {one async for one in self._listed("ExecutionStatus = 'Running'")}
            ended = await self._ends.of_each((on_record ^ running) | await self._ends.ended())
            waiting = await of_each(sorted(running), Waits(self._desk.client, older_than).of)
            stuck = [*ended, *waiting, *await self._unanswered(older_than)]
        except RPCError as error:
            raise server_trouble(error) from error
        told = sorted(stuck, key=lambda one: (one.execution, one.trouble))
        return Found(len(running), len(on_record), tuple(told))

    async def find_at_once(self, also: Iterable[str] = ()) -> list[Stuck]:
        """What costs no list of all that runs, and how it is with those named. UnavailableError.

        Found so: what was ended from outside, failing workflow tasks, registers that do not answer.
        """
        named = set(also)
        try:
            ended = await self._ends.of_each(named | await self._ends.ended())
            waiting = await of_each(sorted(named | await self._reported()), Waits(self._desk.client, LONG).of)
            return [*ended, *waiting, *await self._unanswered(LONG)]
        except RPCError as error:
            raise server_trouble(error) from error

    async def _reported(self) -> set[str]:
        """Executions whose workflow tasks fail, as the server reports them; an older server reports none."""
        try:
            problems = "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL"
            return {one async for one in self._listed(problems)}
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            return set()

    async def _unanswered(self, older_than: timedelta) -> list[Stuck]:
        """Questions whose patience is over; the process asks again by itself unless the failure lasts."""
        before = host_now() - older_than
        return [
            _of_register(one) for one in await asyncio.to_thread(self._desk.reader.exchanges.unanswered, before)
        ]

    def _listed(self, condition: str) -> AsyncIterator[str]:
        return listed(self._desk.client, self._desk.delivery.task_queue, condition)


def _of_register(one: Unanswered) -> Stuck:
    if one.failure is None:
        reason = f"the register has not answered {one.check}"
        to_do = "look at the gateway (docs/registers.md); once it answers, it is asked again by itself"
    else:
        reason = f"the register refused {one.check} ({one.failure}): asking again does not mend that"
        to_do = "mend what the code says (docs/registers.md), then start the workers anew: they ask again once"
    return Stuck(Trouble.REGISTER_FAILED, one.application, one.asked_at, reason, to_do)
