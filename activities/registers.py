"""Asks the state registers through their ports (R17)."""

import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from models.checks import CheckOutcome, Question, compare
from models.comparison import FieldFinding
from models.data import Data, Round
from models.ports import RegisterError, RegisterRefusedError, StateRegisters
from models.registers import Asking, Register, RegisterAnswer

SILENT, REFUSED = "silent", "refused"
"""How a question ends that has no answer: nobody answered, or what answered may not be believed."""


class Questions(Data):
    """What is asked in one round, and who wants to know."""

    by: str
    questions: tuple[Question, ...]
    round: Round = None


class Finding(Data):
    """What a register said of a question; the instants are the workflow's to give."""

    outcome: CheckOutcome
    fields: tuple[FieldFinding, ...] = ()
    failure: str | None = None
    answer: RegisterAnswer | None = None
    differing: tuple[str, ...] = ()
    """What the first findings had instead of fields; histories of those days are replayed."""
    round: Round = None


class Findings(Data):
    """What came of a round, in the order of the questions; None: silence, and asking again may help."""

    findings: tuple[Finding | None, ...]
    round: Round = None


class RegisterActivities:
    """The questions, over whichever registers the worker was given."""

    def __init__(self, registers: StateRegisters) -> None:
        self._registers = registers

    @activity.defn
    async def ask_registers(self, asked: Questions) -> Findings:
        """Ask everything once and at once; most are answered, and history grows by one activity only."""
        tries = (self._try(one, asked.by) for one in asked.questions)
        return Findings(findings=tuple(await asyncio.gather(*tries)), round=asked.round)

    @activity.defn
    async def ask_register(self, asked: Questions) -> Finding:
        """Ask one question. Temporal asks again until the patience is at its end, but for a failure that lasts.

        The code of a failure is its type: operators see it, whether they can read what is encrypted or not.
        """
        [question] = asked.questions
        try:
            found = await self._ask(question, asked.by)
        except RegisterError as error:
            lasts = isinstance(error, RegisterRefusedError)
            tell = activity.logger.error if lasts else activity.logger.warning
            tell("register %s: %s", question.register_name, error.code)
            # Told in one line: silence is expected of a register now and then, and no fault of this program.
            kind = ApplicationErrorCategory.BENIGN
            raise ApplicationError(str(error), type=error.code, non_retryable=lasts, category=kind) from error
        return found.model_copy(update={"round": asked.round})

    async def _try(self, question: Question, by: str) -> Finding | None:
        """None for silence, and for what nobody foresaw: the other questions' answers are not lost by it."""
        try:
            return await self._ask(question, by)
        except RegisterRefusedError as error:
            return Finding(outcome=CheckOutcome.UNANSWERED, failure=error.code)
        except RegisterError:
            return None
        except Exception as error:  # noqa: BLE001 - it is asked once more by itself, and then fails in sight
            activity.logger.error("register %s: %s", question.register_name, type(error).__name__)
            return None

    async def _ask(self, question: Question, by: str) -> Finding:
        asking = Asking(application=activity.info().workflow_id or "", check=question.key, by=by)
        try:
            answer = await put(question, self._registers, asking)
        except RegisterError as error:
            _count(question, REFUSED if isinstance(error, RegisterRefusedError) else SILENT)
            raise
        outcome, fields = compare(question, answer)
        _count(question, outcome)
        return Finding(outcome=outcome, fields=fields, answer=answer)


def _count(question: Question, outcome: str) -> None:
    """One more question that ended so, for those on call."""
    meter = activity.metric_meter().with_additional_attributes(
        {"register": question.register_name, "outcome": outcome}
    )
    meter.create_counter("tirek_register_outcomes", "Questions to the state registers, by how they ended.").add(1)


async def put(question: Question, registers: StateRegisters, asking: Asking) -> RegisterAnswer | None:
    """Put a question to its register; what it says, None if it has no such entry, RegisterError if it fails."""
    iin = question.person.iin
    match question.register_name:
        case Register.PERSON:
            return await registers.person.find_person(iin, asking)
        case Register.BIRTH:
            return await registers.birth.find_birth(iin, asking)
        case Register.GUARDIANSHIP:
            guardian = question.guardian.iin if question.guardian else ""
            return await registers.guardianship.find_guardianship(guardian, iin, asking)
        case Register.ACCOUNT:
            return await registers.account.find_account(iin, question.iban or "", asking)
