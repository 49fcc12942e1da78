"""Brings a stored result out again: SC's request to the provider (R10), or a visit where it lies (R9).

Either begins an execution whose id is the application's with the number of the recall, so of two that are
asked for at once the server lets one begin.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from adapters.host_clock import host_now, host_today
from desk.delivery import START_A_WORKER
from desk.desk import Desk, Told
from desk.identity import recall_id, update_id
from desk.officer import Officer
from desk.time_travel import catch_up
from models.data import Data
from models.errors import RefusedError, UnavailableError, UnknownApplicationError
from models.inputs import RecallInput
from models.lifecycle import Channel, Command, Stage
from models.messages import Answer, Collect, Nothing, Opening, Order
from models.recall import Recall, Story, stage_of_story
from models.refusals import Refusal
from models.rules import refusals
from workflows.recall import RecallWorkflow


async def request_recall(
    desk: Desk, reference: str, officer: Officer, key: str | None = None, *, later: timedelta = timedelta()
) -> Told:
    """SC asks the provider for a stored result. The same key asks once, and is answered the same for ever.

    `later` is for trials on servers with time skipping: as if asked so long after the story's last fact.
    """
    return await _begin(desk, _application(desk, reference), Command.RECALL, officer, Nothing(), key, later)


async def give_command(
    desk: Desk, reference: str, name: Command, officer: Officer, message: Data, key: str | None = None
) -> Told:
    """The one door: give a command, and wait until what it did can be read, with the facts up to it.

    What the provider keeps is collected as any other (R9, R21), though that begins an execution.
    """
    row = desk.reader.find(reference)
    is_kept = row is not None and row.channel == Channel.PROVIDER and row.stage == Stage.STORED
    if name is Command.COLLECT and is_kept:
        return await _begin(desk, _application(desk, reference), name, officer, message, key, timedelta())
    answer = await desk.give(reference, name, officer, message, key)
    facts = await desk.facts(answer.application, answer.last_fact)
    await desk.settle(answer)
    return answer, facts


def _application(desk: Desk, reference: str) -> Row[Any]:
    row = desk.reader.find(reference)
    if row is not None and row.recall_of is not None:
        row = desk.reader.find(row.recall_of)
    if row is None:
        raise UnknownApplicationError(f"there is no application {reference}; see `starter.py list`")
    return row


async def _begin(
    desk: Desk, row: Row[Any], name: Command, officer: Officer, message: Data, key: str | None, later: timedelta
) -> Told:
    asked = update_id(desk.ring, key)
    recalls = desk.reader.recalls(row.id)
    story = [row.id, *(recall.id for recall in recalls)]
    order = desk.order(name, officer, message, key)
    try:
        reply = await desk.said_before(story, asked, ended=story) if order.is_keyed else None
        if reply is None:
            begins = _input(desk, row, recalls, name, order, asked, later)
            _need_lawful(desk, begins, order)
            reply = await _start(desk, begins)
        answer = desk.answer_of(reply, name, message, officer)
    except RefusedError as refused:
        desk.note_refusal(officer, row.id, name, refused)
        raise
    return answer, await desk.facts(answer.application, answer.last_fact)


def _input(
    desk: Desk,
    row: Row[Any],
    recalls: list[Row[Any]],
    name: Command,
    order: Order[Any],
    asked: str,
    later: timedelta,
) -> RecallInput:
    """What the recall begins with: the application's law, the state's calendar now, and the story's last hash.
    RefusedError if nothing is in storage."""
    now = desk.calendars.in_force(host_today())
    last = recalls[-1] if recalls else row
    _need_stored(row, last)
    opening = Opening(
        application=recall_id(row.id, len(recalls) + 1),
        channel=Channel(row.channel),
        office=row.office,
        regulation=row.regulation,
        calendar=now.calendar,
        recall_of=row.id,
    )
    story = Story(
        registration_number=row.registration_number,
        number=len(recalls) + 1,
        last_hash=last.last_hash,
        not_before=last.changed_at + later,
    )
    return RecallInput(
        opening=opening,
        story=story,
        command=name,
        by=order.by,
        digest=order.digest,
        edition=order.edition,
        key=asked,
        collection=order.message if isinstance(order.message, Collect) else None,
        calendar_change=now.change,
    )


def _need_stored(row: Row[Any], last: Row[Any]) -> None:
    is_recall = last.recall_of is not None
    stage = stage_of_story(Stage(row.stage), Stage(last.stage) if is_recall else None)
    if is_recall and last.stage not in (Stage.STORED, Stage.COLLECTED):
        raise _already_recalled(row.registration_number)
    if stage is not Stage.STORED:
        name = row.registration_number or row.id
        reason = f"{name} is {stage}: only a result in storage can be brought out again"
        raise RefusedError([Refusal(code="not-stored", reason=reason, requirement="R10")])


def _already_recalled(number: str) -> RefusedError:
    reason = f"{number} is already out of storage, at another request; see `show {number}`"
    return RefusedError([Refusal(code="already-recalled", reason=reason, requirement="R10")])


def _need_lawful(desk: Desk, begins: RecallInput, order: Order[Any]) -> None:
    """The rules of every command, before anything begins."""
    at = max(host_now(), begins.story.not_before)
    found = refusals(_recall(desk, begins), begins.command, order, at)
    if found and begins.command is Command.RECALL and begins.opening.channel is Channel.PROVIDER:
        reason = "the provider keeps this result itself, nobody has to send it: hand it out with `do … collect`"
        found = [Refusal(code="kept-at-the-provider", reason=reason, requirement="R9")]
    if found:
        raise RefusedError(found)


async def _start(desk: Desk, begins: RecallInput) -> Answer:
    execution = begins.opening.application
    first = Stage.REQUESTED if begins.command is Command.RECALL else Stage.COLLECTED
    await desk.delivery.need_worker()
    await desk.delivery.start(RecallWorkflow.run, begins, begins.opening, first)
    begun = await desk.delivery.begun_with(execution, RecallInput) or begins
    if begun.key != begins.key:  # somebody else's request came first
        raise _already_recalled(begins.story.registration_number)
    await catch_up(desk.client, execution, begun.story.not_before)
    if not await desk.until(lambda: desk.reader.last_fact(execution) > 0):
        raise UnavailableError(
            f"the recall is asked for as {execution} and pending, but no worker has recorded it; "
            f"{START_A_WORKER}, then look with `show {execution}`",
            pending=True,
        )
    answer = desk.reader.facts(execution, up_to=1)[0].answer
    if answer is None:
        raise UnavailableError(f"{execution} has begun, by an older worker; look with `show {execution}`")
    return answer


def _recall(desk: Desk, begins: RecallInput) -> Recall:
    rules = desk.calendars.rules(begins.opening.regulation, begins.opening.calendar)
    return Recall(begins.opening, rules, begins.story)
