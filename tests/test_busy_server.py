"""A server that is busy, or that gives an execution to another host, sends callers away: they come again."""

from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    WorkflowUpdateHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from demo.visit import INTAKE, Visit
from desk.officer import Officer
from models.journal import FactName
from models.lifecycle import Channel, Command
from models.messages import Nothing
from tests.conftest import House, make_desk, strangers

SC = Channel.STATE_CORPORATION
UNAVAILABLE, EXHAUSTED = RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED
BEFORE, AFTER = False, True


class SendingAway(Interceptor):
    """Answers the first updates as such a server does: each either before it was taken or after."""

    def __init__(self, *answers: tuple[RPCStatusCode, bool]) -> None:
        self.answers = list(answers)

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's names
        return _Door(next, self.answers)


class _Door(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, answers: list[tuple[RPCStatusCode, bool]]) -> None:  # noqa: A002 - the SDK's names
        super().__init__(next)
        self._answers = answers

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:  # noqa: A002 - the SDK's names
        if not self._answers:
            return await super().start_workflow_update(input)
        status, is_taken = self._answers.pop(0)
        if is_taken:
            await super().start_workflow_update(input)
        raise RPCError("workflow update was aborted", status, b"")


class TestComeAgain:
    """What the server sends away is brought again under the same update id."""

    async def test_done_once(self, house: House) -> None:
        """Sent away three times, once after the command was carried out: one answer, one fact."""
        away = SendingAway((UNAVAILABLE, BEFORE), (EXHAUSTED, BEFORE), (UNAVAILABLE, AFTER))
        config = house.desk.client.config() | {"interceptors": [away]}
        desk = make_desk(house.settings, house.ring, Client(**config), house.desk.library, house.record)
        visit = await Visit.open(house.desk, SC, strangers())
        answer = await desk.give(visit.application, Command.CALL, Officer(INTAKE[SC]), Nothing())
        assert away.answers == []
        facts = await house.desk.facts(visit.application, answer.last_fact)
        assert [fact.fact for fact in facts] == [FactName.TICKET_TAKEN, FactName.APPLICANT_CALLED]
