"""A file for an application: looked at, kept in the store, and then told to the process (R11-R15).

Whatever can be refused is refused before anything is stored. Only where an application goes on in between is a
content left that no application names; it is encrypted, and the same file finds it there again.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from adapters.documents.inspection import inspect
from adapters.host_clock import host_now
from desk.desk import Desk
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
        found = inspect(self.content, rules)
        if isinstance(found, Refusal):
            raise RefusedError([found])
        return Attach(
            kind=self.kind,
            child=self.child,
            sha256=hashlib.sha256(self.content).hexdigest(),
            media_type=found,
            size=len(self.content),
        )


def store_file(documents: DocumentStore, content: bytes, rules: EvidenceRules) -> StoredFile:
    """Keep a copy for a request that is not sent yet: it names it as `file` of a document, so that the signature
    covers it (R15). RefusedError, UnavailableError."""
    attach = HandedFile(content, "a-copy").inspected(rules)
    documents.put(content)
    return StoredFile.model_validate(attach.model_dump(include=set(StoredFile.model_fields)))


def need_stored(documents: Callable[[], DocumentStore], message: Data) -> None:
    """RefusedError for a request that names a copy which the store has not got; the store is opened if it is
    asked."""
    if not isinstance(message, Request):
        return
    named = [(place, one.file.sha256) for place, one in enumerate(message.documents) if one.file is not None]
    missing = tuple(str(place) for place, sha256 in named if not documents().holds(sha256))
    if missing:
        reason = f"documents.{', '.join(missing)}.file: not in the store; `starter.py upload FILE` puts it there"
        raise RefusedError([Refusal(code="file-not-stored", reason=reason, requirement="R15", subjects=missing)])


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
        _need_lawful(desk, row, attach, officer)
    except RefusedError as refused:
        desk.note_refusal(officer, row.id, Command.ATTACH, refused)
        raise
    await asyncio.to_thread(documents.put, file.content)
    answer, _ = await give_command(desk, row.id, Command.ATTACH, officer, attach, key)
    document = evidence_id(answer.application, attach)
    return {"application": answer.application, "document": document} | attach.model_dump(mode="json")


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
