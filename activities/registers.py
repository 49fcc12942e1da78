"""Asks the state registers through their ports (R17)."""

from temporalio import activity

from models.checks import CheckOutcome, Question, Register, compare
from models.data import Data
from models.ports import BirthRegister, PersonRegister


class Finding(Data):
    """What a register said of a question; the instants are the workflow's to give."""

    outcome: CheckOutcome
    differing: tuple[str, ...] = ()


class RegisterActivities:
    """The questions, over whichever registers the worker was given."""

    def __init__(self, persons: PersonRegister, births: BirthRegister) -> None:
        self._persons = persons
        self._births = births

    @activity.defn
    async def ask_register(self, question: Question) -> Finding:
        """Ask once; RegisterUnavailableError makes Temporal ask again."""
        iin = question.person.iin
        if question.register_name is Register.PERSON:
            entry = await self._persons.find_person(iin)
        else:
            entry = await self._births.find_birth(iin)
        outcome, differing = compare(question.person, entry)
        return Finding(outcome=outcome, differing=differing)
