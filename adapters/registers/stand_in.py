"""Stand-ins for the state registers, inside the process: they answer from synthetic people, and are none of the
state's. Beside them stands a stand-in for the gateway itself, which speaks its protocol (gateway_stand_in/)."""

import asyncio
from contextlib import AbstractAsyncContextManager
from random import uniform
from uuid import uuid4

from adapters.gateway.exchanging import Exchanging, exchanged
from adapters.registers.synthetic import behaviour_of, birth_of, person_of
from models.ports import ExchangeLog, RegisterUnavailableError
from models.registers import AccountEntry, Asking, BirthRecord, Guardianship, LifeStatus, PersonEntry, Register

_SLOW_SECONDS = 0.6


class StandInRegisters:
    """All four registers without a state behind them; the IIN's serial says how they behave.

    What is asked of them is put on record as an exchange of the service `stand-in:…`.
    """

    def __init__(self, log: ExchangeLog) -> None:
        self._log = log
        self.person = self.birth = self.guardianship = self.account = self

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        async with self._exchange(Register.PERSON, iin, asking) as exchange:
            behaviour = await _behave(iin)
            if behaviour == "unknown":
                return exchange.not_found()
            return exchange.found(_entry(iin, behaviour).model_copy(update={"life_status": LifeStatus.ALIVE}))

    async def find_birth(self, iin: str, asking: Asking) -> BirthRecord | None:
        async with self._exchange(Register.BIRTH, iin, asking) as exchange:
            behaviour = await _behave(iin)
            if behaviour == "unknown":
                return exchange.not_found()
            return exchange.found(birth_of(iin).model_copy(update={"child": _entry(iin, behaviour)}))

    async def find_guardianship(self, guardian: str, child: str, asking: Asking) -> Guardianship | None:
        async with self._exchange(Register.GUARDIANSHIP, child, asking) as exchange:
            behaviour = await _behave(child)
            if behaviour == "unknown":
                return exchange.not_found()
            return exchange.found(Guardianship(guardian=_entry(guardian, None), child=_entry(child, behaviour)))

    async def find_account(self, iin: str, iban: str, asking: Asking) -> AccountEntry | None:
        async with self._exchange(Register.ACCOUNT, iin, asking) as exchange:
            if await _behave(iin) == "unknown":
                return exchange.not_found()
            return exchange.found(AccountEntry(iban=iban, is_open=True))

    def _exchange(self, register: Register, iin: str, asking: Asking) -> AbstractAsyncContextManager[Exchanging]:
        message = str(uuid4())
        return exchanged(self._log, service=f"stand-in:{register}", message_id=message, iin=iin, asking=asking)


async def _behave(iin: str) -> str | None:
    """How the stand-in behaves for an IIN; silence is an error, slowness takes its time."""
    behaviour = behaviour_of(iin)
    if behaviour == "silent":
        raise RegisterUnavailableError("silent", "the stand-in register is silent for this person")
    if behaviour == "slow":
        await asyncio.sleep(uniform(0, _SLOW_SECONDS))  # noqa: S311 - no two answers take the same time
    return behaviour


def _entry(iin: str, behaviour: str | None) -> PersonEntry:
    entry = person_of(iin).entry()
    return entry.model_copy(update={"name": f"{entry.name}жан"}) if behaviour == "differs" else entry
