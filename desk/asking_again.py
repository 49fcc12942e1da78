"""Asks again by itself, once a register that was silent answers again: for applications that are under review with
a check unanswered (R17).

While a register is away one question is put to it now and then, outside of any application, so no journal and no
history grows by it. When that is answered, each application that waits is told to ask again, one after the other
and no faster than the gateway can bear. Of several workers one has this duty at a time.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from activities.registers import put
from adapters.database.duties import SqlDuties
from adapters.database.exchanges import Silent
from desk.desk import Desk
from desk.identity import update_id
from models.checks import Question, questions
from models.errors import TirekError
from models.lifecycle import Command
from models.messages import PROCESS, AskAgain, Order
from models.ports import RegisterError, RegisterRefusedError, StateRegisters
from models.registers import Asking, ExchangeOutcome, Register
from models.regulation import RetryRule

_log = logging.getLogger(__name__)
_DUTY, _DUTY_SECONDS = "asking-again", 60.0
_LOOK_SECONDS = 2.0
_PROBE_SECONDS = 5.0


@dataclass
class Probe:
    """How a silent register is tried: with pauses that grow by the regulation's rule."""

    pause: float = 0
    next_at: float = 0

    def is_due(self) -> bool:
        return time.monotonic() >= self.next_at

    def was_silent(self, rule: RetryRule) -> None:
        self.pause = min(self.pause * rule.factor or rule.first, rule.longest)
        self.next_at = time.monotonic() + self.pause


@dataclass
class AskingAgain:
    """One worker's part in it. `per_second`: how many applications are told in a second."""

    desk: Desk
    registers: StateRegisters
    duties: SqlDuties
    per_second: float
    probes: dict[Register, Probe] = field(default_factory=dict[Register, Probe])
    name: str = field(default_factory=lambda: str(uuid4()))

    async def look(self, stop: asyncio.Event) -> int:
        """One look at everything that waits, if the duty is ours; how many applications were told."""
        if not await asyncio.to_thread(self.duties.take, _DUTY, self.name, _DUTY_SECONDS):
            return 0
        waiting = await asyncio.to_thread(self.desk.reader.exchanges.silent)
        for register in set(self.probes) - {one.register_name for one in waiting}:
            del self.probes[register]
        told = 0
        for register in Register:
            of_it = [one for one in waiting if one.register_name is register]
            if of_it and await self._answers(register, of_it):
                told += await self._tell_all(register, of_it, stop)
        return told

    async def _answers(self, register: Register, waiting: Sequence[Silent]) -> bool:
        """Whether the register answers a question of the application that has waited longest."""
        probe, oldest = self.probes.get(register), waiting[0]
        if probe is not None and not probe.is_due():
            return False
        question, rule = await asyncio.to_thread(self._question, oldest)
        if probe is None:  # it has just been silent
            probe = self.probes[register] = Probe()
            probe.was_silent(rule)
            return False
        if question is None:
            return True
        asking = Asking(application=oldest.application, check=oldest.check, by=PROCESS)
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                await put(question, self.registers, asking)
        except RegisterRefusedError:
            return True  # it is there; what it says against this question, the application will be told itself
        except (RegisterError, TimeoutError):
            probe.was_silent(rule)
            return False
        return True

    def _question(self, silent: Silent) -> tuple[Question | None, RetryRule]:
        """The question that waits, as the application asked it; None if its data has been erased."""
        registers = self.desk.library.regulation(silent.regulation).registers
        request = self.desk.reader.request(silent.application)
        asked = {one.key: one for one in questions(request, registers)} if request else {}
        return asked.get(silent.check), registers.probe

    async def _tell_all(self, register: Register, waiting: Sequence[Silent], stop: asyncio.Event) -> int:
        """Tell each application to ask again; how many did. The first that stays silent ends it."""
        told = 0
        for application in dict.fromkeys(one.application for one in waiting):
            if not await asyncio.to_thread(self.duties.take, _DUTY, self.name, _DUTY_SECONDS):
                break
            await self._tell(application, register)
            told += 1
            if await asyncio.to_thread(self._is_silent, application, register):
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1 / self.per_second)
            if stop.is_set():
                break
        _log.info("register %s answers again: %s applications asked it again", register, told)
        return told

    def _is_silent(self, application: str, register: Register) -> bool:
        """Whether it was asked in vain: then the register is away again, and is tried before anybody else asks."""
        attempts = self.desk.reader.exchanges.attempts(application)
        ends = [one["last_outcome"] for check, one in attempts.items() if check.split("-")[0] == register]
        return ExchangeOutcome.FAILED in ends

    async def _tell(self, application: str, register: Register) -> None:
        """Its own command; whatever has moved on meanwhile refuses it, and nothing is asked."""
        message = AskAgain(registers=(register,))
        order = Order[AskAgain](by=PROCESS, digest="", message=message)
        update = update_id(self.desk.ring, None)
        try:
            await self.desk.delivery.update(
                application, Command.ASK_AGAIN, order, update, more_seconds=_PROBE_SECONDS, again=""
            )
        except TirekError as error:
            _log.warning("%s was not asked again: %s", application, error.code)


async def ask_again_until(stop: asyncio.Event, asking: AskingAgain) -> None:
    """Look now and then until told to stop; a record or a server that is away is tried again."""
    while not stop.is_set():
        try:
            await asking.look(stop)
        except (SQLAlchemyError, TirekError) as error:
            _log.warning("asking again: %s, tried again later", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
    with suppress(SQLAlchemyError):
        await asyncio.to_thread(asking.duties.give_back, _DUTY, asking.name)
