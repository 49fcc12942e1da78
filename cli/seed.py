"""`starter.py seed`: a plausible history for trials and measures, straight into an empty record."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.host_clock import host_now
from cli.app import Json, context, output
from models.data import ALMATY

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def seed(
    applications: Annotated[int, typer.Option(min=1, max=5_000_000, help="How many applications.")],
    years: Annotated[int, typer.Option(min=1, max=8, help="In how many years up to now.")],
    number: Annotated[int, typer.Option("--seed", help="The same number and end, the same history.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=_FORMATS, help="Where the history ends; default: now.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a plausible history into an empty record: real calendars, seasons, offices, and some limits passed.

    A record that holds applications refuses it.
    """
    del json
    from demo.seeding.load import Wanted
    from demo.seeding.load import seed as load

    context.for_trials_only("`seed`")
    end = until.replace(tzinfo=ALMATY) if until else host_now()
    wanted = Wanted(applications, years, number, end.replace(microsecond=0))
    rows = load(context.engine, context.library, wanted, lambda done: output.note(f"{done} of {applications}"))
    if output.as_json:
        output.document({"applications": applications, "rows": rows})
        return
    output.say(f"{applications} applications, {rows} rows")
