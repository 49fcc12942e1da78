"""What the stand-in refuses, what it is told, and that it speaks by the schemas."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import pytest_asyncio
from lxml import etree

from adapters.gateway.agreement import Agreement
from adapters.gateway.envelope import Message, signed_message
from adapters.gateway.persons import CONTRACT
from adapters.gateway.registers import GatewayRegisters, gateway_registers
from adapters.registers.synthetic import make_iban, make_iin
from adapters.settings import ROOT, Settings
from adapters.temporal.server import free_port
from cli.engine import beside_a_gateway
from gateway_stand_in import messages
from gateway_stand_in.behaviours import Behaviour
from gateway_stand_in.certificates import prepare, write_gateway_file
from gateway_stand_in.names import DS, Signer
from gateway_stand_in.people import EXAMPLES, People
from gateway_stand_in.registers import Wish, answer
from models.errors import MalformedError
from models.registers import Asking, LifeStatus, Register
from tests.command_line import run_program, start_program
from tests.gateway.partners import FakeExchangeLog
from tests.gateways import Gateway, gateway_in

ASKING = Asking(application="app-1", check="person", by="sc-intake-1")
DEAD, MISSING, OWN_CHILD, FATHERLESS, TYPED = People.load(EXAMPLES).people
SOMEBODY = make_iin(date(1990, 5, 5), Random(1), masculine=True)


@pytest_asyncio.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with gateway_in(tmp_path_factory.mktemp("stand-in")) as one:
        yield one


@pytest_asyncio.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    agreement = gateway.agreement
    base = agreement.file.url.removesuffix("/bip-sync-wss")
    async with httpx.AsyncClient(base_url=base, verify=agreement.tls) as one:
        yield one
    gateway.stand_in.behaviours.forget()


@pytest_asyncio.fixture
async def registers(gateway: Gateway) -> AsyncIterator[GatewayRegisters]:
    async with gateway_registers(gateway.agreement, FakeExchangeLog()) as asked:
        yield asked


def question(agreement: Agreement, **service: str) -> bytes:
    """A message to the register of persons, rightly signed."""
    asked = agreement.service(Register.PERSON).model_copy(update=service)
    message = Message.make(asked, "correlation-1")
    fields = [
        ("messageId", message.message_id),
        ("messageDate", message.date),
        ("senderCode", "TIREK"),
        ("iin", SOMEBODY),
    ]
    return signed_message(agreement, message, CONTRACT, fields)


def sent_by(agreement: Agreement, name: str) -> bytes:
    file = agreement.file.model_copy(update={"sender": name})
    return question(Agreement(**{**vars(agreement), "file": file}))


class TestRefusals:
    """What the gateway would refuse, it refuses too: with a fault, rightly signed."""

    @pytest.mark.parametrize(
        ("make", "code"),
        [
            (lambda _: b"no XML", "SCE001"),
            (lambda _: b"", "SCE001"),
            (lambda _: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "SCE001"),
            (
                lambda a: question(a).replace(b"<messageId>", b"<messageId >", 1).replace(b"TIREK", b"TIRAK"),
                "SCE006",
            ),
            (lambda a: question(a).replace(b"SignatureValue>", b"SignatureValue>AAAA", 1), "SCE006"),
            (lambda a: unsigned(question(a)), "SCE007"),
            (lambda a: question(a, service="NOWHERE"), "SCE004"),
            (lambda a: sent_by(a, "SOMEBODY"), "FailedAuthentication"),
        ],
    )
    async def test_with_the_gateways_code(
        self, client: httpx.AsyncClient, gateway: Gateway, make: Callable[[Agreement], bytes], code: str
    ) -> None:
        """Malformed, unsigned, altered, to a service that is not here, from a sender who is not known."""
        answered = await client.post("/bip-sync-wss", content=make(gateway.agreement))
        root = etree.fromstring(answered.content)
        assert (answered.status_code, root.findtext(".//errorCode")) == (500, code)
        assert schema().validate(root), schema().error_log

    async def test_a_question_that_is_right_is_answered(self, client: httpx.AsyncClient, gateway: Gateway) -> None:
        """The same message, with nothing wrong about it; the server says what it is."""
        answered = await client.post("/bip-sync-wss", content=question(gateway.agreement))
        root = etree.fromstring(answered.content)
        assert (answered.status_code, root.findtext(".//status/code")) == (200, "SCSS001")
        assert "stand-in" in answered.headers["server"]
        assert (await client.get("/")).status_code == 404


def unsigned(content: bytes) -> bytes:
    root = etree.fromstring(content)
    [signature] = root.iter(f"{{{DS}}}Signature")
    signature.getparent().remove(signature)
    return etree.tostring(root)


def schema() -> Any:
    return etree.XMLSchema(file=str(ROOT / "adapters/gateway/schemas/messages.xsd"))


class TestSchemas:
    """Every answer is as the schemas say, in either form; that of a string too."""

    @pytest.mark.parametrize("is_text", [False, True])
    @pytest.mark.parametrize("wish", [Wish(), Wish(is_unknown=True), Wish(is_different=True), Wish(is_other=True)])
    @pytest.mark.parametrize("register", list(Register))
    def test_answers(self, gateway: Gateway, register: Register, wish: Wish, is_text: bool) -> None:
        """Of each register, of whoever is known, of nobody, and of somebody else."""
        content = answer(asked_of(register, is_text=is_text), register, People.load(EXAMPLES), wish)
        envelope = messages.signed(
            messages.response(content, "message-1"), Signer.load(gateway.file.parent, "gateway")
        )
        root = etree.fromstring(envelope)
        assert schema().validate(root), schema().error_log
        if is_text:
            inner = etree.fromstring(root.findtext(".//data"))
            assert schema().validate(inner), schema().error_log


def asked_of(register: Register, *, is_text: bool) -> messages.Asked:
    fields = {
        Register.PERSON: {"iin": SOMEBODY},
        Register.BIRTH: {"iin": SOMEBODY},
        Register.GUARDIANSHIP: {"req_iin": DEAD, "child_iin": SOMEBODY},
        Register.ACCOUNT: {"IIN": SOMEBODY, "IBAN": make_iban(Random(1)), "OrderNumber": "message-1"},
    }
    services = {
        Register.PERSON: "STAND-IN:GBDFL_UniversalServiceSync",
        Register.BIRTH: "STAND-IN:ZAGS_BIRTH",
        Register.GUARDIANSHIP: "STAND-IN:AKIMAT_GUARDIANSHIP",
        Register.ACCOUNT: "STAND-IN:PEP_IBAN_CHECK",
    }
    return messages.Asked("message-1", None, services[register], "TIREK", is_text, fields[register])


def answer_of(register: str, people: People) -> str:
    return answer(asked_of(Register(register), is_text=False), Register(register), people, Wish())


class TestPeople:
    """The file of synthetic people."""

    async def test_what_it_says_otherwise(self, registers: GatewayRegisters) -> None:
        """Dead, missing, without a patronymic; a mother who is told, a father who is not; a closed account."""
        dead, missing = [await registers.person.find_person(one, ASKING) for one in (DEAD, MISSING)]
        assert dead is not None
        assert missing is not None
        assert [dead.life_status, missing.life_status] == [LifeStatus.DEAD, LifeStatus.MISSING]
        typed = await registers.person.find_person(TYPED, ASKING)
        assert typed is not None
        assert (typed.name, typed.patronymic) == ("Apмaн", None)
        own, fatherless = [await registers.birth.find_birth(one, ASKING) for one in (OWN_CHILD, FATHERLESS)]
        assert own is not None
        assert fatherless is not None
        assert own.mother is not None
        assert (own.mother.iin, fatherless.father) == (MISSING, None)
        appointed = await registers.guardianship.find_guardianship(SOMEBODY, FATHERLESS, ASKING)
        account = await registers.account.find_account(TYPED, make_iban(Random(1)), ASKING)
        assert appointed is not None
        assert account is not None
        assert (appointed.ended_on, account.is_open) == (date(2025, 6, 1), False)

    @pytest.mark.parametrize(
        ("record", "has_none"),
        [
            ("birth", lambda people: people.birth(SOMEBODY) is None),
            ("guardianship", lambda people: people.guardianship(DEAD, SOMEBODY) is None),
            ("account", lambda people: people.account(SOMEBODY, make_iban(Random(1))) is None),
        ],
    )
    @pytest.mark.parametrize("is_null", [True, False])
    def test_a_record_that_is_not_there(
        self, tmp_path: Path, record: str, has_none: Callable[[People], bool], is_null: bool
    ) -> None:
        """null takes one record away, and says so by its schema; without a word there is one, as of everybody."""
        file = tmp_path / "people.yaml"
        said = f"{{{record}: null}}" if is_null else "{}"
        file.write_text(f"people: {{'{SOMEBODY}': {said}}}", encoding="utf-8")
        people = People.load(file)
        assert has_none(people) is is_null
        root = etree.fromstring(messages.unsigned(messages.response(answer_of(record, people), "message-1")))
        assert schema().validate(root), schema().error_log

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("people: {'123456789012': {}}", "people.123456789012"),
            (f"people: {{'{SOMEBODY}': {{person: {{mood: good}}}}}}", "mood"),
            (f"people: {{'{SOMEBODY}': {{behaviour: {{behaviour: lazy}}}}}}", "behaviour"),
            ("people: [", "people.yaml"),
            ("somebody: {}", "somebody"),
        ],
    )
    def test_a_file_that_is_none(self, tmp_path: Path, text: str, place: str) -> None:
        """Every mistake is named with its place."""
        file = tmp_path / "people.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(MalformedError) as told:
            People.load(file)
        assert place in f"{told.value} {told.value.fields}"

    def test_a_behaviour_of_the_file(self, tmp_path: Path) -> None:
        """It holds from the start."""
        file = tmp_path / "people.yaml"
        file.write_text(
            f"people: {{'{SOMEBODY}': {{behaviour: {{behaviour: fails, times: 2}}}}}}", encoding="utf-8"
        )
        assert People.load(file).behaviours[SOMEBODY].behaviour is Behaviour.FAILS


class TestControl:
    """How it is told to misbehave."""

    @pytest.mark.parametrize(
        ("method", "path", "content", "status"),
        [
            ("POST", "/stand-in/tell", {"iin": SOMEBODY, "behaviour": "fails", "times": 2}, 200),
            ("POST", "/stand-in/tell", {"iin": SOMEBODY, "behaviour": "lazy"}, 400),
            ("POST", "/stand-in/tell", {"iin": "123", "behaviour": "fails"}, 400),
            ("POST", "/stand-in/tell", {"behaviour": "fails"}, 400),
            ("POST", "/stand-in/tell", [], 400),
            ("POST", "/stand-in/state", {"state": "up"}, 200),
            ("POST", "/stand-in/state", {"state": "asleep"}, 400),
            ("DELETE", "/stand-in/told", None, 200),
            ("GET", "/stand-in/asked", None, 200),
            ("GET", "/stand-in/elsewhere", None, 404),
        ],
    )
    async def test_what_it_understands(
        self, client: httpx.AsyncClient, method: str, path: str, content: object, status: int
    ) -> None:
        """What is wrong is said, and no number is repeated."""
        answered = await client.request(method, path, json=content)
        assert answered.status_code == status
        assert SOMEBODY not in answered.text or path == "/stand-in/asked"

    async def test_so_many_times(self, client: httpx.AsyncClient, gateway: Gateway) -> None:
        """Then it is as usual again; and it tells what was asked."""
        told = {"iin": SOMEBODY, "behaviour": "fails", "times": 2}
        assert (await client.post("/stand-in/tell", json=told)).status_code == 200
        sent = [await client.post("/bip-sync-wss", content=question(gateway.agreement)) for _ in range(3)]
        assert [one.status_code for one in sent] == [503, 503, 200]
        rows = (await client.get("/stand-in/asked")).json()[-3:]
        assert [row["answered"] for row in rows] == ["fails", "fails", "as usual"]
        assert {row["correlation_id"] for row in rows} == {"correlation-1"}

    async def test_one_register_only(self, client: httpx.AsyncClient, registers: GatewayRegisters) -> None:
        """Whom the others know, one register may not know."""
        told = {"iin": SOMEBODY, "behaviour": "unknown", "only": "guardianship"}
        assert (await client.post("/stand-in/tell", json=told)).status_code == 200
        assert await registers.guardianship.find_guardianship(DEAD, SOMEBODY, ASKING) is None
        assert await registers.birth.find_birth(SOMEBODY, ASKING) is not None


class TestProgram:
    """`starter.py gateway`."""

    async def test_serves_and_ends(self, tmp_path: Path) -> None:
        """It says where it listens, its file is there while it runs, and keys are readable by us only."""
        port = free_port()
        started = await start_program("gateway", "--port", str(port), environment={"TIREK_DATA": str(tmp_path)})
        assert started.stdout is not None
        said = (await started.stdout.readline()).decode()
        folder = tmp_path / "gateway-stand-in"
        file = folder / "gateway.yaml"
        assert said == f"gateway stand-in: https://127.0.0.1:{port}/bip-sync-wss\n"
        assert Agreement.load(file).file.url == said.split()[-1]
        assert {path.stat().st_mode & 0o777 for path in folder.glob("*.key.pem")} == {0o600}
        second = await run_program("gateway", "--port", str(port), environment={"TIREK_DATA": str(tmp_path / "2")})
        assert (second.code, "TIREK_GATEWAY_PORT" in second.err) == (4, True)
        beside = await run_program("gateway", "--port", "0", environment={"TIREK_DATA": str(tmp_path)})
        assert (beside.code, "`make gateway` works in" in beside.err) == (4, True)
        assert Agreement.load(file).file.url == said.split()[-1]
        started.terminate()
        assert await started.wait() == 0
        assert not file.exists()

    async def test_not_for_others(self, tmp_path: Path) -> None:
        """Where other machines reach it, it has to be meant."""
        ran = await run_program("gateway", "--host", "192.0.2.1", environment={"TIREK_DATA": str(tmp_path)})
        assert (ran.code, "--public" in ran.err) == (2, True)

    async def test_a_folder_that_cannot_be(self, tmp_path: Path) -> None:
        """A file stands where its folder would be: exit 4, and which one."""
        (tmp_path / "file").touch()
        ran = await run_program("gateway", "--port", "0", "--folder", str(tmp_path / "file" / "of"))
        assert (ran.code, "--folder" in ran.err) == (4, True)

    def test_under_another_name(self, tmp_path: Path) -> None:
        """Its certificate is made anew for the name by which it is reached now."""
        prepare(tmp_path)
        first = (tmp_path / "tls.crt.pem").read_bytes()
        prepare(tmp_path, "gateway-stand-in")
        file = write_gateway_file(tmp_path, 9233, "gateway-stand-in")
        assert (tmp_path / "tls.crt.pem").read_bytes() != first
        assert Agreement.load(file).file.url == "https://gateway-stand-in:9233/bip-sync-wss"
        second = (tmp_path / "tls.crt.pem").read_bytes()
        prepare(tmp_path, "gateway-stand-in")
        assert (tmp_path / "tls.crt.pem").read_bytes() == second

    async def test_bad_people(self, tmp_path: Path) -> None:
        """Exit 2, and what is wrong."""
        file = tmp_path / "people.yaml"
        file.write_text("people: {'123': {}}")
        settings = {"TIREK_DATA": str(tmp_path)}
        ran = await run_program("gateway", "--people", str(file), "--json", environment=settings)
        assert ran.code == 2
        assert "123" in json.dumps(ran.json["error"]["fields"])


class TestBesideAnEngine:
    """What `make up` and `make demo` run beside their engine."""

    @pytest.mark.parametrize("is_killed", [False, True])
    async def test_its_file_goes_with_it(self, tmp_path: Path, is_killed: bool) -> None:
        """The keys stay; the file, by which programs know a stand-in is up, does not, even if it was killed."""
        async with beside_a_gateway(Settings(data=tmp_path), port=0) as side:
            assert side.settings.gateway_file is not None
            assert Agreement.load(side.settings.gateway_file).file.url in side.address
            assert side.child is not None
            if is_killed:
                side.child.process.kill()
        assert side.child.has_ended()
        assert {file.suffix for file in (tmp_path / "gateway-stand-in").iterdir()} == {".pem"}

    async def test_none_where_one_is_set(self, tmp_path: Path) -> None:
        """Whoever names a gateway is asked there, and no stand-in is started."""
        settings = Settings(data=tmp_path, gateway_file=tmp_path / "gateway.yaml")
        async with beside_a_gateway(settings, port=0) as side:
            assert (side.settings, side.child) == (settings, None)
