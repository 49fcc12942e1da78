"""Commands of whoever runs the service: prepare what it needs, and find what is stuck."""

import asyncio
from typing import Annotated, Any

import typer

from adapters.logs import in_a_line
from cli.app import Json, context, output
from cli.reading import read_duration
from models.data import shown
from models.errors import UnavailableError

STUCK = 1

OlderThan = Annotated[
    str,
    typer.Option("--older-than", help="From when on a pending activity or a silent register counts: 10m, 2h, 1d."),
]


def setup(json: Json = False) -> None:
    """Prepare the record's schema and the namespace of TEMPORAL_*: what is there stays as it is."""
    del json
    there, made = asyncio.run(_prepare())
    if output.as_json:
        output.document({"there": there, "made": made})
        return
    for word, things in (("was there", there), ("made", made)):
        for thing in things:
            output.say(f"{word}: {thing}")
    output.say("everything is ready" if made else "everything was ready, nothing was changed")


def stuck(older_than: OlderThan = "10m", json: Json = False) -> None:
    """Find whatever does not go on by itself, why, and what to do: 0 if nothing is stuck, 1 if something is."""
    del json
    from desk.stuck import Finder
    from desk.troubles import stuck_views
    from models.library import install

    patience = read_duration(older_than)

    async def find() -> Any:
        install(context.library)
        async with context.desk() as desk:
            return await Finder(desk).find(patience)

    found = asyncio.run(find())
    views = stuck_views(context.reader, found.stuck)
    if output.as_json:
        output.document({"running": found.running, "open_on_record": found.open, "stuck": views})
    else:
        _tell(found, views)
    if views:
        raise typer.Exit(STUCK)


def _tell(found: Any, views: list[dict[str, Any]]) -> None:
    for view, one in zip(views, found.stuck, strict=True):
        since = f"since {shown(one.since)}" if one.since else "nobody knows since when"
        number, stage = view["registration_number"] or "no number", view["stage"] or "not on record"
        # An execution that is not ours may have any id.
        output.say(in_a_line(f"{one.execution}  {number}  {stage}  {since}"))
        output.say(in_a_line(f"  {one.trouble}: {one.reason}"))
        output.say(in_a_line(f"  do: {one.to_do}"))
    troubles = f"{len(views)} troubles" if views else "nothing is stuck"
    output.say(f"{troubles}: {found.running} executions run, {found.open} applications are open on record")


async def _prepare() -> tuple[list[str], list[str]]:
    """What was there, and what was made; UnavailableError where server or record do not let us."""
    from temporalio.service import RPCError

    from adapters.temporal.connection import connect, log_through_python
    from adapters.temporal.namespace import ensure_namespace, prepare_namespace, reports_problems
    from adapters.temporal.plugin import tirek_plugin
    from workflows import operators

    log_through_python()
    record = _prepare_record()
    client = await connect(tirek_plugin(context.ring), context.settings)
    try:
        prepared = await ensure_namespace(client) + await prepare_namespace(client, operators.registered())
        told = await reports_problems(client)
    except (RPCError, TimeoutError) as error:
        what = f"{error.status.name}: {error.message}" if isinstance(error, RPCError) else "it takes too long"
        raise UnavailableError(
            f"the server does not let us prepare namespace {client.namespace} ({what})"
        ) from error
    problems = (
        "TemporalReportedProblems, of the server itself"
        if told
        else ("no TemporalReportedProblems: this server is older, and `stuck` looks at each execution instead")
    )
    there, made = ([record[0]], []) if record[1] else ([], [record[0]])
    return [*there, *prepared.there, problems], [*made, *prepared.made]


def _prepare_record() -> tuple[str, bool]:
    """The schema, in words, and whether it was the newest already."""
    from adapters.database.engine import connect
    from adapters.database.schema import HEAD, current_revision

    engine = connect(context.ready_settings.record_url)
    before = current_revision(engine)
    engine.dispose()
    is_there = before == HEAD
    context.engine  # noqa: B018 - opening it brings the schema to its newest
    since = "" if is_there or before is None else f", from {before}"
    return f"schema {HEAD} of the record{since}", is_there
