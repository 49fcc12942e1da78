"""Stories of executions that somebody ends, resets or cancels from outside; their histories are stored as well."""

from dataclasses import dataclass

from sqlalchemy import Engine as Record

from adapters.database.records import SqlApplicationRecords
from demo.stories import Story
from demo.visit import HEAD, INTAKE, SC, SPECIALIST, Visit
from desk.desk import Desk
from desk.repairing import Repairer
from desk.reviving import Reviver
from models.lifecycle import Channel, Command, Stage
from models.regulation import ClockKind

BY_MISTAKE = "by mistake"


def reviver_of(desk: Desk, record: Record) -> Reviver:
    """What `starter.py revive` works with."""
    return Reviver(desk, repairer_of(desk, record))


def repairer_of(desk: Desk, record: Record) -> Repairer:
    records = SqlApplicationRecords(record, desk.ring)
    return Repairer(desk.client, desk.reader, records, desk.ring, desk.library)


@dataclass(frozen=True)
class Outside:
    """What somebody does to an execution, in the middle of its story."""

    desk: Desk
    record: Record

    async def lose(self, execution: str) -> None:
        await self.desk.client.get_workflow_handle(execution).terminate(BY_MISTAKE)
        await reviver_of(self.desk, self.record).revive(execution)

    async def queued(self, visit: Visit) -> None:
        await self.lose(visit.application)
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.collect()

    async def drafted(self, visit: Visit) -> None:
        await visit.be_accepted()
        await visit.do(Command.TAKE, SPECIALIST)
        await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
        await self.lose(visit.application)
        await visit.do(Command.APPROVE, HEAD)
        await self.desk.until(lambda: visit.stage() is Stage.READY)
        await visit.collect()

    async def recalled(self, visit: Visit) -> None:
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await self.lose(visit.application)
        await visit.skip_past(ClockKind.RETENTION)
        await visit.do(Command.HAND_OVER, visit.clerk)
        await visit.be_recalled()
        await self.lose(visit.executions()[-1])
        await visit.do(Command.SEND_BACK, INTAKE[Channel.PROVIDER])
        await visit.do(Command.DELIVER, visit.clerk)
        await visit.collect()

    async def published(self, visit: Visit) -> None:
        await visit.submit()
        await self.lose(visit.application)
        await visit.be_decided()

    async def cancelled(self, visit: Visit) -> None:
        await visit.be_accepted()
        await self.desk.client.get_workflow_handle(visit.application).cancel()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.collect()


def outside_stories(desk: Desk, record: Record) -> tuple[Story, ...]:
    """Each goes on to the end that it would have had."""
    somebody = Outside(desk, record)
    return (
        Story("terminated in the queue", SC, somebody.queued, Stage.COLLECTED),
        Story("terminated with a draft", Channel.PROVIDER, somebody.drafted, Stage.COLLECTED),
        Story("terminated with its recall", SC, somebody.recalled, Stage.COLLECTED),
        Story("terminated on the portal", Channel.PORTAL, somebody.published, Stage.PUBLISHED),
        Story("cancelled in vain", SC, somebody.cancelled, Stage.COLLECTED),
    )
