"""`starter.py revive` after a worker has run what an older copy of the server held."""

from demo.visit import SC, Visit
from models.inputs import ApplicationInput
from models.lifecycle import Command, Stage
from models.resumption import Resumption
from tests.conftest import House, strangers
from tests.operators.test_reviving import equal, recorded, reviver, terminate
from workflows.application import ApplicationWorkflow


async def test_what_a_clock_noted_meanwhile(house: House) -> None:
    """A worker that ran an older copy for a while noted its clocks: that is nobody's command, and no reason to
    ask for one again."""
    visit = await Visit.open(house.desk, SC, strangers())
    older = recorded(house, visit.application)
    await visit.do(Command.CALL, visit.clerk)
    await terminate(house, visit.application)
    begins = ApplicationInput(opening=older.state.opening, resumes=Resumption(entry=older))
    assert await house.desk.delivery.start_again(ApplicationWorkflow.run, begins, older.state)
    await visit.skip(minutes=16)
    revived = await reviver(house).revive(visit.application)
    assert (revived.stage, revived.given_up) == (Stage.AT_COUNTER, ())
    await visit.do(Command.LEAVE, visit.clerk)
    await equal(house, visit.application)
