"""The commands of supervisors: which limits have passed or are about to, and how long things take (C3)."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from adapters.host_clock import host_now
from cli.app import Json, context, output
from cli.filters import filtered
from desk.asking import one_of, read_days, read_within
from desk.views import told as local
from models.errors import MalformedError
from models.regulation import ClockKind
from models.supervision import Grouping, Sort, Sought

if TYPE_CHECKING:
    from desk.supervision import Supervision

View = Mapping[str, Any]
Format = Literal["table", "json", "csv", "xlsx"]

As = Annotated[Format, typer.Option("--format", help="table, json, csv or xlsx (into a file).")]
Limit = Annotated[int | None, typer.Option(min=1, max=1_000_000, help="How many at the most.")]

sla = typer.Typer(help="Supervisors: the limits of the service, passed and about to pass.", no_args_is_help=True)

_PAGE = 50


@sla.command()
@filtered()
def breaches(
    sought: Sought,
    *,
    sort: Annotated[
        str, typer.Option(help="The longest overrun first, or the earliest due: overrun, due.")
    ] = "overrun",
    limit: Limit = None,
    after: Annotated[str | None, typer.Option(help="Go on after this cursor, as of when the list began.")] = None,
    form: As = "table",
    json: Json = False,
) -> None:
    """Every limit that had passed: of what, by how much, in whose hands, and what happened before."""
    from desk.sla_views import BREACH, breach_row, page_view
    from desk.supervision import Cursor

    order, cursor = one_of("sort", sort, Sort), Cursor.read(after) if after else None
    told, library = _supervision(), context.library
    if json or form in ("json", "table"):
        page = told.breaches(sought, order, limit or _PAGE, cursor)
        if json or form == "json":
            output.document(page_view(page, library))
            return
        output.table([breach_row(one, page.as_of, library) for one in page.breaches], BREACH)
        if page.after:
            output.note(f"there are more: --after {page.after}")
        return
    at = cursor.as_of if cursor else sought.as_of
    found = told.all_breaches(sought, order, limit or sys.maxsize, cursor)
    _export(form, BREACH, (breach_row(one, at, library) for one in found))


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
    from desk.sla_views import SUMMARY, summary_rows

    rows = summary_rows(_supervision().summary(sought, one_of("by", by, Grouping)))
    _print("json" if json else form, SUMMARY, rows, sought, "summary")


@sla.command(name="at-risk")
@filtered("state")
def at_risk(
    sought: Sought,
    *,
    within: Annotated[str, typer.Option(help="2d (working days for clocks in working days), 4h, 30m.")],
    limit: Limit = None,
    form: As = "table",
    json: Json = False,
) -> None:
    """What has not passed yet and is due soon, the first due first."""
    from desk.sla_views import AT_RISK, risk_row

    told = _supervision()
    ends = read_within(within, sought.as_of, told.calendar)
    found = told.at_risk(sought, ends, limit or 1_000)
    rows = [risk_row(one, sought.as_of, context.library) for one in found]
    _print("json" if json else form, AT_RISK, rows, sought, "at_risk")


@sla.command()
@filtered("state")
def buckets(sought: Sought, *, form: As = "table", json: Json = False) -> None:
    """How many run in each office, by the working days left to them; what has passed lies below 0."""
    from desk.sla_views import BUCKETS, bucket_grid, bucket_rows

    found = _supervision().buckets(sought)
    kind = "json" if json else form
    if kind == "table":
        columns, rows = bucket_grid(found)
        output.table(rows, columns)
        return
    _print(kind, BUCKETS, bucket_rows(found), sought, "buckets")


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
    from desk.sla_views import HISTORY, history_rows

    of = sought if sought.clock else sought.model_copy(update={"clock": ClockKind.PROCESSING})
    first, last = read_days(since, until, of.as_of)
    rows = history_rows(_supervision().history(of, first, last))
    _print("json" if json else form, HISTORY, rows, of, "history")


def _supervision() -> "Supervision":
    from desk.calendars import Calendars
    from desk.supervision import supervise

    return supervise(context.engine, Calendars(context.library, context.reader.calendars), host_now())


def _print(form: Format, columns: Sequence[str], rows: list[dict[str, Any]], sought: Sought, name: str) -> None:
    if form == "json":
        output.document({"as_of": local(sought.as_of), name: rows})
    elif form == "table":
        output.table(rows, tuple(columns))
    else:
        _export(form, columns, rows)


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
