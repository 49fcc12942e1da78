"""What a desk does while the record cannot be asked."""

import pytest
from sqlalchemy.exc import OperationalError

from adapters.database.engine import connect
from adapters.database.reader import RecordReader
from adapters.temporal.server import free_port
from demo.visit import INTAKE, Visit
from desk.desk import Desk
from desk.officer import Officer
from models.lifecycle import Channel, Command, Stage
from models.messages import Nothing
from tests.conftest import House, strangers
from tests.outside import reviver_of

SC = Channel.STATE_CORPORATION
CLERK = Officer(INTAKE[SC])


@pytest.fixture
def desk(house: House) -> Desk:
    """A desk of the house, whose record is a PostgreSQL that nobody has started."""
    away = connect(f"postgresql://127.0.0.1:{free_port()}/none")
    queue = house.settings.task_queue
    reader = RecordReader(away, house.ring)
    return Desk(house.engine.client, reader, house.desk.library, house.ring, task_queue=queue, wait_seconds=10)


class TestDeskWithoutRecord:
    """The process answers without the record; only the record knows who has ended."""

    async def test_a_running_application_obeys(self, house: House, desk: Desk) -> None:
        """A command by the application's id is answered, and is on record for those who can read it."""
        visit = await Visit.open(house.desk, SC, strangers())
        answer = await desk.give(visit.application, Command.CALL, CLERK, Nothing())
        assert answer.stage is Stage.AT_COUNTER
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == answer.last_fact)

    async def test_a_repeated_id_is_answered(self, house: House, desk: Desk) -> None:
        """The execution itself remembers the ids of its commands: the same answer, and nothing is done twice."""
        visit = await Visit.open(house.desk, SC, strangers())
        key = f"called-{visit.application}"
        answers = [await desk.give(visit.application, Command.CALL, CLERK, Nothing(), key) for _ in range(2)]
        assert answers[0] == answers[1]
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == answers[0].last_fact)

    async def test_a_repeated_id_is_answered_after_a_revival(self, house: House, desk: Desk) -> None:
        """The server knows nothing of a run before this one, and the journal does: the same answer again."""
        visit = await Visit.open(house.desk, SC, strangers())
        key = f"called-{visit.application}"
        answer = await house.desk.give(visit.application, Command.CALL, CLERK, Nothing(), key)
        assert await house.desk.until(lambda: house.reader.last_fact(visit.application) == answer.last_fact)
        await house.engine.client.get_workflow_handle(visit.application).terminate("by mistake")
        await reviver_of(house.desk, house.record).revive(visit.application)
        assert await desk.give(visit.application, Command.CALL, CLERK, Nothing(), key) == answer
        assert len(house.reader.facts(visit.application)) == answer.last_fact

    async def test_what_has_ended_cannot_be_told(self, house: House, desk: Desk) -> None:
        """A new command for an application that has ended is not answered by guessing: the record is missed."""
        visit = await Visit.open(house.desk, SC, strangers())
        await visit.do(Command.CALL, visit.clerk)
        await visit.do(Command.LEAVE, visit.clerk)
        with pytest.raises(OperationalError):
            await desk.give(visit.application, Command.CALL, CLERK, Nothing())
