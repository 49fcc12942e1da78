"""The check of a bank account, asked through the gateway. The contract is to be confirmed."""

from adapters.gateway.envelope import Contract, Fields, Message
from adapters.gateway.exchange import Gateway
from adapters.gateway.fields import check_same, text
from adapters.gateway.xml_text import Element
from models.identifiers import check_iban
from models.registers import AccountEntry, Asking, Register

CONTRACT = Contract("http://epay.gov.kz/IBANService", "PEP_IBANCheckRequest", "PEP_IBANCheckResponse")


class ShepAccountRegister:
    """`AccountRegister` behind the gateway; one attempt a call."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find_account(self, iin: str, iban: str, asking: Asking) -> AccountEntry | None:
        asked = check_iban(iban)

        def question(message: Message) -> Fields:
            number, date = ("OrderNumber", message.message_id), ("OrderDate", message.date)
            return [number, ("IIN", iin), ("IBAN", asked), date]

        def read(answer: Element, message: Message) -> AccountEntry | None:
            return self._account(answer, asked, message)

        return await self._gateway.ask(Register.ACCOUNT, asking, CONTRACT, question, read, iin=iin)

    def _account(self, answer: Element, iban: str, message: Message) -> AccountEntry | None:
        """The answer tells no IIN: by the number of the order it is known to be about this person's account."""
        check_same(message.message_id, text(answer, "OrderNumber"))
        status, told = text(answer, "Status"), text(answer, "IBAN")
        file = self._gateway.agreement.file
        if told is None or status in file.not_found:
            return None
        check_same(iban, told.replace(" ", "").upper())
        return AccountEntry(iban=iban, is_open=status in file.account_open, bank=text(answer, "BranchName"))
