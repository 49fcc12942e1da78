"""`starter.py gateway`: the stand-in for the e-government gateway until Ctrl-C."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.folder_lock import folder_lock
from adapters.listening import Listener, is_loopback
from adapters.logs import begin_logs
from cli.app import Json, context, output
from models.errors import MalformedError, UnavailableError

if TYPE_CHECKING:
    from gateway_stand_in.people import People

_LISTENER = Listener("the gateway's stand-in", "--host", "--port, TIREK_GATEWAY_PORT")
LISTENS = "gateway stand-in: "
"""What it says before its address, once it listens."""


def gateway(
    host: Annotated[str, typer.Option(help="Where it listens.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: TIREK_GATEWAY_PORT; 0: any that is free.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help="YAML of synthetic people; default: gateway_stand_in/people.yaml.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Its keys and the gateway file; default: in the data folder.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The host name by which it is reached, if not by the address.")
    ] = None,
    public: Annotated[bool, typer.Option(help="Let it listen where other machines reach it.")] = False,
    json: Json = False,
) -> None:
    """Serve a stand-in for the e-government gateway, for trials: it answers from synthetic people (R17)."""
    del json
    from gateway_stand_in.people import EXAMPLES, People

    _check_host(host, is_public=public)
    settings = context.for_trials_only("a stand-in for the gateway")
    begin_logs(settings)
    known = People.load(people or EXAMPLES)
    where = (folder or settings.gateway_stand_in).absolute()
    # A second one in this folder would put its gateway file in the place of the first one's, and take it away.
    with listen(host, settings.gateway_listens_on if port is None else port) as listening, _alone_in(where):
        _serve(known, where, listening, name or host)


def listen(host: str, port: int) -> socket.socket:
    """UnavailableError if somebody listens there already."""
    return _LISTENER.listen(host, port)


def _check_host(host: str, *, is_public: bool) -> None:
    if is_public or is_loopback(host):
        return
    reason = f"{host} can be reached from other machines; say with --public that this is meant"
    raise MalformedError(f"--host: {reason}", [("--host", reason)])


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """UnavailableError while another stand-in works in this folder, or where nothing can be written."""
    with ExitStack() as held:
        try:
            held.enter_context(folder_lock(folder))
        except OSError as error:
            raise _not_writable(folder, error) from error
        yield


def _not_writable(folder: Path, error: OSError) -> UnavailableError:
    return UnavailableError(f"--folder: {folder} cannot be written ({error.strerror})")


def _serve(known: "People", folder: Path, listening: socket.socket, reached: str) -> None:
    """Until it is told to stop; the gateway file is there while it runs, and no longer."""
    from gateway_stand_in.certificates import address_of, prepare, write_gateway_file
    from gateway_stand_in.server import StandIn
    from gateway_stand_in.serving import serve

    try:
        prepare(folder, reached)
    except OSError as error:
        raise _not_writable(folder, error) from error
    number: int = listening.getsockname()[1]
    file = write_gateway_file(folder, number, reached)
    output.say(f"{LISTENS}{address_of(reached, number)}")
    output.note(f"a stand-in, nobody's gateway; TIREK_GATEWAY_FILE={file}")
    try:
        asyncio.run(serve(StandIn(folder, known), folder, listening))
    finally:
        file.unlink(missing_ok=True)
