"""Each register asked and answered, in every form that data have; what we send is what the schemas say."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.gateway.registers import GatewayRegisters
from adapters.settings import ROOT
from models.ports import RegisterRefusedError, RegisterUnavailableError
from models.registers import AccountEntry, LifeStatus, PersonEntry, Register
from tests.gateway import people
from tests.gateway.answering import as_string, asked_in, is_rightly_signed, nested, response, rooted, signed
from tests.gateway.conftest import ASKING, Talk
from tests.gateway.partners import SERVICES, Partner, agreement_of

Ask = Callable[[GatewayRegisters], Awaitable[Any]]
Form = Callable[[str, str, str], str]

ASKED: dict[Register, Ask] = {
    Register.PERSON: lambda to: to.person.find_person(people.WOMAN, ASKING),
    Register.BIRTH: lambda to: to.birth.find_birth(people.CHILD, ASKING),
    Register.GUARDIANSHIP: lambda to: to.guardianship.find_guardianship(people.WOMAN, people.CHILD, ASKING),
    Register.ACCOUNT: lambda to: to.account.find_account(people.WOMAN, people.IBAN, ASKING),
}
NAMES = {
    Register.PERSON: (people.PERSONS, "Response"),
    Register.BIRTH: (people.BIRTHS, "BirthAktRecord"),
    Register.GUARDIANSHIP: (people.GUARDIANSHIPS, "GetGuardianshipResponse"),
    Register.ACCOUNT: (people.ACCOUNTS, "PEP_IBANCheckResponse"),
}
TOLD: dict[Register, tuple[Callable[[str], str], Any]] = {
    Register.PERSON: (lambda _: people.persons(people.person()), people.WOMAN_ENTRY),
    Register.BIRTH: (lambda _: people.BIRTH, people.BIRTH_RECORD),
    Register.GUARDIANSHIP: (lambda _: people.GUARDIANSHIP, people.APPOINTMENT),
    Register.ACCOUNT: (people.account, people.ACCOUNT),
}
UNREADABLE, ANOTHER = "answer-not-understood", "answer-about-another"
FORMS = [nested, rooted, as_string]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(ROOT / "adapters" / "gateway" / "schemas" / "messages.xsd"))


class Saying:
    """Answers with these fields, signed; fields: of the message id that was asked with."""

    def __init__(self, gateway: Partner, register: Register, fields: Callable[[str], str], form: Form = nested):
        self._gateway, self._fields, self._form = gateway, fields, form
        self._namespace, self._name = NAMES[register]

    def __call__(self, came: bytes) -> bytes:
        asked = asked_in(came)
        data = self._form(self._namespace, self._name, self._fields(asked))
        return signed(response(data, asked), self._gateway)


async def sent_by(talk: Talk, make: Saying, ask: Ask) -> bytes:
    """What came at the gateway."""
    came: list[bytes] = []

    def keep(content: bytes) -> bytes:
        came.append(content)
        return make(content)

    await talk.with_registers(keep, ask)
    return came[0]


class TestAnswers:
    """What a register tells."""

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("register", Register)
    async def test_told_in_any_form(self, talk: Talk, gateway: Partner, register: Register, form: Form) -> None:
        """Nested data, a root within data and a text of XML say the same; Kazakh letters arrive as they are."""
        fields, expected = TOLD[register]
        found = await talk.with_registers(Saying(gateway, register, fields, form), ASKED[register])
        assert found == expected
        [begun], [ended] = talk.log.begun, talk.log.ended
        assert (begun.service, begun.asking) == (SERVICES[register.value]["service"], ASKING)
        assert (ended.message_id, ended.outcome, ended.code) == (begun.message_id, "found", "SCSS001")

    @pytest.mark.parametrize(
        ("register", "fields"),
        [
            (Register.PERSON, people.persons()),
            (Register.PERSON, people.persons(result="404")),
            (Register.PERSON, people.persons().replace("<persons></persons>", "")),
            (Register.BIRTH, ""),
            (Register.BIRTH, "<zags/><child/><father><iin/></father>"),
            (Register.GUARDIANSHIP, ""),
            (Register.GUARDIANSHIP, "<result_code>404</result_code>"),
            (Register.GUARDIANSHIP, "<result_code>0</result_code><req_iin/><child_iin></child_iin>"),
        ],
    )
    @pytest.mark.parametrize("form", [rooted, as_string])
    async def test_none(self, talk: Talk, gateway: Partner, register: Register, fields: str, form: Form) -> None:
        """Nobody, and nothing: by an empty answer, or a code that the gateway file calls so."""
        make = Saying(gateway, register, lambda _: fields, form)
        assert await talk.with_registers(make, ASKED[register]) is None
        assert talk.log.ended[0].outcome == "not_found"

    @pytest.mark.parametrize("data", ["<data/>", "<data> </data>"])
    @pytest.mark.parametrize("register", Register)
    async def test_empty_data(self, talk: Talk, gateway: Partner, register: Register, data: str) -> None:
        """Data without anything in them: there is none."""

        def make(came: bytes) -> bytes:
            return signed(response(data, asked_in(came)), gateway)

        assert await talk.with_registers(make, ASKED[register]) is None

    async def test_account_of_another(self, talk: Talk, gateway: Partner) -> None:
        """An answer without an account, or with a code for it: not theirs. One that is closed is told."""
        for status, iban, expected in (
            ("0", "", None),
            ("404", people.IBAN, None),
            ("7", people.IBAN, AccountEntry(iban=people.IBAN, is_open=False, bank="АО «Народный банк»")),
        ):
            make = Saying(gateway, Register.ACCOUNT, lambda asked: people.account(asked, iban, status))  # noqa: B023 - called in this turn
            assert await talk.with_registers(make, ASKED[Register.ACCOUNT]) == expected

    async def test_little_is_told(self, talk: Talk, gateway: Partner) -> None:
        """Every field but the IIN may be away; a life status that nobody told is not taken for alive."""
        bare = people.persons(f"<person><iin>{people.WOMAN}</iin></person>")
        found = await talk.person(Saying(gateway, Register.PERSON, lambda _: bare))
        assert found == PersonEntry(iin=people.WOMAN, life_status=LifeStatus.UNKNOWN)

    @pytest.mark.parametrize(
        ("code", "status"), [("0", "alive"), ("1", "dead"), ("2", "missing"), ("x", "unknown")]
    )
    async def test_life_status(self, talk: Talk, gateway: Partner, code: str, status: str) -> None:
        """By the codes of the gateway file; any other is unknown."""
        fields = people.persons(people.person(status=code))
        found = await talk.person(Saying(gateway, Register.PERSON, lambda _: fields))
        assert found is not None
        assert found.life_status == status

    @pytest.mark.parametrize(
        ("register", "fields", "code"),
        [
            (Register.PERSON, people.persons(people.person(), people.person()), UNREADABLE),
            (Register.PERSON, people.persons(people.person().replace("1987-04-12", "12.04.87")), UNREADABLE),
            (Register.PERSON, people.persons(people.person(iin="123")), UNREADABLE),
            (Register.PERSON, people.persons(people.person(surname="a" * 501)), UNREADABLE),
            (Register.PERSON, people.persons() + people.persons(), UNREADABLE),
            (Register.PERSON, people.persons(people.person(surname="<b>x</b>")), UNREADABLE),
            (Register.PERSON, people.persons(people.person(iin=people.STRANGER)), ANOTHER),
            (Register.PERSON, people.persons(people.person(iin="")), ANOTHER),
            (Register.BIRTH, people.BIRTH.replace(people.CHILD, people.STRANGER), ANOTHER),
            (Register.BIRTH, people.BIRTH.replace("numberAkt", "number"), UNREADABLE),
            (Register.GUARDIANSHIP, people.GUARDIANSHIP.replace(people.CHILD, people.STRANGER), ANOTHER),
            (Register.GUARDIANSHIP, people.GUARDIANSHIP.replace(people.WOMAN, people.STRANGER), ANOTHER),
            (Register.ACCOUNT, people.account("another order"), ANOTHER),
        ],
    )
    async def test_refused(self, talk: Talk, gateway: Partner, register: Register, fields: str, code: str) -> None:
        """What is about somebody else, or can be read in two ways or none, is no answer."""
        with pytest.raises(RegisterRefusedError, match=f"^{code}: "):
            await talk.with_registers(Saying(gateway, register, lambda _: fields), ASKED[register])
        assert (talk.log.ended[0].outcome, talk.log.ended[0].code) == ("refused", code)

    async def test_another_account(self, talk: Talk, gateway: Partner) -> None:
        """The answer has to be about the account that was asked for."""
        make = Saying(gateway, Register.ACCOUNT, lambda asked: people.account(asked, people.OTHER_IBAN))
        with pytest.raises(RegisterRefusedError, match=r"^answer-about-another: "):
            await talk.with_registers(make, ASKED[Register.ACCOUNT])

    @pytest.mark.parametrize(
        ("register", "fields", "code"),
        [
            (Register.PERSON, people.persons(result="90001"), "90001"),
            (Register.PERSON, people.persons(result="!"), "unknown-fault"),
            (Register.PERSON, people.persons(result=people.WOMAN), "unknown-fault"),
            (Register.GUARDIANSHIP, "<result_code>90001</result_code>", "90001"),
        ],
    )
    async def test_code_of_the_register(
        self, talk: Talk, gateway: Partner, register: Register, fields: str, code: str
    ) -> None:
        """A result that nobody agreed on is not taken for `there is none`: the register is asked again."""
        with pytest.raises(RegisterUnavailableError, match=f"^{code}: "):
            await talk.with_registers(Saying(gateway, register, lambda _: fields), ASKED[register])
        assert (talk.log.ended[0].outcome, talk.log.ended[0].code) == ("failed", code)

    async def test_wrong_type_or_root(self, talk: Talk, gateway: Partner) -> None:
        """What another register would say is not taken for this one's answer."""
        for form in FORMS:
            make = Saying(gateway, Register.PERSON, lambda _: people.persons(people.person()), form)
            make._name = "Request"
            assert await talk.refusal(make) == "answer-not-understood"


