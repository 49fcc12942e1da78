"""The commands for those who may read in the Temporal UI: the codec server, and the hash of a password."""

import asyncio
import getpass
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.logs import begin_logs
from cli.app import context, output
from models.errors import MalformedError

if TYPE_CHECKING:
    from operations.codec_sources import CodecSources

LISTENS = "codec server: "
"""What it says before its address, once it listens."""


def codec(
    host: Annotated[str | None, typer.Option(help="Where it listens; default: TIREK_CODEC_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: TIREK_CODEC_PORT; 0: any that is free.")
    ] = None,
    public: Annotated[
        bool, typer.Option(help="Browsers reach it from elsewhere, by something before it that speaks TLS.")
    ] = False,
) -> None:
    """Decrypt for the Temporal UI what its pages show, until Ctrl-C: for operators who have signed in, and every
    reading is on record (docs/codec-server.md)."""
    from operations.codec_server import create_codec_app
    from operations.codec_serving import listen, names_of, serve

    settings = context.ready_settings
    begin_logs(settings)
    where = host or settings.codec_host
    sources = _sources(names_of(where, is_public=public), is_secure=public)
    listening = listen(where, settings.codec_listens_on if port is None else port)
    name = f"[{where}]" if ":" in where else where
    output.say(f"{LISTENS}http://{name}:{listening.getsockname()[1]}/")
    asyncio.run(serve(create_codec_app(sources), listening))


def operator_password() -> None:
    """Print the hash of a password, for TIREK_OPERATORS_FILE; it is asked for, or read from standard input."""
    from operations.operators import password_hash

    output.say(password_hash(_password()))


def _sources(hosts: frozenset[str] | None, *, is_secure: bool) -> "CodecSources":
    from adapters.database.codec_accesses import note_codec_access
    from operations.codec_sources import CodecSources
    from operations.operators import SETTING, Operators
    from operations.sessions import Sessions, session_secret

    settings = context.settings
    if settings.operators_file is None:
        reason = "it is not set: nobody could sign in (docs/codec-server.md)"
        raise MalformedError(f"{SETTING}: {reason}", [(SETTING, reason)])
    operators = Operators(settings.operators_file)
    operators.check()
    return CodecSources(
        ring=context.ring,
        operators=operators,
        sessions=Sessions(session_secret(settings.session_secret_file)),
        note=partial(note_codec_access, context.engine),
        ui=settings.temporal_ui_address,
        is_secure=is_secure,
        hosts=hosts,
    )


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise MalformedError("password: the two are not the same", [("password", "the two are not the same")])
    return password
