"""Gives commands to the process and waits until the record shows what they did."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DBAPIError
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from adapters.database.reader import RecordReader
from adapters.keys import KeyRing
from desk.calendars import Calendars
from desk.delivery import Delivery
from desk.identity import digests, update_id
from desk.officer import Officer
from models.data import Data
from models.errors import RefusedError, TirekError, UnavailableError, UnknownApplicationError
from models.journal import Fact
from models.library import Library
from models.lifecycle import FINAL, Channel, Command, Stage
from models.messages import EDITION, PROCESS, Answer, Declined, Order, Reply, spelt
from models.recall import after_the_end
from models.refusals import Refusal
from models.rules import illegal_move
from workflows.application import ApplicationWorkflow

_PAUSE = 0.004
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,80}")
_SETTLE = 5.0
_ASKING = frozenset({Command.LOOK_UP, Command.ASK_AGAIN})

Told = tuple[Answer, list[Fact]]
"""What a command answers, and the facts up to it."""


class Desk:
    """The commands of people. Writes go to the workflow and nowhere else, reads come from the record.

    What begins an execution stands in `desk/beginnings.py` and `desk/recalling.py`; there too is the one door
    for a command, whose callers need not know what it begins.
    """

    def __init__(
        self,
        client: Client,
        reader: RecordReader,
        library: Library,
        ring: KeyRing,
        *,
        task_queue: str,
        wait_seconds: float,
        prefix: str = "app",
    ) -> None:
        self.client = client
        self.reader = reader
        self.library = library
        self.ring = ring
        self.prefix = prefix
        self.delivery = Delivery(client, task_queue, wait_seconds)
        self.calendars = Calendars(library, reader.calendars)

    async def give(
        self, reference: str, name: Command, officer: Officer, message: Data, key: str | None = None
    ) -> Answer:
        """Give a command to what is there and return what the process answers. The same key is done once.

        A command for an application that has been recalled is for its last recall, unless the story has
        answered it before.
        """
        story = self.story(reference)
        try:
            reply = await self._reply(story, name, self.order(name, officer, message, key), key)
            return self.answer_of(reply, name, message, officer)
        except RefusedError as refused:
            self.note_refusal(officer, story[-1], name, refused)
            raise

    def order(self, name: Command, officer: Officer, message: Data, key: str | None) -> Order[Any]:
        """A command as it travels; RefusedError for an officer who says to be the process."""
        if officer.code == PROCESS:
            reason = f"there is no officer {PROCESS}; see `starter.py officers`"
            raise RefusedError([Refusal(code="unknown-officer", reason=reason)])
        digest, _ = digests(self.ring, name, message)
        return Order[type(message)](
            by=officer.code, digest=digest, message=message, is_keyed=key is not None, edition=EDITION
        )

    def answer_of(self, reply: Reply, name: Command, message: Data, officer: Officer) -> Answer:
        """The answer that a reply is; RefusedError for a refusal, and for what another order got.

        A repeated id must be the same command; who gives it counts only where they were named.
        """
        if reply.digest not in digests(self.ring, name, message):
            raise reused(f"{spelt(reply.command)}, or with other words")
        if officer.is_named and reply.by != officer.code:
            raise reused(f"{spelt(reply.command)} by {reply.by}")
        if isinstance(reply, Answer):
            return reply
        raise RefusedError(reply.refusals if isinstance(reply, Declined) else [])

    def story(self, reference: str) -> list[str]:
        """The executions behind an application's id or registration number, the last one last.

        A recall's own id means that recall alone. UnknownApplicationError for what can be neither.
        """
        try:
            row = self.reader.find(reference)
        except DBAPIError:
            # The record is away: an execution that runs obeys without it. Who has ended is asked for on record.
            row = None
        if row is None:
            if not _REFERENCE.fullmatch(reference):
                raise UnknownApplicationError("there is no such application; see `starter.py list`")
            return [reference]
        if row.stage != Stage.STORED or row.recall_of is not None:
            return [row.id]
        return [row.id, *(recall.id for recall in self.reader.recalls(row.id))]

    async def said_before(self, story: list[str], update: str, *, ended: list[str]) -> Reply | None:
        """What the story has said to an update id: the record knows for ever what was done, and answers first.

        What was refused, and what was done before the record kept answers, the `ended` executions tell as long
        as Temporal keeps them.
        """
        done = self.reader.done(story, update)
        if done is not None and done[1].answer is not None:
            return done[1].answer
        for execution in ended if done is None else [done[0]]:
            said = await self.delivery.said_before(execution, update)
            if said is not None:
                return said
        if done is not None:
            raise reused(f"fact {done[1].number} of {done[0]}, whose answer is not kept")
        return None

    async def _reply(self, story: list[str], name: Command, order: Order[Any], key: str | None) -> Reply:
        update = update_id(self.ring, key)
        said = await self._remembered(story, update) if order.is_keyed else None
        if said is not None:
            return said
        again = f"with --id {key}" if order.is_keyed else "and it may then be done twice; use --id"
        patience = self._patience if name in _ASKING else 0
        reply: Reply | None = None
        # What has ended may run all the same: on a server that was restored from an older copy.
        if not self._is_over(story[-1]):
            reply = await self.delivery.update(story[-1], name, order, update, more_seconds=patience, again=again)
        # An execution that has ended still knows what it refused; anything new comes too late.
        reply = reply or await self.delivery.said_before(story[-1], update)
        if reply is None:
            raise self._too_late(story[-1], name)
        return reply

    def _is_over(self, execution: str) -> bool:
        """Whether the record says that it has ended. While the record is away, the execution itself knows."""
        try:
            row = self.reader.find(execution)
        except DBAPIError:
            return False
        return row is not None and Stage(row.stage) in FINAL

    async def _remembered(self, story: list[str], update: str) -> Reply | None:
        """What the story said to this id before; the last execution, if it runs, remembers its own ids."""
        try:
            return await self.said_before(story, update, ended=story[:-1])
        except DBAPIError:
            if len(story) > 1:
                raise
            return None  # the record is away, and there is nothing before this execution that could be repeated

    @property
    def _patience(self) -> int:
        """How long, at the most, a counter waits for the registers, in seconds."""
        return max(r.registers.patience_at_counter for r in self.library.regulations.values())

    def _too_late(self, execution: str, name: Command) -> TirekError:
        row = self.reader.find(execution)
        if row is None:
            return UnknownApplicationError(f"there is no application {execution}")
        stage = Stage(row.stage)
        if stage not in FINAL:
            return UnavailableError(
                f"the execution of {execution} was ended from outside while the record says {stage}; "
                f"nothing was done; tell an operator, who starts it again with `starter.py revive {execution}`"
            )
        return RefusedError([illegal_move(name, stage, after_the_end(Channel(row.channel), stage))])

    def note_refusal(self, officer: Officer, execution: str, name: Command, refused: RefusedError) -> None:
        """Write the attempt to `access`."""
        who = officer.on_record(self.library)
        self.reader.note_access(who, execution, name, refused.refusals[0].code)

    async def facts(self, execution: str, up_to: int) -> list[Fact]:
        """The facts up to a number, from the record; from the execution itself while the record is behind."""
        if await self.until(lambda: self.reader.last_fact(execution) >= up_to):
            return self.reader.facts(execution, up_to)
        handle = self.client.get_workflow_handle_for(ApplicationWorkflow.run, execution)
        try:
            async with asyncio.timeout(self.delivery.wait):
                return (await handle.query(ApplicationWorkflow.facts))[:up_to]
        except (TimeoutError, RPCError, WorkflowQueryFailedError) as error:
            raise UnavailableError(
                f"the command is done, as fact {up_to}, but neither record nor worker can tell the facts now; "
                f"look later with `show {execution}`",
                pending=True,
            ) from error

    async def settle(self, answer: Answer) -> None:
        """Wait a little for the step that the process takes by itself: the next command should find it done."""
        at_sc = answer.channel is Channel.STATE_CORPORATION
        if answer.stage is Stage.ACCEPTED or (answer.stage is Stage.DECIDED and not at_sc):
            await self.until(lambda: self.reader.last_fact(answer.application) > answer.last_fact, _SETTLE)

    async def until(self, is_so: Callable[[], bool], seconds: float | None = None) -> bool:
        """Whether it came true within the time given, or else within the time that a command waits."""
        try:
            async with asyncio.timeout(self.delivery.wait if seconds is None else seconds):
                while not is_so():  # noqa: ASYNC110 - the record is a database, it sends no events
                    await asyncio.sleep(_PAUSE)
        except TimeoutError:
            return False
        return True


def reused(what: str) -> RefusedError:
    """A caller's key that was used for something else."""
    reason = f"this --id was already used for {what}; choose another"
    return RefusedError([Refusal(code="id-reused", reason=reason)])
