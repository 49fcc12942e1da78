"""The four registers behind one gateway."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from adapters.gateway.accounts import ShepAccountRegister
from adapters.gateway.agreement import Agreement
from adapters.gateway.births import ShepBirthRegister
from adapters.gateway.exchange import SECONDS, Gateway
from adapters.gateway.guardianships import ShepGuardianshipRegister
from adapters.gateway.persons import ShepPersonRegister
from models.ports import ExchangeLog


@dataclass(frozen=True)
class GatewayRegisters:
    """They share the gateway's connections, and are closed together; of one event loop."""

    gateway: Gateway
    person: ShepPersonRegister
    birth: ShepBirthRegister
    guardianship: ShepGuardianshipRegister
    account: ShepAccountRegister

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends every connection; what is under way fails."""
        await self.gateway.aclose()


def gateway_registers(
    agreement: Agreement,
    log: ExchangeLog,
    *,
    seconds: float = SECONDS,
    transport: httpx.AsyncBaseTransport | None = None,
) -> GatewayRegisters:
    """seconds: for one attempt as a whole; transport: another than HTTPS, for tests."""
    gateway = Gateway(agreement, log, seconds=seconds, transport=transport)
    return GatewayRegisters(
        gateway,
        ShepPersonRegister(gateway),
        ShepBirthRegister(gateway),
        ShepGuardianshipRegister(gateway),
        ShepAccountRegister(gateway),
    )