class TestMessages:
    """What we send."""

    @pytest.mark.parametrize("data", ["nested", "string"])
    @pytest.mark.parametrize("register", Register)
    async def test_valid_and_signed(
        self, tmp_path: Path, us: Partner, gateway: Partner, schema: etree.XMLSchema, register: Register, data: str
    ) -> None:
        """Every message is what the schemas say, its data too; another library finds its signature right."""
        (tmp_path / "password").write_text("a&b\n", encoding="utf-8")
        services = {name: one | {"data": data} for name, one in SERVICES.items()}
        agreement = agreement_of(tmp_path, us, gateway, services=services, password_file="password")  # noqa: S106 - a name
        sent = await sent_by(Talk(agreement), Saying(gateway, register, TOLD[register][0]), ASKED[register])
        assert is_rightly_signed(sent, us)
        message = etree.fromstring(sent)
        assert schema.validate(message), schema.error_log
        if data == "string":
            assert schema.validate(etree.fromstring(message.find(".//data").text)), schema.error_log
        assert [one.text for one in message.iterfind(".//senderId")] == ["TIREK"]
        assert message.find(".//password").text == "a&b"
        route = message.find(".//routeId")
        assert (None if route is None else route.text) == services[register.value]["route"]

    async def test_ids(self, talk: Talk, gateway: Partner) -> None:
        """Each message has an id of its own; those about one check have the correlation in common."""
        came: list[bytes] = []

        def make(content: bytes) -> bytes:
            came.append(content)
            return Saying(gateway, Register.PERSON, lambda _: people.persons(people.person()))(content)

        await talk.person(make)
        await talk.person(make)
        first, second = (etree.fromstring(content) for content in came)
        assert first.find(".//requestInfo/messageId").text != second.find(".//requestInfo/messageId").text
        assert first.find(".//correlationId").text == second.find(".//correlationId").text
        assert [one.message_id for one in talk.log.begun] == [asked_in(one) for one in came]
        assert {one.correlation_id for one in talk.log.begun} == {first.find(".//correlationId").text}
