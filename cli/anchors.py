"""The commands about anchors: write today's, and hold the record against all of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import Json, context, output

if TYPE_CHECKING:
    from desk.anchor_checking import Checked

DIFFERENT = 1

HeadsOnly = Annotated[
    bool, typer.Option("--heads-only", help="Do not follow the hash chain of every journal as well.")
]

anchors = typer.Typer(
    help="The heads of all hash chains, as they were written outside of the record day by day.",
    epilog="Exit codes: 0 all stands as it was anchored, 1 something differs, 2 TIREK_ANCHORS_URL is not set, "
    "4 the place does not answer.",
    no_args_is_help=True,
)


def anchor(json: Json = False) -> None:
    """Write today's anchor now, unless there is one: the heads of all hash chains that have changed."""
    del json
    from adapters.anchors import need_anchors
    from adapters.database.anchors import SqlAnchored
    from adapters.host_clock import host_now
    from desk.anchoring import Anchoring

    anchors = need_anchors(context.settings)
    done = Anchoring(lambda: anchors, SqlAnchored(context.engine)).anchor(host_now())
    if output.as_json:
        content = {"day": done.day.isoformat(), "changed": done.changed, "sha256": done.sha256}
        output.document({**content, "written": done.is_new})
        return
    word = "written" if done.is_new else "was there already"
    output.say(f"anchor of {done.day} {word}: {done.changed} heads had changed, sha256 {done.sha256}")


@anchors.command()
def verify(heads_only: HeadsOnly = False, json: Json = False) -> None:
    """Hold every anchored head against the record, and follow every journal's chain: 0 only if all stands."""
    del json
    from adapters.anchors import need_anchors
    from adapters.database.anchors import SqlAnchored
    from adapters.database.journals import SqlJournals
    from desk.anchor_checking import check_anchors

    done = check_anchors(need_anchors(context.settings), SqlAnchored(context.engine))
    broken = [] if heads_only else sorted(SqlJournals(context.engine).broken())
    if output.as_json:
        output.document(_view(done, broken))
    else:
        _tell(done, broken)
    raise typer.Exit(0 if done.is_whole and not broken else DIFFERENT)


def _view(done: "Checked", broken: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "files": done.files,
        "heads": done.heads,
        "first": done.first and done.first.isoformat(),
        "last": done.last and done.last.isoformat(),
        "missing_days": [day.isoformat() for day in done.missing_days],
        "bad_files": done.bad_files,
        "differences": [
            {"execution": one.execution, "ahead": one.ahead, "what": one.what} for one in done.differences
        ],
        "broken_journals": [{"execution": execution, "what": what} for execution, what in broken],
    }


def _tell(done: "Checked", broken: list[tuple[str, str]]) -> None:
    for line in done.bad_files:
        output.say(f"bad file: {line}")
    for day in done.missing_days:
        output.say(f"no anchor of {day}")
    output.table(_view(done, broken)["differences"], ("execution", "ahead", "what"))
    for execution, what in broken:
        output.say(f"{execution}: {what}")
    days = f"{done.first} to {done.last}" if done.files else "none yet"
    output.say(
        f"{done.files} anchors ({days}) with {done.heads} heads: {len(done.differences)} differ from the record; "
        f"{len(done.bad_files)} bad files, {len(broken)} broken journals"
    )
