"""Stand-ins for the state registers: they answer from synthetic people, and are none of the state's."""

import asyncio
from random import uniform

from adapters.registers.synthetic import behaviour_of, person_of
from models.checks import RegisterEntry
from models.ports import RegisterUnavailableError

_SLOW_SECONDS = 0.6


class StandInPersonRegister:
    """`PersonRegister` without a state behind it; the IIN's serial says how it behaves."""

    async def find_person(self, iin: str) -> RegisterEntry | None:
        return await _answer(iin)


class StandInBirthRegister:
    """`BirthRegister` without a state behind it."""

    async def find_birth(self, iin: str) -> RegisterEntry | None:
        return await _answer(iin)


async def _answer(iin: str) -> RegisterEntry | None:
    behaviour = behaviour_of(iin)
    if behaviour == "silent":
        raise RegisterUnavailableError("the stand-in register is silent for this person")
    if behaviour == "slow":
        await asyncio.sleep(uniform(0, _SLOW_SECONDS))  # noqa: S311 - no two answers take the same time
    if behaviour == "unknown":
        return None
    entry = person_of(iin).entry()
    return entry.model_copy(update={"name": f"{entry.name}жан"}) if behaviour == "differs" else entry
