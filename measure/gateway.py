"""What a message to the gateway costs this side: it is put together and signed, and one like it is checked."""

import asyncio
import ssl
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from adapters.gateway import persons, trust, xml_text
from adapters.gateway.agreement import Agreement, GatewayFile, Service
from adapters.gateway.envelope import Message, signed_message
from adapters.gateway.registers import GatewayRegisters, gateway_registers
from adapters.host_clock import host_now
from adapters.registers.synthetic import make_iin
from adapters.settings import GATEWAY_FILE, Settings
from cli.engine import beside_a_gateway
from measure.samples import percentile
from models.registers import Asking, Exchange, ExchangeEnd, Register

SAMPLES = 300
MOST_MILLISECONDS = 3.0
"""For signing one message and checking another, in the median: the machine does other things too."""
_WARM = 20
AT_ONCE, ROUNDS, _WARM_ROUNDS = 50, 20, 3
_ASKING = Asking(application="measured", check="person", by="process")
_FIELDS = [(f"field{number}", "Әбілқасымқызы") for number in range(40)]
"""As much as a register says of a person: a message of about 5 kB."""


@dataclass
class Signing:
    """Seconds for each message."""

    size: int = 0
    signed: list[float] = field(default_factory=list)
    checked: list[float] = field(default_factory=list)

    @property
    def both(self) -> list[float]:
        return [a + b for a, b in zip(self.signed, self.checked, strict=True)]

    @property
    def missed(self) -> list[str]:
        milliseconds = median(self.both) * 1000
        return [f"a message: {milliseconds:.1f} ms"] if milliseconds > MOST_MILLISECONDS else []

    def rows(self) -> list[str]:
        """Of a table in Markdown: what is done, the median and the 95th percentile in milliseconds."""
        parts = {"put together and signed": self.signed, "parsed and checked": self.checked, "**both**": self.both}
        return [
            f"| {name} | {median(times) * 1000:.2f} | {percentile(times, 95) * 1000:.2f} |"
            for name, times in parts.items()
        ]


def time_signing() -> Signing:
    """One message after another, in this process; RSA of 2048 bits."""
    agreement, signing = _agreement(), Signing()
    for number in range(-_WARM, SAMPLES):
        began = time.perf_counter()
        message = Message.make(agreement.service(Register.PERSON), "measured")
        content = signed_message(agreement, message, persons.CONTRACT, _FIELDS)
        signed = time.perf_counter()
        trust.verified_body(xml_text.message(content), agreement.trusted)
        if number >= 0:
            signing.signed.append(signed - began)
            signing.checked.append(time.perf_counter() - signed)
            signing.size = len(content)
    return signing


def _agreement() -> Agreement:
    key, now, name = (
        generate_private_key(65537, 2048),
        host_now(),
        x509.NameAttribute(NameOID.COMMON_NAME, "tirek"),
    )
    builder = x509.CertificateBuilder().subject_name(x509.Name([name])).issuer_name(x509.Name([name]))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate, nowhere = builder.sign(key, SHA256()), Path("nowhere")
    file = GatewayFile(
        url="https://127.0.0.1:9/",
        sender="TIREK",
        key_file=nowhere,
        certificate_file=nowhere,
        trusted_file=nowhere,
        services={register: Service(service=register.value) for register in Register},
    )
    return Agreement(file, None, key, certificate, (certificate,), ssl.create_default_context())


async def time_checks(data: Path) -> list[list[float]]:
    """Fifty persons asked for at once over pooled connections, in turn; of each round the seconds of each answer.

    The stand-in is a process of its own on the same machine, which takes its share of it.
    """
    settings = Settings(data=data).in_silence()
    async with beside_a_gateway(settings, port=0):
        agreement = Agreement.load(settings.gateway_stand_in / GATEWAY_FILE)
        async with gateway_registers(agreement, NoLog()) as registers:
            rounds = [await _round(registers, number) for number in range(-_WARM_ROUNDS, ROUNDS)]
    return rounds[_WARM_ROUNDS:]


async def _round(registers: GatewayRegisters, number: int) -> list[float]:
    random = Random(number)  # noqa: S311 - synthetic people are no secret
    people = [make_iin(date(1990, 1, 1) + timedelta(days=day), random, masculine=True) for day in range(AT_ONCE)]

    async def timed(iin: str) -> float:
        began = time.perf_counter()
        await registers.person.find_person(iin, _ASKING)
        return time.perf_counter() - began

    return list(await asyncio.gather(*(timed(iin) for iin in people)))


class NoLog:
    """What is measured is the gateway, not the record."""

    def begin(self, exchange: Exchange) -> None:
        del exchange

    def end(self, end: ExchangeEnd) -> None:
        del end


if __name__ == "__main__":
    sys.stdout.write("\n".join(time_signing().rows()) + "\n")
