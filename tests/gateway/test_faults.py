"""Which faults pass and which last, and what an unsigned one can do: nothing for good."""

from datetime import timedelta

import pytest

from adapters.gateway.faults import _LASTING, _PASSING, _REFUSED, fault, sanitised
from adapters.host_clock import host_now
from adapters.settings import ROOT
from models.ports import RegisterRefusedError
from tests.gateway import people
from tests.gateway.answering import asked_in, envelope, fault_of, response, signed
from tests.gateway.conftest import Talk
from tests.gateway.partners import Partner

LASTING = ["SCE001", "SCE004", "SCE005", "SCE006", "SCE007", "SCE015", "SCE016", "SCE017"]
PASSING = ["SCE909", "SCE900", "SCE002", "SCE999", "XYZ", "sce001"]


class TestFaults:
    """The gateway's own."""

    @pytest.mark.parametrize("code", LASTING)
    async def test_lasting(self, talk: Talk, gateway: Partner, code: str) -> None:
        """The message, its service or its signature is wrong: asking again does not help."""
        assert await talk.refusal(lambda _: signed(fault_of(code), gateway)) == code

    @pytest.mark.parametrize("code", PASSING)
    async def test_passing(self, talk: Talk, gateway: Partner, code: str) -> None:
        """An error within the gateway, or a code that nobody knows."""
        assert await talk.failure(lambda _: signed(fault_of(code), gateway)) == code

    @pytest.mark.parametrize("code", [*LASTING, *PASSING])
    async def test_unsigned(self, talk: Talk, code: str) -> None:
        """Anybody can write it: its code is told, and it passes."""
        assert await talk.failure(lambda _: envelope(fault_of(code)).encode()) == code

    async def test_signed_wrongly(self, talk: Talk, gateway: Partner, stranger: Partner) -> None:
        """A fault that bears a signature bears a right one."""
        assert await talk.refusal(lambda _: signed(fault_of("SCE909"), stranger)) == "answer-certificate"
        changed = signed(fault_of("SCE909"), gateway).replace(b"SCE909", b"SCE001")
        assert await talk.refusal(lambda _: changed) == "answer-signature"

    async def test_replayed(self, talk: Talk, gateway: Partner) -> None:
        """A signed fault of yesterday says nothing about today."""
        old = signed(fault_of("SCE004", host_now() - timedelta(minutes=16)), gateway)
        assert await talk.refusal(lambda _: old) == "answer-too-old"

    @pytest.mark.parametrize(
        ("name", "is_lasting"),
        [("wsse:FailedAuthentication", True), ("wsse:InvalidSecurityToken", True), ("soap:Server", False)],
    )
    async def test_without_a_detail(self, talk: Talk, gateway: Partner, name: str, is_lasting: bool) -> None:
        """A fault of WS-Security itself: the sender is not let in. One of SOAP says nothing more, and passes."""
        told = f"<soap:Fault><faultcode>{name}</faultcode><faultstring>x</faultstring></soap:Fault>"
        end = talk.refusal if is_lasting else talk.failure
        assert await end(lambda _: signed(told, gateway)) == name.partition(":")[2]

    @pytest.mark.parametrize("code", ["", people.WOMAN, f"E{people.WOMAN}", "Ахметова"])
    async def test_code_that_is_none(self, talk: Talk, gateway: Partner, code: str) -> None:
        """A code that is empty, or may be somebody's number or name, is not repeated."""
        assert await talk.failure(lambda _: signed(fault_of(code), gateway)) == "unknown-fault"

    @pytest.mark.parametrize(("code", "is_lasting"), [("SCE001", True), ("SCSS002", False), ("", False)])
    async def test_status_of_an_answer(self, talk: Talk, gateway: Partner, code: str, is_lasting: bool) -> None:
        """An answer whose status is not success is a fault, with or without data."""

        def make(came: bytes) -> bytes:
            return signed(response(people.person_data(), asked_in(came), status=code), gateway)

        assert await (talk.refusal(make) if is_lasting else talk.failure(make)) == (code or "unknown-fault")

    def test_sanitised(self) -> None:
        """Letters, digits, - and _, forty at most."""
        assert sanitised("SCE-9<0>9\n_é" + "x" * 60) == "SCE-909_" + "x" * 32
        assert isinstance(fault("SCE\n001", is_signed=True), RegisterRefusedError)

    def test_manual(self) -> None:
        """docs/gateway.md tells every code that is sorted by name."""
        told = (ROOT / "docs" / "gateway.md").read_text()
        assert [code for code in (*_LASTING, *_PASSING, *_REFUSED) if f"`{code}`" not in told] == []
