"""Stories of executions that somebody ends, resets or cancels from outside; their histories are stored as well."""

from sqlalchemy import Engine as Record

from adapters.database.records import SqlApplicationRecords
from demo.stories import Story
from demo.visit import HEAD, SC, SPECIALIST, Visit
from desk.desk import Desk
from desk.repairing import Repairer
from desk.reviving import Reviver
from models.lifecycle import Channel, Command, Stage
from models.regulation import ClockKind

BY_MISTAKE = "by mistake"


def reviver_of(desk: Desk, record: Record) -> Reviver:
    """What `starter.py revive` works with."""
    records = SqlApplicationRecords(record, desk.ring)
    return Reviver(desk, Repairer(desk.client, desk.reader, records, desk.ring, desk.library))


def outside_stories(desk: Desk, record: Record) -> tuple[Story, ...]:
    """Each goes on to the end that it would have had."""

    async def lose(execution: str) -> None:
        await desk.client.get_workflow_handle(execution).terminate(BY_MISTAKE)
        await reviver_of(desk, record).revive(execution)

    async def queued(visit: Visit) -> None:
        await lose(visit.application)
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.collect()

    async def reviewed(visit: Visit) -> None:
        await visit.be_accepted()
        await visit.do(Command.TAKE, SPECIALIST)
        await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
        await lose(visit.application)
        await visit.do(Command.APPROVE, HEAD)
        await desk.until(lambda: visit.stage() is Stage.READY)
        await visit.collect()

    async def recalled(visit: Visit) -> None:
        await visit.be_accepted()
        await visit.be_decided()
        await visit.be_delivered()
        await lose(visit.application)
        await visit.skip_past(ClockKind.RETENTION)
        await visit.do(Command.HAND_OVER, visit.clerk)
        await visit.be_recalled()
        await lose(visit.executions()[-1])
        await visit.do(Command.SEND_BACK, "education-intake-1")
        await visit.do(Command.DELIVER, visit.clerk)
        await visit.collect()

    async def published(visit: Visit) -> None:
        await visit.submit()
        await lose(visit.application)
        await visit.be_decided()

    async def cancelled(visit: Visit) -> None:
        await visit.be_accepted()
        await desk.client.get_workflow_handle(visit.application).cancel()
        await visit.be_decided()
        await visit.be_delivered()
        await visit.collect()

    return (
        Story("terminated in the queue", SC, queued, Stage.COLLECTED),
        Story("terminated with a draft", Channel.PROVIDER, reviewed, Stage.COLLECTED),
        Story("terminated with its recall", SC, recalled, Stage.COLLECTED),
        Story("terminated on the portal", Channel.PORTAL, published, Stage.PUBLISHED),
        Story("cancelled in vain", SC, cancelled, Stage.COLLECTED),
    )
