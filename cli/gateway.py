"""`starter.py gateway`: the stand-in for the e-government gateway until Ctrl-C."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.app import context, output
from models.errors import UnavailableError


def gateway(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: TIREK_GATEWAY_PORT; 0: any that is free.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(help="YAML of synthetic people; default: gateway_stand_in/people.yaml.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Its keys and the gateway file; default: in the data folder.")
    ] = None,
) -> None:
    """Serve a stand-in for the e-government gateway, for trials: it answers from synthetic people (R17)."""
    from gateway_stand_in.certificates import CONTENT, prepare, write_gateway_file
    from gateway_stand_in.people import EXAMPLES, People
    from gateway_stand_in.server import StandIn
    from gateway_stand_in.serving import serve
    from web.serving import listen

    settings = context.settings
    known = People.load(people or EXAMPLES)
    place = (folder or settings.gateway_stand_in).absolute()
    try:
        prepare(place)
    except OSError as error:
        raise UnavailableError(f"--folder: {place} cannot be written ({error.strerror})") from error
    listening = listen("127.0.0.1", settings.gateway_listens_on if port is None else port)
    number: int = listening.getsockname()[1]
    file = write_gateway_file(place, number)
    output.say(f"gateway stand-in: https://127.0.0.1:{number}{CONTENT}")
    output.note(f"a stand-in, nobody's gateway; TIREK_GATEWAY_FILE={file}")
    try:
        asyncio.run(serve(StandIn(place, known), place, listening))
    finally:
        file.unlink(missing_ok=True)  # its being there says that the stand-in runs
