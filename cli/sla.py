"""The commands of supervisors: which limits have passed or are about to, and how long things take (C3)."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from adapters.host_clock import host_now
from cli.app import Json, context, output
from cli.filters import filtered
from desk.asking import one_of
from models.errors import MalformedError
from models.supervision import Grouping, Sort, Sought

if TYPE_CHECKING:
    from desk.answering import Answer, Answering
    from desk.supervision import Supervision

View = Mapping[str, Any]
Format = Literal["table", "json", "csv", "xlsx"]

As = Annotated[Format, typer.Option("--format", help="table, json, csv or xlsx (into a file).")]
Limit = Annotated[int | None, typer.Option(min=1, max=1_000_000, help="How many at the most.")]

sla = typer.Typer(help="Supervisors: the limits of the service, passed and about to pass.", no_args_is_help=True)


@sla.command()
@filtered()
def breaches(
    sought: Sought,
    *,
    sort: Annotated[
        str, typer.Option(help="The longest overrun, the earliest or the latest due first: overrun, due, recent.")
    ] = "overrun",
    limit: Limit = None,
    after: Annotated[str | None, typer.Option(help="Go on after this cursor, as of when the list began.")] = None,
    form: As = "table",
    json: Json = False,
) -> None:
    """Every limit that had passed: of what, by how much, in whose hands, and what happened before."""
    from desk.supervision import Cursor

    order, cursor = one_of("sort", sort, Sort), Cursor.read(after) if after else None
    if json or form in ("json", "table"):
        _print("json" if json else form, _answering().breaches(sought, order, limit, cursor))
    else:
        _print(form, _answering().all_breaches(sought, order, limit or sys.maxsize, cursor))


@sla.command()
@filtered()
def summary(
    sought: Sought,
    *,
    by: Annotated[str, typer.Option(help=f"A row for each: {', '.join(Grouping)}.")],
    form: As = "table",
    json: Json = False,
) -> None:
    """How many met and passed their limit, and how long they took: percentiles by nearest rank, in their unit."""
    _print("json" if json else form, _answering().summary(sought, one_of("by", by, Grouping)))


@sla.command(name="at-risk")
@filtered("state")
def at_risk(
    sought: Sought,
    *,
    within: Annotated[
        str | None,
        typer.Option(help="2d (working days for clocks in working days), 4h, 30m; or give --from, --to."),
    ] = None,
    limit: Limit = None,
    after: Annotated[str | None, typer.Option(help="Go on after this cursor, as of when the list began.")] = None,
    form: As = "table",
    json: Json = False,
) -> None:
    """What has not passed yet and is due soon, the first due first."""
    from desk.supervision import Cursor

    cursor = Cursor.read(after) if after else None
    _print("json" if json else form, _answering().at_risk(sought, within, limit, cursor))


@sla.command()
@filtered("state")
def buckets(sought: Sought, *, form: As = "table", json: Json = False) -> None:
    """How many run in each office, by the working days left to them; what has passed lies below 0."""
    from desk.sla_views import bucket_grid

    if json or form != "table":
        _print("json" if json else form, _answering().buckets(sought))
        return
    columns, rows = bucket_grid(_supervision().buckets(sought))
    output.table(rows, columns)


@sla.command()
@filtered("from", "to", "state")
def history(
    sought: Sought,
    *,
    by: Annotated[Literal["day"], typer.Option(help="A row for each day.")] = "day",
    since: Annotated[str | None, typer.Option("--from", help="The first day; default: 30 days ago.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The last day; default: today.")] = None,
    form: As = "table",
    json: Json = False,
) -> None:
    """What was accepted, finished and passed on each day, and what was under way at its end.

    Of the processing of applications, unless another clock is named.
    """
    del by
    _print("json" if json else form, _answering().history(sought, since, until))


@sla.command()
@filtered()
def heat(sought: Sought, *, form: As = "table", json: Json = False) -> None:
    """On which weekdays (1 is Monday) and in which hours limits were due that have passed."""
    from desk.sla_views import heat_grid

    if json or form != "table":
        _print("json" if json else form, _answering().heat(sought))
        return
    columns, rows = heat_grid(_supervision().heat(sought))
    output.table(rows, columns)


def _supervision() -> "Supervision":
    from desk.calendars import Calendars
    from desk.supervision import supervise

    return supervise(context.engine, Calendars(context.library, context.reader.calendars), host_now())


def _answering() -> "Answering":
    from desk.answering import Answering

    return Answering(_supervision(), context.library)


def _print(form: Format, answer: "Answer") -> None:
    if form == "json":
        output.document(answer.document)
    elif form == "table":
        output.table([dict(row) for row in answer.rows], answer.columns)
        if answer.after:
            output.note(f"there are more: --after {answer.after}")
    else:
        _export(form, answer.columns, answer.rows)


def _export(form: Format, columns: Sequence[str], rows: Iterable[View]) -> None:
    """The file onto stdout, part by part."""
    from desk.exports import as_csv, as_xlsx

    if form == "csv":
        for line in as_csv(columns, rows):
            sys.stdout.buffer.write(line.encode())
        sys.stdout.buffer.flush()
        return
    if sys.stdout.isatty():
        reason = "an Excel file is nothing for a terminal; send it into a file: … --format xlsx > breaches.xlsx"
        raise MalformedError(f"--format: {reason}", [("format", reason)])
    for part in as_xlsx(columns, rows):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
