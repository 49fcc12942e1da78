"""The register of guardianships, asked through the gateway. The contract is to be confirmed."""

from adapters.gateway.envelope import Contract, Fields, Message
from adapters.gateway.exchange import Gateway
from adapters.gateway.faults import fault
from adapters.gateway.fields import PROCESSED, check_same, day, person, text
from adapters.gateway.xml_text import Element
from models.registers import Asking, Guardianship, PersonEntry, Register

CONTRACT = Contract(
    "http://helpers.guardianship.service.akimat.shep.nit", "GetGuardianship", "GetGuardianshipResponse"
)


class ShepGuardianshipRegister:
    """`GuardianshipRegister` behind the gateway; one attempt a call. It is about the child."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find_guardianship(self, guardian: str, child: str, asking: Asking) -> Guardianship | None:
        def question(_: Message) -> Fields:
            return [("req_iin", guardian), ("child_iin", child)]

        def read(answer: Element, _: Message) -> Guardianship | None:
            return self._guardianship(answer, guardian, child)

        return await self._gateway.ask(Register.GUARDIANSHIP, asking, CONTRACT, question, read, iin=child)

    def _guardianship(self, answer: Element, guardian: str, child: str) -> Guardianship | None:
        """Which codes mean success is not agreed: an answer about both persons is one, whatever its code."""
        result = text(answer, "result_code")
        if result in self._gateway.agreement.file.not_found:
            return None
        first, second = _person(answer, "req"), _person(answer, "child")
        if first.iin is None and second.iin is None:
            if result in PROCESSED:
                return None
            raise fault(result, is_signed=True)
        check_same(guardian, first.iin)
        check_same(child, second.iin)
        return Guardianship(
            guardian=first,
            child=second,
            decision_number=text(answer, "decision_number"),
            decision_date=day(answer, "decision_issuedate"),
            ended_on=day(answer, "guardianship_end_date"),
        )


def _person(answer: Element, who: str) -> PersonEntry:
    return person(answer, (f"{who}_iin", f"{who}_surname", f"{who}_name", f"{who}_patronymic", f"{who}_birthday"))
