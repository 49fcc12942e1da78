"""Asks the state registers through their ports (R17)."""

import asyncio

from temporalio import activity

from models.checks import CheckOutcome, Question, Register, compare
from models.data import Data
from models.ports import BirthRegister, PersonRegister, RegisterUnavailableError

_ANSWER_SECONDS = 4


class Questions(Data):
    """What is asked in one round."""

    questions: tuple[Question, ...]


class Finding(Data):
    """What a register said of a question; the instants are the workflow's to give."""

    outcome: CheckOutcome
    differing: tuple[str, ...] = ()


class Findings(Data):
    """What came of a round, in the order of the questions; None: silence."""

    findings: tuple[Finding | None, ...]


class RegisterActivities:
    """The questions, over whichever registers the worker was given."""

    def __init__(self, persons: PersonRegister, births: BirthRegister) -> None:
        self._persons = persons
        self._births = births

    @activity.defn
    async def ask_registers(self, asked: Questions) -> Findings:
        """Ask everything once and at once; most are answered, and history grows by one activity only."""
        return Findings(findings=tuple(await asyncio.gather(*(self._try(one) for one in asked.questions))))

    @activity.defn
    async def ask_register(self, question: Question) -> Finding:
        """Ask one question; RegisterUnavailableError makes Temporal ask again."""
        iin = question.person.iin
        if question.register_name is Register.PERSON:
            entry = await self._persons.find_person(iin)
        else:
            entry = await self._births.find_birth(iin)
        outcome, differing = compare(question.person, entry)
        return Finding(outcome=outcome, differing=differing)

    async def _try(self, question: Question) -> Finding | None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await self.ask_register(question)
        except (RegisterUnavailableError, TimeoutError):
            return None
