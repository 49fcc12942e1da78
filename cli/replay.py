"""`starter.py replay`: would the code that is here still go the way that histories went?"""

import asyncio
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.settings import ROOT
from cli.app import Json, context, output
from models.library import install

if TYPE_CHECKING:
    from desk.replaying import Replayed

BROKEN = 1
_SHIPPED = (ROOT / "tests" / "histories", ROOT / "tests" / "older_histories")

Histories = Annotated[
    Path | None,
    typer.Option("--histories", help="A folder of stored histories; default: those of the repository."),
]
OfServer = Annotated[bool, typer.Option("--server", help="Also a sample of the server's open executions.")]
Sample = Annotated[int, typer.Option("--sample", min=1, max=100_000, help="How many of them at the most.")]


def replay(
    histories: Histories = None, server: OfServer = False, sample: Sample = 100, json: Json = False
) -> None:
    """Replay every stored history, and with --server a sample of the open ones: 0 only if none breaks."""
    del json
    from adapters.temporal.connection import log_through_python

    log_through_python()
    install(context.library)
    done = asyncio.run(_replay_all(histories, sample if server else 0))
    broken = [one for part in done for one in part.broken]
    if output.as_json:
        parts = [{"where": part.where, "histories": part.histories, "broken": len(part.broken)} for part in done]
        output.document({"replayed": parts, "broken": [vars(one) for one in broken]})
    else:
        _tell(done)
    raise typer.Exit(BROKEN if broken else 0)


async def _replay_all(histories: Path | None, sample: int) -> "list[Replayed]":
    from desk.replaying import folders_of, replay_open, replay_stored

    roots = [histories] if histories else [root for root in _SHIPPED if root.is_dir() or not sample]
    done = [await replay_stored(folder) for root in roots for folder in folders_of(root)]
    if sample:
        from temporalio.service import RPCError

        from desk.delivery import server_trouble

        async with context.desk() as desk:
            queue = context.settings.task_queue
            try:
                done.append(await replay_open(desk.client, context.ring, queue, sample, SystemRandom()))
            except RPCError as error:
                raise server_trouble(error) from error
    return done


def _tell(done: "list[Replayed]") -> None:
    for part in done:
        output.say(f"{part.where}: {part.histories} histories, {len(part.broken)} broken")
        for one in part.broken:
            output.say(f"  {one.execution} ({one.where})")
            output.say(f"    {one.reason}")
            output.say(f"    do: {one.to_do}")
    histories, broken = sum(part.histories for part in done), sum(len(part.broken) for part in done)
    output.say(f"{histories} histories replayed, {broken} of them broken")
