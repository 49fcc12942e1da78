"""Commands for the day after something was lost: the record compared and repaired, executions started again."""

import asyncio
from typing import Annotated, Any

import typer

from cli.app import Json, OfficerOption, context, officer_or, output
from desk.recovered import reconciliation_view, revival_view
from models.errors import MalformedError, RefusedError, TirekError
from models.library import install

OPERATOR = "operator"
"""Who starts something again, where nobody is named: no post of the regulation, and no right of one."""

Repair = Annotated[
    bool, typer.Option("--repair", help="Write into the record what it lacks of the histories; needs no worker.")
]
Discard = Annotated[
    bool,
    typer.Option("--discard", help="Give up what only the execution's history has, after a reset that went on."),
]
All = Annotated[bool, typer.Option("--all", help="Whatever is open on record and does not go on from there.")]


def reconcile(json: Json = False, repair: Repair = False) -> None:
    """Compare every execution that the server keeps with the record, both ways: 0 only if they are equal."""
    del json

    async def compare() -> tuple[Any, list[Any]]:
        from desk.reconcile import reconcile as reconcile_all

        install(context.library)
        async with context.desk() as desk:
            queue = context.settings.task_queue
            report = await reconcile_all(desk.client, context.reader, context.ring, queue)
            if not (repair and report.differences):
                return report, []
            repaired = await _repairer(desk).repair(report.differences)
            return await reconcile_all(desk.client, context.reader, context.ring, queue), repaired

    report, repaired = asyncio.run(compare())
    anchored = _anchored()
    output.reconciliation(reconciliation_view(report, repaired, anchored))
    raise typer.Exit(1 if report.differences or anchored else 0)


def _anchored() -> list[Any]:
    """What the anchors say differently, where there is a place for them.

    A place that is away is a difference too: what was compared and repaired by then has to be told all the same.
    """
    if context.settings.anchors_url is None:
        return []
    from adapters.anchors import need_anchors
    from adapters.database.anchors import SqlAnchored
    from desk.anchor_checking import anchor_differences
    from desk.comparing import Ahead, Difference

    try:
        return anchor_differences(need_anchors(context.settings), SqlAnchored(context.engine))
    except TirekError as error:
        return [Difference("anchors", Ahead.NEITHER, str(error))]


def revive(
    application: Annotated[str | None, typer.Argument(help="The application's id or registration number.")] = None,
    everything: All = False,
    discard: Discard = False,
    by: OfficerOption = None,
    json: Json = False,
) -> None:
    """Start again from the record what was terminated or reset, or lost with Temporal's database."""
    del json
    if (application is None) is not everything:
        raise MalformedError("name an application, or say --all", [("application", "an application, or --all")])
    if everything and discard:
        raise MalformedError("--discard is for one application at a time", [("discard", "one at a time")])

    async def start() -> tuple[list[Any], list[Any]]:
        from desk.reviving import Reviver

        install(context.library)
        async with context.desk() as desk:
            reviver = Reviver(
                desk,
                _repairer(desk),
                lambda one: context.reader.note_access(who, one.execution, "revive", "revived"),
            )
            if application is None:
                return await reviver.revive_all(await reviver.everything())
            return [await reviver.revive(_last_of(desk, application), discard=discard)], []

    who = officer_or(by, lambda: OPERATOR).code
    revived, failed = asyncio.run(start())
    output.revival(revival_view(revived, failed))
    raise typer.Exit(RefusedError.exit_code if failed else 0)


def _last_of(desk: Any, reference: str) -> str:
    """The execution that the story of an application has come to; UnknownApplicationError."""
    context.find(reference)
    return desk.story(reference)[-1]


def _repairer(desk: Any) -> Any:
    from adapters.database.records import SqlApplicationRecords
    from desk.repairing import Repairer

    records = SqlApplicationRecords(context.engine, context.ring)
    return Repairer(desk.client, context.reader, records, context.ring, context.library)
