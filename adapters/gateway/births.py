"""The civil registry's records of births, asked through the gateway. The contract is to be confirmed."""

from adapters.gateway.envelope import Contract, Fields, Message
from adapters.gateway.exchange import Gateway
from adapters.gateway.faults import refused
from adapters.gateway.fields import check_same, day, only, person, text
from adapters.gateway.xml_text import Element
from models.registers import Asking, BirthRecord, PersonEntry, Register

CONTRACT = Contract("http://birth.info.zags.kz", "BirthRequest", "BirthAktRecord")
_NAMES = ("iin", "surname", "name", "secondname", "birthDate")


class ShepBirthRegister:
    """`BirthRegister` behind the gateway; one attempt a call."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find_birth(self, iin: str, asking: Asking) -> BirthRecord | None:
        def question(message: Message) -> Fields:
            sender = self._gateway.agreement.file.sender
            own = [("messageId", message.message_id), ("messageDate", message.date), ("senderCode", sender)]
            return [*own, ("iin", iin)]

        def read(answer: Element, _: Message) -> BirthRecord | None:
            return _birth(answer, iin)

        return await self._gateway.ask(Register.BIRTH, asking, CONTRACT, question, read, iin=iin)


def _birth(answer: Element, iin: str) -> BirthRecord | None:
    """An answer without a number of a record and without a child: there is none."""
    child, number, act_date = _person(answer, "child"), text(answer, "numberAkt"), day(answer, "regDate")
    if child is None and number is None:
        return None
    if child is None or number is None or act_date is None:
        raise refused("answer-not-understood")
    check_same(iin, child.iin)
    mother, father = _person(answer, "mother"), _person(answer, "father")
    return BirthRecord(act_number=number, act_date=act_date, child=child, mother=mother, father=father)


def _person(answer: Element, name: str) -> PersonEntry | None:
    """None for one who is not named: a record without a father has the element, and nothing in it."""
    found = only(answer, name)
    entry = None if found is None else person(found, _NAMES)
    return None if entry == PersonEntry() else entry
