"""`starter.py numbers`: which registration numbers were given last, and how they are counted on after a loss."""

from typing import Annotated

import typer

from cli.app import Json, OfficerOption, context, officer_or, output
from cli.recovery import OPERATOR

After = Annotated[
    str | None,
    typer.Option("--after", metavar="NUMBER", help="From now on numbers come after this one, which was given."),
]


def numbers(after: After = None, by: OfficerOption = None, json: Json = False) -> None:
    """Show the last registration number of each year; after a loss, count on from one that a family holds."""
    del json
    from adapters.database.numbers import count_on_after, last_numbers
    from adapters.host_clock import host_today

    pattern = context.library.in_force(host_today()).registration_number
    if after is not None:
        who = officer_or(by, lambda: OPERATOR).code
        count_on_after(context.engine, after, pattern)
        context.reader.note_access(who, after, "numbers", "counted-on")
    rows = [
        {"year": year, "last": pattern.format(year=year, number=last)}
        for year, last in last_numbers(context.engine).items()
    ]
    if output.as_json:
        output.document(rows)
        return
    output.table(rows, ("year", "last"))
