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
from models.ports import RegisterError, StateRegisters
from models.registers import Asking, ExchangeOutcome, Register
from models.regulation import RetryRule

_log = logging.getLogger(__name__)
_DUTY, _DUTY_SECONDS = "asking-again", 60.0
_LOOK_SECONDS, _IDLE_SECONDS = 2.0, 15.0
_PATIENCE_SECONDS = 30
"""How long a command waits for a round of questions beyond the time that any command has."""
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
    """Of applications that were told: a person whom a register cannot tell of must not hold up the others."""
    has_begun: bool = False
    """Whether it has had the duty before: a worker that begins may be one whose settings were mended."""
    name: str = field(default_factory=lambda: str(uuid4()))

    async def look(self, stop: asyncio.Event) -> bool:
        """One look at everything that waits, if the duty is ours; whether something does."""
        if not await self._is_ours():
            return False
        if not self.has_begun:
            await self._ask_what_failed(stop)
        self.has_begun, waits = True, False
        for register in Register:
            waiting = await asyncio.to_thread(self.desk.reader.exchanges.silent, register)
            waits = waits or bool(waiting)
            self._forget_others(register, waiting)
            rested = [one for one in waiting if self._is_rested(one)]
            if rested and not stop.is_set() and await self._answers(register, rested):
                await self._tell_all(register, rested, stop)
        return waits

    async def _ask_what_failed(self, stop: asyncio.Event) -> None:
        """Once, what waited for an operator: who mends a certificate or a service starts the workers anew."""
        for register in Register:
            waiting = await asyncio.to_thread(self.desk.reader.exchanges.silent, register, failed=True)
            await self._tell_all(register, waiting, stop, even_failed=True)

    async def _is_ours(self) -> bool:
        return await asyncio.to_thread(self.duties.take, _DUTY, self.name, _DUTY_SECONDS)

    def _forget_others(self, register: Register, waiting: Sequence[Silent]) -> None:
        """Of a register for which nobody waits, and of an application that waits no more, nothing is kept."""
        if not waiting:
            self.probes.pop(register, None)
        still = {one.application for one in waiting}
        for key in [key for key in self.rests if key[1] is register and key[0] not in still]:
            del self.rests[key]

    def _is_rested(self, one: Silent) -> bool:
        rest = self.rests.get((one.application, one.register_name))
        return rest is None or rest.is_due()

    async def _answers(self, register: Register, waiting: Sequence[Silent]) -> bool:
        """Whether the register answers a question of one of them, each time another one's."""
        probe = self.probes.get(register)
        if probe is None:  # it has just been silent
            probe = self.probes[register] = Probe()
            probe.was_silent(self._rule(waiting[0]))
        if not probe.is_due():
            return False
        chosen = waiting[probe.times % len(waiting)]
        if await self._try(chosen):
            return True
        probe.was_silent(self._rule(chosen))
        return False

    async def _try(self, chosen: Silent) -> bool:
        """Put a question outside of its application. A refusal is no answer: it may be meant for every one."""
        asking = Asking(application=chosen.application, check=chosen.check, by=PROCESS)
        try:
            question = await asyncio.to_thread(self._question, chosen)
            if question is not None:
                await put(question, self.registers, asking)
        except RegisterError:
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is about one question, the worker has others
            _log.error("probe for %s, %s: %s", chosen.application, chosen.check, type(error).__name__)
            return False
        return True

    def _rule(self, one: Silent) -> RetryRule:
        known = self.desk.library.regulations.get(one.regulation)
        return known.registers.probe if known else _REST

    def _question(self, silent: Silent) -> Question | None:
        """The question that waits, as the application asked it; None if its data has been erased."""
        request = self.desk.reader.request(silent.application)
        if request is None:
            return None
        registers = self.desk.library.regulation(silent.regulation).registers
        return next((one for one in questions(request, registers) if one.key == silent.check), None)

    async def _tell_all(
        self, register: Register, waiting: Sequence[Silent], stop: asyncio.Event, *, even_failed: bool = False
    ) -> None:
        """Tell each application to ask again. Several in vain, one after the other, end it."""
        answered, in_vain = 0, 0
        for application in dict.fromkeys(one.application for one in waiting):
            if stop.is_set() or in_vain == _IN_VAIN or not await self._is_ours():
                break
            # Whoever was told is not told again soon, whatever came of it; with an answer it waits no more.
            self.rests.setdefault((application, register), Probe()).was_silent(_REST)
            if await self._tell(application, AskAgain(registers=(register,), even_failed=even_failed)):
                answered, in_vain = answered + 1, 0
            else:
                in_vain += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1 / self.per_second)
        if answered:
            _log.info("register %s answers again: %s applications have its answer", register, answered)

    async def _tell(self, application: str, message: AskAgain) -> bool:
        """Whether it was answered. Whatever has moved on meanwhile refuses the command, and nothing is asked."""
        order = Order[AskAgain](by=PROCESS, digest="", message=message)
        update = update_id(self.desk.ring, None)
        try:
            reply = await self.desk.delivery.update(
                application, Command.ASK_AGAIN, order, update, more_seconds=_PATIENCE_SECONDS, again=""
            )
        except TirekError as error:
            _log.warning("%s was not asked again: %s", application, error.code)
            return False
        return isinstance(reply, Answer) and await asyncio.to_thread(self._was_answered, application, message)

    def _was_answered(self, application: str, message: AskAgain) -> bool:
        """What came of its last questions to these registers, as the exchanges say."""
        attempts = self.desk.reader.exchanges.attempts(application)
        ends = {one["last_outcome"] for check, one in attempts.items() if check.split("-")[0] in message.registers}
        return not ends & {ExchangeOutcome.FAILED, ExchangeOutcome.REFUSED}


async def ask_again_until(stop: asyncio.Event, asking: AskingAgain) -> None:
    """Look now and then until told to stop. Nothing that goes wrong here ends the process engine beside it."""
    stopping = asyncio.create_task(stop.wait())
    while not stopping.done():
        looking = asyncio.create_task(asking.look(stop))
        await asyncio.wait((looking, stopping), return_when=asyncio.FIRST_COMPLETED)
        looking.cancel()  # what it asked is on record as given up, and is asked again by whoever comes next
        pause = _LOOK_SECONDS if await _told(looking) else _IDLE_SECONDS
        await asyncio.wait((stopping,), timeout=pause)
    with suppress(SQLAlchemyError):
        await asyncio.to_thread(asking.duties.give_back, _DUTY, asking.name)


async def _told(looking: asyncio.Task[bool]) -> bool:
    """Whether something waits; a record or a server that is away is tried again."""
    try:
        return await looking
    except asyncio.CancelledError:
        return False
    except (SQLAlchemyError, TirekError) as error:
        _log.warning("asking again: %s, tried again later", type(error).__name__)
    except Exception as error:  # noqa: BLE001 - an operator sees it in the log, and the other duties go on
        _log.error("asking again: %s, tried again later", type(error).__name__)
    return False
