"""The state register of natural persons (GBD FL), asked through the gateway."""

from adapters.gateway.envelope import Contract, Fields, Message
from adapters.gateway.exchange import Gateway
from adapters.gateway.faults import fault, refused
from adapters.gateway.fields import PROCESSED, check_same, code, only, person
from adapters.gateway.xml_text import Element
from models.registers import Asking, LifeStatus, PersonEntry, Register

CONTRACT = Contract("http://message.persistence.interactive.nat", "Request", "Response")
_NAMES = ("iin", "surname", "name", "patronymic", "birthDate")


class ShepPersonRegister:
    """`PersonRegister` behind the gateway; one attempt a call."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        def question(message: Message) -> Fields:
            sender = self._gateway.agreement.file.sender
            own = [("messageId", message.message_id), ("messageDate", message.date), ("senderCode", sender)]
            return [*own, ("iin", iin)]

        def read(answer: Element, _: Message) -> PersonEntry | None:
            return self._person(answer, iin)

        return await self._gateway.ask(Register.PERSON, asking, CONTRACT, question, read, iin=iin)

    def _person(self, answer: Element, iin: str) -> PersonEntry | None:
        result = code(answer, "messageResult")
        if result in self._gateway.agreement.file.not_found:
            return None
        if result not in PROCESSED:
            raise fault(result, is_signed=True)
        persons = only(answer, "persons")
        found = [] if persons is None else persons.findall("person")
        if len(found) > 1:
            raise refused("answer-not-understood")
        if not found:
            return None
        entry = person(found[0], _NAMES, self._life_status(found[0]))
        check_same(iin, entry.iin)
        return entry

    def _life_status(self, found: Element) -> LifeStatus:
        """What the register does not say, or says in a code that was not agreed, is unknown: never alive."""
        return self._gateway.agreement.file.life_status.get(code(found, "lifeStatus") or "", LifeStatus.UNKNOWN)
