"""A process that accepts and submits on the word of another: of two of them, which come first is chance.

Reads a JSON document a line, {"round", "command": "accept" | "submit", "application", "message"}, does them all
at once, and writes a line for each: {"round", "application", "code"}; `code` is empty for what went through.
"""

import asyncio
import json
import sys
from typing import Any

from adapters.process import run_program
from cli.context import Context
from desk.beginnings import submit
from desk.desk import Desk
from desk.identity import submission_id
from desk.officer import Officer
from desk.recalling import give_command
from models.errors import RefusedError
from models.library import install
from models.lifecycle import Command
from models.messages import Accept, Submit


async def attempt(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    application, code = order["application"], ""
    try:
        if order["command"] == "submit":
            application = submission_id(desk.ring, desk.prefix, order["key"])
            await submit(desk, Submit.model_validate(order["message"]), order["key"])
        else:
            package = Accept.model_validate(order["message"])
            await give_command(desk, application, Command.ACCEPT, Officer(order["by"]), package)
    except RefusedError as refused:
        code = refused.refusals[0].code
    return {"round": order["round"], "application": application, "code": code}


async def serve() -> None:
    context = Context()
    install(context.library)
    lines = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with context.desk() as desk, asyncio.TaskGroup() as group:
        say({"ready": True})
        async for line in lines:
            group.create_task(answer(desk, json.loads(line)))


async def answer(desk: Desk, order: dict[str, Any]) -> None:
    say(await attempt(desk, order))


def say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def entry() -> int:
    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    run_program(entry)
