"""A file for an application: looked at, kept in the store, and then told to the process (R11-R15).

Whatever can be refused is refused before anything is stored. Only where an application goes on in between is a
content left that no application names; it is encrypted, and the same file finds it there again.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from adapters.documents.inspection import inspect
from adapters.documents.signs import media_type_of
from adapters.host_clock import host_now
from desk.desk import Desk
from desk.identity import update_id
from desk.officer import Officer
from desk.recalling import give_command
from models.application import Application
from models.data import Code, Data
from models.errors import RefusedError, UnknownApplicationError
from models.evidence import Attach, StoredFile, evidence_id
from models.evidence_rules import EvidenceRules
from models.lifecycle import FINAL, Command, Lifecycle, Stage
from models.ports import DocumentStore
from models.recall import after_the_end
from models.refusals import Refusal
from models.request import Request
from models.rules import illegal_move, refusals


@dataclass(frozen=True)
class HandedFile:
    """A file, which paper of the package it is, and of which child."""

    content: bytes
    kind: Code
    child: int | None = None

    def inspected(self, rules: EvidenceRules) -> Attach:
        """What the process is told of it; RefusedError for a file that is not taken."""
        return Attach(kind=self.kind, child=self.child, **_inspected(self.content, rules).model_dump())


def _inspected(content: bytes, rules: EvidenceRules) -> StoredFile:
    """A file as the store will have it; RefusedError for one that is not taken."""
    found = inspect(content, rules)
    if isinstance(found, Refusal):
        raise RefusedError([found])
    return StoredFile(sha256=hashlib.sha256(content).hexdigest(), media_type=found, size=len(content))


def store_file(documents: DocumentStore, content: bytes, rules: EvidenceRules) -> StoredFile:
    """Keep a copy for a request that is not sent yet: it names it as `file` of a document, so that the signature
    covers it (R15). RefusedError, UnavailableError."""
    stored = _inspected(content, rules)
    documents.put(content)
    return stored


def need_stored(documents: Callable[[], DocumentStore], message: Data) -> None:
    """RefusedError for a message that names a file which the store has not got, or which is another one there; the
    store is opened if it is asked. What is stored was inspected before, so its first bytes tell its type."""
    missing = [where for where, file in _named(message) if not documents().holds(file.sha256)]
    if missing:
        reason = f"{', '.join(missing)}: not in the store; `starter.py upload FILE` puts it there"
        raise _refused("file-not-stored", reason, missing)
    other = [where for where, file in _named(message) if not _is_as_told(documents().get(file.sha256), file)]
    if other:
        reason = f"{', '.join(other)}: the stored file has another media_type or size; see `starter.py upload`"
        raise _refused("file-differs", reason, other)


def _named(message: Data) -> list[tuple[str, StoredFile]]:
    """The files that a message names, each with the field that does: a request's copies, or what is attached."""
    if isinstance(message, StoredFile):
        return [("sha256", message)]
    papers = message.documents if isinstance(message, Request) else ()
    return [(f"documents.{place}.file", one.file) for place, one in enumerate(papers) if one.file is not None]


def _is_as_told(content: bytes, told: StoredFile) -> bool:
    return (media_type_of(content), len(content)) == (told.media_type, told.size)


def _refused(code: str, reason: str, subjects: Sequence[str]) -> RefusedError:
    return RefusedError([Refusal(code=code, reason=reason, requirement="R15", subjects=tuple(subjects))])


async def attach_file(
    desk: Desk,
    documents: DocumentStore,
    reference: str,
    file: HandedFile,
    officer: Officer,
    key: str | None = None,
) -> dict[str, Any]:
    """Give a file to an application: application, document, kind, child, sha256, media_type, size.

    The same file as the same paper is the same document. UnknownApplicationError, RefusedError, UnavailableError.
    """
    row = desk.reader.find(reference)
    if row is None:
        raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
    rules = desk.library.regulation(row.regulation).evidence
    try:
        attach = await asyncio.to_thread(file.inspected, rules)
        _need_unused(desk, row, attach, officer, key)
        _need_lawful(desk, row, attach, officer)
    except RefusedError as refused:
        desk.note_refusal(officer, row.id, Command.ATTACH, refused)
        raise
    await asyncio.to_thread(documents.put, file.content)
    answer, _ = await give_command(desk, row.id, Command.ATTACH, officer, attach, key)
    document = evidence_id(answer.application, attach)
    return {"application": answer.application, "document": document} | attach.model_dump(mode="json")


def _need_unused(desk: Desk, row: Row[Any], attach: Attach, officer: Officer, key: str | None) -> None:
    """A key that stands for another order is refused before anything is stored; the process would say the same."""
    done = desk.reader.done([row.id], update_id(desk.ring, key)) if key is not None else None
    if done is not None and done[1].answer is not None:
        desk.answer_of(done[1].answer, Command.ATTACH, attach, officer)


def _need_lawful(desk: Desk, row: Row[Any], attach: Attach, officer: Officer) -> None:
    """The rules of every command, from the record; what the application has already, the process answers."""
    evidence = {one.id: one for one in desk.reader.evidence(row.id)}
    if evidence_id(row.id, attach) in evidence:
        return
    stage = Stage(row.stage)
    opening = desk.reader.opening(row.id)
    if opening is None or row.recall_of is not None or stage in FINAL:
        possible = after_the_end(row.channel, stage) if row.recall_of is None else ()
        raise RefusedError([illegal_move(Command.ATTACH, stage, possible)])
    application = Application(opening, desk.calendars.rules(opening.regulation, opening.calendar))
    application.chart = Lifecycle(opening.channel, stage)
    application.request = desk.reader.request(row.id)
    application.evidence = evidence
    found = refusals(application, Command.ATTACH, desk.order(Command.ATTACH, officer, attach, None), host_now())
    if found:
        raise RefusedError(found)
