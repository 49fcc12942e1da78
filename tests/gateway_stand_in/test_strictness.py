"""What the stand-in must not take for a message of ours, however it is put: the gateway would not either."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from random import Random

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from adapters.gateway.agreement import Agreement
from adapters.gateway.registers import gateway_registers
from adapters.gateway.trust import verified_body
from adapters.gateway.xml_text import message
from adapters.host_clock import host_now
from adapters.registers.synthetic import make_iin
from models.data import local_iso
from models.ports import RegisterUnavailableError
from models.registers import Asking
from tests.command_line import start_program
from tests.gateway.answering import TRANSFORM, Shape, as_string, nested, signed
from tests.gateway.partners import FakeExchangeLog, Partner
from tests.gateways import Gateway, gateway_in

PERSONS = "http://message.persistence.interactive.nat"
ACCOUNTS = "http://epay.gov.kz/IBANService"
GUARDIANSHIPS = "http://helpers.guardianship.service.akimat.shep.nit"
SOMEBODY, SOMEBODY_ELSE, HELD = (make_iin(date(1991, 5, 5), Random(seed), masculine=True) for seed in (7, 8, 9))
ASKING = Asking(application="app-1", check="person", by="sc-clerk")
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
_XPATH = (
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>not(ancestor-or-self::iin)</ds:XPath></ds:Transform>"
)


@pytest_asyncio.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with gateway_in(tmp_path_factory.mktemp("strict")) as one:
        yield one


@pytest.fixture
def sender(gateway: Gateway) -> Partner:
    folder = gateway.file.parent
    key = load_pem_private_key((folder / "sender.key.pem").read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return Partner(key, x509.load_pem_x509_certificate((folder / "sender.crt.pem").read_bytes()))


def question(data: str, service: str = "STAND-IN:GBDFL_UniversalServiceSync") -> str:
    """What stands in a Body."""
    return (
        '<t:SendMessage xmlns:t="http://bip.bee.kz/SyncChannel/v10/Types"><request><requestInfo>'
        f"<messageId>message-1</messageId><serviceId>{service}</serviceId>"
        f"<messageDate>{local_iso(host_now())}</messageDate><sender><senderId>TIREK</senderId></sender>"
        f"</requestInfo><requestData>{data}</requestData></request></t:SendMessage>"
    )


def person(iin: str = SOMEBODY) -> str:
    own = f"<messageId>1</messageId><messageDate>{local_iso(host_now())}</messageDate>"
    return nested(PERSONS, "Request", f"{own}<senderCode>TIREK</senderCode><iin>{iin}</iin>")


def account(iban: str) -> str:
    fields = f"<OrderNumber>1</OrderNumber><IIN>{SOMEBODY}</IIN><IBAN>{iban}</IBAN>"
    return as_string(ACCOUNTS, "PEP_IBANCheckRequest", f"{fields}<OrderDate>{local_iso(host_now())}</OrderDate>")


def guardianship(guardian: str) -> str:
    fields = f"<req_iin>{guardian}</req_iin><child_iin>{SOMEBODY}</child_iin>"
    return nested(GUARDIANSHIPS, "GetGuardianship", fields)


async def fault(gateway: Gateway, content: bytes) -> str | None:
    """The code of the fault, which is signed; None where it was no fault."""
    agreement = gateway.agreement
    async with httpx.AsyncClient(verify=agreement.tls) as client:
        answered = await client.post(agreement.file.url, content=content)
    code = etree.fromstring(answered.content).findtext(".//errorCode")
    assert (answered.status_code == 500) is (code is not None)
    verified_body(message(answered.content), agreement.trusted)
    return code


class TestSignature:
    """One signature of the sender's, over the whole Body, by the algorithms that were agreed."""

    @pytest.mark.parametrize(
        "shape",
        [
            Shape(method=_RSA_SHA1),
            Shape(digest=_SHA1),
            Shape(c14n="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
            Shape(transforms=f"{_XPATH}{TRANSFORM}"),
        ],
    )
    async def test_another_way_of_signing(self, gateway: Gateway, sender: Partner, shape: Shape) -> None:
        """Weaker, or over a part of the Body alone: so the IIN could be another than was signed."""
        assert await fault(gateway, signed(question(person()), sender, shape)) == "SCE006"

    async def test_signed_part_and_read_part(self, gateway: Gateway, sender: Partner) -> None:
        """An id that stands twice lets the signature mean the one and the reader the other."""
        content = signed(question(person()), sender).decode()
        body = content[content.index("<soap:Body") : content.index("</soap:Envelope>")]
        moved = content.replace("</soap:Header>", f"{body}</soap:Header>").replace(
            f"</soap:Header>{body}", f"</soap:Header>{body.replace(SOMEBODY, SOMEBODY_ELSE)}"
        )
        assert await fault(gateway, moved.encode()) == "SCE006"

    async def test_two_signatures(self, gateway: Gateway, sender: Partner) -> None:
        """Which of them is meant nobody could say."""
        content = signed(question(person()), sender).decode()
        signature = content[content.index("<ds:Signature ") : content.index("</wsse:Security>")]
        assert await fault(gateway, content.replace(signature, signature * 2).encode()) == "SCE006"


class TestQuestion:
    """Signed in order, and yet no question that this register answers: SCE001, and the stand-in works on."""

    @pytest.mark.parametrize(
        ("data", "service"),
        [
            (person(), "STAND-IN:PEP_IBAN_CHECK"),
            (person(), "STAND-IN:AKIMAT_GUARDIANSHIP"),
            (guardianship(SOMEBODY_ELSE), "STAND-IN:ZAGS_BIRTH"),
            (account("KZ86125KZT5004100100"), "STAND-IN:GBDFL_UniversalServiceSync"),
            (account("KZ00125KZT5004100100"), "STAND-IN:PEP_IBAN_CHECK"),
            (guardianship("999999999999"), "STAND-IN:AKIMAT_GUARDIANSHIP"),
            (person("000000000000"), "STAND-IN:GBDFL_UniversalServiceSync"),
            ("<data/>", "STAND-IN:GBDFL_UniversalServiceSync"),
        ],
    )
    async def test_of_another_register(self, gateway: Gateway, sender: Partner, data: str, service: str) -> None:
        """Another register's, or of a number that cannot be right."""
        assert await fault(gateway, signed(question(data, service), sender)) == "SCE001"

    async def test_comments(self, gateway: Gateway, sender: Partner) -> None:
        """A comment within a number would be signed by nobody, and read by somebody."""
        content = question(person()).replace(SOMEBODY, f"{SOMEBODY[:5]}<!-- -->{SOMEBODY[5:]}")
        assert await fault(gateway, signed(content, sender)) == "SCE001"


class TestHeld:
    """Whoever is held in silence is let go when they leave, and when the stand-in ends."""

    @pytest.mark.parametrize("behaviour", ["silent", "out-of-order"])
    async def test_nobody_waits_for_ever(self, gateway: Gateway, behaviour: str) -> None:
        """The client has gone: what was kept for it is gone as well."""
        gateway.tell(HELD, behaviour)
        before = len(asyncio.all_tasks())
        async with gateway_registers(gateway.agreement, FakeExchangeLog(), seconds=0.2) as registers:
            with pytest.raises(Exception, match="timeout"):
                await registers.person.find_person(HELD, ASKING)
        await asyncio.sleep(0.2)
        assert len(asyncio.all_tasks()) <= before


async def test_the_end_waits_for_nobody(tmp_path: Path) -> None:
    """A program that is asked to end while somebody is held in silence ends at once, with 0 and without a word."""
    process = await start_program(
        "gateway", "--port", "0", "--folder", str(tmp_path), environment={"TIREK_DATA": str(tmp_path)}
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[2]
    agreement = Agreement.load(tmp_path / "gateway.yaml")
    async with httpx.AsyncClient(verify=agreement.tls) as client:
        told = {"iin": HELD, "behaviour": "silent"}
        await client.post(url.replace("/bip-sync-wss", "/stand-in/tell"), json=told)
    async with gateway_registers(agreement, FakeExchangeLog()) as registers:
        held = asyncio.create_task(registers.person.find_person(HELD, ASKING))
        await asyncio.sleep(0.3)
        process.terminate()
        _, said = await asyncio.wait_for(process.communicate(), 10)
        with pytest.raises(RegisterUnavailableError, match="network"):
            await held
    assert process.returncode == 0
    assert b"rror" not in said
    assert said.count(b"\n") <= 2  # that it is a stand-in, where its file is, and what it was asked
