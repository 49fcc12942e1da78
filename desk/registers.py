"""Officers' own questions to the registers, and the registers' answers beside the application (R17).

Both are about people, so both are on record in `access`: who, whom, for which application, when. What is refused
is on record too, and nothing is sent before its row is written.
"""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from adapters.database.exchanges import attempts_of
from adapters.database.reader import RecordReader
from desk.officer import NOBODY, Officer
from desk.views import checks_view
from models.authority import may_ask_registers
from models.checks import Question, beside, questions
from models.errors import RefusedError, RegisterFailedError
from models.library import Library
from models.lifecycle import FINAL, Stage
from models.ports import RegisterError, RegisterRefusedError, StateRegisters
from models.refusals import Refusal
from models.registers import Asking, BirthRecord, PersonEntry, Register, RegisterAnswer
from models.request import Request


@dataclass(frozen=True)
class Files:
    """What a question is held against: the record, and the rules of each application."""

    reader: RecordReader
    library: Library

    def need(self, reference: str, officer: Officer, what: str, iin: str | None = None) -> Row[Any]:
        """The application, if this officer may see what the registers say of its people; RefusedError if not."""
        row = self.reader.find(reference)
        found = self._refusal(row, officer)
        if found is not None or row is None:
            self.note(row, officer, what, found.code if found else "unknown-application", iin)
            raise RefusedError([found] if found else [])
        return row

    def note(self, row: Row[Any] | None, officer: Officer, what: str, code: str, iin: str | None) -> None:
        self.reader.note_access(officer.on_record(self.library), row.id if row else NOBODY, what, code, iin)

    def _refusal(self, row: Row[Any] | None, officer: Officer) -> Refusal | None:
        if row is None:
            reason = "there is no such application; see `starter.py list`"
            return Refusal(code="unknown-application", reason=reason)
        regulation = self.library.regulation(row.regulation)
        post = regulation.officer(officer.code)
        if post is None:
            reason = f"there is no officer {officer.code}; see `starter.py officers`"
            return Refusal(code="unknown-officer", reason=reason)
        if not may_ask_registers(regulation, row.office, post):
            reason = "only who takes this application in, or decides it, may ask the registers about its people"
            return Refusal(code="not-authorised", reason=reason, requirement="R17")
        return None


async def ask_person(files: Files, registers: StateRegisters, reference: str, officer: Officer, iin: str) -> Any:
    """The register's entry of a person of an application, None if there is none.

    RefusedError if the officer may not ask, RegisterFailedError if the register does not answer.
    """

    def people(request: Request) -> list[str]:
        return [request.applicant.iin, *(child.iin for child in request.children)]

    return await _ask(files, reference, officer, iin, Register.PERSON, people, registers.person.find_person)


async def ask_birth(files: Files, registers: StateRegisters, reference: str, officer: Officer, iin: str) -> Any:
    """The record of the birth of a child of an application; the same errors as of a person."""

    def children(request: Request) -> list[str]:
        return [child.iin for child in request.children]

    return await _ask(files, reference, officer, iin, Register.BIRTH, children, registers.birth.find_birth)


async def _ask(
    files: Files,
    reference: str,
    officer: Officer,
    iin: str,
    register: Register,
    whom: Callable[[Request], list[str]],
    find: Callable[[str, Asking], Coroutine[Any, Any, PersonEntry | BirthRecord | None]],
) -> PersonEntry | BirthRecord | None:
    what = f"register-{register}"
    row = files.need(reference, officer, what, iin)
    refusal = _without_purpose(files.reader, row, iin, whom)
    files.note(row, officer, what, refusal.code if refusal else "asked", iin)
    if refusal is not None:
        raise RefusedError([refusal])
    try:
        return await find(iin, Asking(application=row.id, check=what, by=officer.code))
    except RegisterError as error:
        raise RegisterFailedError(error.code, permanent=isinstance(error, RegisterRefusedError)) from error


def _without_purpose(
    reader: RecordReader, row: Row[Any], iin: str, whom: Callable[[Request], list[str]]
) -> Refusal | None:
    if row.stage in FINAL:
        return Refusal(
            code="has-ended", reason=f"the application has ended as {Stage(row.stage)}: there is no purpose"
        )
    request = reader.request(row.id)
    if request is None:
        reason = "no request is on record yet; at the counter, `do APPLICATION look-up` asks for who applies"
        return Refusal(code="not-of-this-application", reason=reason, requirement="R17")
    if iin not in whom(request):
        reason = "the IIN is not of a person of this application whom this register can be asked for"
        return Refusal(code="not-of-this-application", reason=reason, requirement="R17")
    return None


def checks_beside(files: Files, reference: str, officer: Officer) -> list[dict[str, Any]]:
    """Each check of an application with the register's answer beside the application's words, field by field.

    A row has check, outcome, failure, asked_at, answered_at, attempts, and `fields`: rows of field, application,
    register and verdict. RefusedError for an officer who may not see it.
    """
    row = files.need(reference, officer, "checks")
    reader = files.reader
    request, registers = reader.request(row.id), files.library.regulation(row.regulation).registers
    asked = {one.key: one for one in questions(request, registers)} if request else {}
    for iin in dict.fromkeys(one.person.iin for one in asked.values()) or (None,):
        files.note(row, officer, "checks", "read", iin)
    said = {one.check: one.answer for one in reader.said(row.id)}
    attempts = attempts_of(reader.exchanges.of_application(row.id))
    rows = checks_view(reader.rows(row.id)["verification"], attempts)
    checks = {check["check"]: check for check in rows}
    in_order = [key for key in asked if key in checks] or list(checks)
    return [checks[key] | {"fields": list(_sides(checks[key], asked.get(key), said.get(key)))} for key in in_order]


def _sides(
    check: dict[str, Any], question: Question | None, answer: RegisterAnswer | None
) -> Iterator[dict[str, Any]]:
    """The fields of a check; without what the register said (it may have been erased), the verdicts alone."""
    if question is None or answer is None:
        for finding in check["fields"]:
            yield {"field": finding["field"], "application": None, "register": None, "verdict": finding["verdict"]}
        return
    for one in beside(question, answer):
        yield {
            "field": one.field,
            "application": _shown(one.given),
            "register": _shown(one.said),
            "verdict": str(one.verdict),
        }


def _shown(value: object) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)
