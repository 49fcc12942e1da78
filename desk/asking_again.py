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
from models.messages import PROCESS, Answer, AskAgain, Order
from models.ports import RegisterError, RegisterRefusedError, StateRegisters
from models.registers import Asking, ExchangeOutcome, Register
from models.regulation import RetryRule

_log = logging.getLogger(__name__)
_DUTY, _DUTY_SECONDS = "asking-again", 60.0
_LOOK_SECONDS = 2.0
_PROBE_SECONDS = 5.0
_IN_VAIN = 3
_REST = RetryRule(first=300, longest=3600)
"""Between two commands to an application that was told in vain."""


@dataclass
class Probe:
    """When somebody silent is tried next: with pauses that grow by a rule of the regulation file."""

    pause: float = 0
    next_at: float = 0
    times: int = 0

    def is_due(self) -> bool:
        return time.monotonic() >= self.next_at

    def was_silent(self, rule: RetryRule) -> None:
        self.pause = min(self.pause * rule.factor or rule.first, rule.longest)
        self.next_at = time.monotonic() + self.pause
        self.times += 1


@dataclass
class AskingAgain:
    """One worker's part in it. `per_second`: how many applications are told in a second."""

    desk: Desk
    registers: StateRegisters
    duties: SqlDuties
    per_second: float
    probes: dict[Register, Probe] = field(default_factory=dict[Register, Probe])
    rests: dict[tuple[str, Register], Probe] = field(default_factory=dict[tuple[str, Register], Probe])
    """Of applications that were told in vain: a person whom a register cannot tell of must not hold up others."""
    name: str = field(default_factory=lambda: str(uuid4()))

    async def look(self, stop: asyncio.Event) -> int:
        """One look at everything that waits, if the duty is ours; how many applications were answered."""
        if not await self._is_ours():
            return 0
        waiting = await asyncio.to_thread(self.desk.reader.exchanges.silent)
        self._forget_others(waiting)
        answered = 0
        for register in Register:
            of_it = [one for one in waiting if one.register_name is register and self._is_rested(one)]
            if of_it and await self._answers(register, of_it):
                answered += await self._tell_all(register, of_it, stop)
        return answered

    async def _is_ours(self) -> bool:
        return await asyncio.to_thread(self.duties.take, _DUTY, self.name, _DUTY_SECONDS)

    def _forget_others(self, waiting: Sequence[Silent]) -> None:
        """Of a register or an application that waits no more, nothing is kept."""
        for register in set(self.probes) - {one.register_name for one in waiting}:
            del self.probes[register]
        for key in set(self.rests) - {(one.application, one.register_name) for one in waiting}:
            del self.rests[key]

    def _is_rested(self, one: Silent) -> bool:
        rest = self.rests.get((one.application, one.register_name))
        return rest is None or rest.is_due()

    async def _answers(self, register: Register, waiting: Sequence[Silent]) -> bool:
        """Whether the register answers a question of one of them, each time another one's."""
        probe = self.probes.get(register)
        if probe is not None and not probe.is_due():
            return False
        chosen = waiting[(probe.times if probe else 0) % len(waiting)]
        question, rule = await asyncio.to_thread(self._question, chosen)
        if probe is None:  # it has just been silent
            probe = self.probes[register] = Probe()
            probe.was_silent(rule)
            return False
        if question is None:
            return True
        asking = Asking(application=chosen.application, check=chosen.check, by=PROCESS)
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
        """Tell each application to ask again; how many were answered. Several silences in a row end it."""
        answered, in_vain = 0, 0
        for application in dict.fromkeys(one.application for one in waiting):
            if stop.is_set() or in_vain == _IN_VAIN or not await self._is_ours():
                break
            if await self._tell(application, register):
                answered, in_vain = answered + 1, 0
            else:
                in_vain += 1
                self.rests.setdefault((application, register), Probe()).was_silent(_REST)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1 / self.per_second)
        _log.info("register %s answers again: %s applications have its answer", register, answered)
        return answered

    async def _tell(self, application: str, register: Register) -> bool:
        """Whether it was answered. Whatever has moved on meanwhile refuses the command, and nothing is asked."""
        message = AskAgain(registers=(register,))
        order = Order[AskAgain](by=PROCESS, digest="", message=message)
        update = update_id(self.desk.ring, None)
        try:
            reply = await self.desk.delivery.update(
                application, Command.ASK_AGAIN, order, update, more_seconds=_PROBE_SECONDS, again=""
            )
        except TirekError as error:
            _log.warning("%s was not asked again: %s", application, error.code)
            return False
        return isinstance(reply, Answer) and await asyncio.to_thread(self._was_answered, application, register)

    def _was_answered(self, application: str, register: Register) -> bool:
        """What came of its last question to the register, as the exchanges say."""
        attempts = self.desk.reader.exchanges.attempts(application)
        ends = [one["last_outcome"] for check, one in attempts.items() if check.split("-")[0] == register]
        return ExchangeOutcome.FAILED not in ends


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
