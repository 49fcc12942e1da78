"""Has the personal data of a finished application erased, once the office's term is over (docs/decisions/0038).

An application is erased with its recalls. First the record destroys keys and ciphertexts in one transaction and
says so; then the files go that are nobody else's. Broken off in between, the same command finishes it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.database.reader import RecordReader
from adapters.documents.store import EncryptedDocumentStore
from adapters.temporal.namespace import retention_of
from desk.delivery import server_trouble
from desk.officer import Officer
from models.authority import may_erase
from models.data import local_day
from models.errors import RefusedError, UnknownApplicationError
from models.library import Library
from models.lifecycle import Stage
from models.personal_data import Ending, Erasure, due_on, not_yet
from models.recall import stage_of_story
from models.refusals import Refusal
from models.regulation import Regulation


@dataclass(frozen=True)
class Due:
    """An application whose personal data may be erased since a day."""

    application: str
    registration_number: str | None
    stage: Stage
    due_on: date


@dataclass(frozen=True)
class Erased:
    """What stands on record of an erasure, how many files went now, and whether it had been done before."""

    erasures: tuple[Erasure, ...]
    files: int
    is_new: bool


@dataclass(frozen=True)
class Eraser:
    """Where erasing is done. `now`: the host's clock."""

    reader: RecordReader
    library: Library
    store: EncryptedDocumentStore
    now: Callable[[], datetime]

    def due(self) -> list[Due]:
        """The applications whose term is over, whoever ended first; a thousand at the most."""
        shortest = min(one.personal_data.years for one in self.library.regulations.values())
        rows = self.reader.erasures.ended_before(self.now() - timedelta(days=365 * shortest))
        return [one for one in map(self._due, rows) if one.due_on <= local_day(self.now())]

    def _due(self, row: Any) -> Due:
        files, rules = self._files(row.id), self.library.regulation(row.regulation).personal_data
        return Due(row.id, row.registration_number, _stage(files), due_on(_endings(files), rules))

    async def erase(self, client: Client, reference: str, officer: Officer, reason: str) -> Erased:
        """Erase an application with its recalls; done twice it is the same.

        UnknownApplicationError; RefusedError with every reason; UnavailableError where the server cannot say
        whether it still has a history, or the store of documents does not answer: then repeat it.
        """
        files = self._files(reference)
        executions = [file.id for file in files]
        before = [self.reader.erasures.find(one) for one in executions]
        found = self._unauthorised(files[0], officer) or (
            [] if all(before) else [*self._not_yet(files), *await _kept(client, executions)]
        )
        if found:
            self._note(files[0], officer, found[0].code)
            raise RefusedError(found)
        erasures = [self._erasure(files, one, officer, reason) for one in executions]
        objects = self.reader.erasures.objects(executions)
        done = self.reader.erasures.erase(erasures)
        removed = sum([self.store.remove(sha256) for sha256 in objects])
        self._note(files[0], officer, "erased")
        return Erased(tuple(done), removed, not all(before))

    def _files(self, reference: str) -> list[Row[Any]]:
        """The application's row and those of its recalls, in order, whichever of them was named."""
        row = self.reader.find(reference)
        if row is None:
            raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
        if row.recall_of is not None:
            return self._files(row.recall_of)
        return [row, *self.reader.recalls(row.id)]

    def _regulation(self, file: Row[Any]) -> Regulation:
        return self.library.regulation(file.regulation)

    def _unauthorised(self, file: Row[Any], officer: Officer) -> list[Refusal]:
        """The posts are those of today: whoever decided it may have left years ago."""
        home = self._regulation(file).office(file.office)
        post = self.library.in_force(local_day(self.now())).officer(officer.code)
        if post is None:
            reason = f"there is no officer {officer.code}; see `starter.py officers`"
            return [Refusal(code="unknown-officer", reason=reason)]
        if home is None or not may_erase(home.decided_by, post):
            reason = "only a head of the office that decided this application may have its personal data erased"
            return [Refusal(code="not-authorised", reason=reason)]
        return []

    def _not_yet(self, files: Sequence[Row[Any]]) -> Iterator[Refusal]:
        rules = self._regulation(files[0]).personal_data
        return not_yet(_endings(files), _stage(files), rules, self.now())

    def _erasure(self, files: Sequence[Row[Any]], execution: str, officer: Officer, reason: str) -> Erasure:
        due = due_on(_endings(files), self._regulation(files[0]).personal_data)
        return Erasure(application=execution, at=self.now(), by=officer.code, reason=reason, due_on=due, what={})

    def _note(self, file: Row[Any], officer: Officer, code: str) -> None:
        self.reader.note_access(officer.on_record(self.library), file.id, "erase", code)


def _endings(files: Sequence[Row[Any]]) -> list[Ending]:
    return [Ending(execution=file.id, stage=file.stage, changed_at=file.changed_at) for file in files]


def _stage(files: Sequence[Row[Any]]) -> Stage:
    return stage_of_story(Stage(files[0].stage), Stage(files[-1].stage) if len(files) > 1 else None)


async def _kept(client: Client, executions: Sequence[str]) -> list[Refusal]:
    """Why nothing can be erased while the server has a history: whoever has the key ring could read it there."""
    try:
        for execution in executions:
            closed_at = await _closed_at(client, execution)
            if closed_at is not None:
                until = local_day(closed_at + await retention_of(client))
                reason = f"the server keeps the history of {execution} until {until}"
                return [Refusal(code="history-kept", reason=reason)]
    except RPCError as error:
        raise server_trouble(error) from error
    return []


async def _closed_at(client: Client, execution: str) -> datetime | None:
    """When an execution ended that the server still has; None where it has none."""
    try:
        described = await client.get_workflow_handle(execution).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    return described.close_time or described.start_time
