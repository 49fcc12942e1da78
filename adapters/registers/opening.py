"""Which registers a program asks: those behind the gateway, or stand-ins inside the process."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.registers.stand_in import StandInRegisters
from adapters.settings import GATEWAY_FILE, Settings
from models.ports import ExchangeLog, StateRegisters

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_registers(settings: Settings, log: ExchangeLog) -> AsyncGenerator[StateRegisters]:
    """The registers behind the gateway of TIREK_GATEWAY_FILE, or behind the stand-in that runs on this machine.

    Without either they are stand-ins inside the process, which answer from synthetic people: that is said, and
    every exchange on record bears their name. MalformedError for a gateway file that cannot be used.
    """
    file, stands_in = gateway_file(settings), what_stands_in(settings)
    if stands_in is not None:
        _log.warning("%s", stands_in)
    if file is None:
        yield StandInRegisters(log)
        return
    from adapters.gateway.agreement import Agreement
    from adapters.gateway.registers import gateway_registers

    async with gateway_registers(Agreement.load(file), log) as registers:
        yield registers


def gateway_file(settings: Settings) -> Path | None:
    """What the setting names, or what the stand-in on this machine has left in the data folder while it runs."""
    if settings.gateway_file is not None:
        return settings.gateway_file
    stand_in = settings.gateway_stand_in / GATEWAY_FILE
    return stand_in if stand_in.exists() else None


def what_stands_in(settings: Settings) -> str | None:
    """What is asked instead of the gateway, for whoever reads an answer; None where it is the gateway itself."""
    if settings.gateway_file is not None:
        return None
    file = gateway_file(settings)
    who = "stand-ins inside this program" if file is None else f"those of the stand-in that {file} names"
    return f"TIREK_GATEWAY_FILE is not set: the registers are {who}, and what they say is about nobody"
