"""`starter.py board`: the supervisors' board until Ctrl-C."""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.host_clock import host_now
from adapters.logs import begin_logs
from adapters.settings import Settings
from cli.app import context, output

if TYPE_CHECKING:
    from web.sources import Sources


def board(
    host: Annotated[str | None, typer.Option(help="Where it listens; default: TIREK_BOARD_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: TIREK_BOARD_PORT; 0: any that is free.")
    ] = None,
) -> None:
    """Serve the supervisors' board until Ctrl-C: it only reads, and stops when it is told to."""
    from web.board import create_app
    from web.serving import address_of, hosts_of, listen, serve

    settings = context.settings
    begin_logs(settings)
    where = host or settings.board_host
    hosts = hosts_of(where, is_public=settings.board_public)
    listening = listen(where, settings.board_listens_on if port is None else port)
    sources = make_sources(settings, hosts)
    output.say(f"board: {address_of(where, listening)}")
    asyncio.run(serve(create_app(sources), sources.watch, listening))


def make_sources(settings: Settings, hosts: frozenset[str] | None) -> "Sources":
    """The record of these settings, read as it is when somebody asks."""
    from desk.calendars import Calendars
    from desk.supervision import Supervision, supervise
    from web.sources import Sources
    from web.watch import Watch

    calendars = Calendars(context.library, context.reader.calendars)

    def supervised() -> Supervision:
        return supervise(context.engine, calendars, host_now())

    return Sources(
        supervise=supervised,
        library=context.library,
        reader=context.reader,
        watch=Watch(lambda now: supervised().pulse(now)),
        temporal_ui=settings.temporal_ui_address,
        namespace=os.environ.get("TEMPORAL_NAMESPACE") or "default",
        hosts=hosts,
    )
