"""Runs the command line and turns whatever happens into its exit code."""

import sys

import typer
from sqlalchemy.exc import SQLAlchemyError

from adapters.logs import QUIET, write_logs
from cli.anchors import anchor, anchors
from cli.app import app, output
from cli.board import board
from cli.calendar_changes import calendar
from cli.codec import codec, operator_password
from cli.documents import attach, documents, upload
from cli.erasing import erase
from cli.gateway import gateway
from cli.keys import keys
from cli.legal_clock import deadline
from cli.numbers import numbers
from cli.operating import setup, stuck
from cli.printing import print_document, verify_document
from cli.recovery import reconcile, revive
from cli.registers import checks, register
from cli.replay import replay
from cli.seed import seed
from cli.signing import decision_text, sign, sign_decision
from cli.sla import sla
from models.errors import MalformedError, TirekError, UnavailableError

app.command()(anchor)
app.command()(attach)
app.command()(board)
app.command()(checks)
app.command()(codec)
app.command()(numbers)
app.command()(operator_password)
app.command()(deadline)
app.command()(erase)
app.command()(decision_text)
app.command()(sign)
app.command()(sign_decision)
app.command()(reconcile)
app.command()(replay)
app.command()(revive)
app.command()(setup)
app.command()(stuck)
app.command()(upload)
app.command()(gateway)
app.command(name="print")(print_document)
app.command()(seed)
app.command()(verify_document)
app.add_typer(anchors, name="anchors")
app.add_typer(calendar, name="calendar")
app.add_typer(documents, name="documents")
app.add_typer(keys, name="keys")
app.add_typer(register, name="register")
app.add_typer(sla, name="sla")


def main(arguments: list[str]) -> int:
    """Run one command; the exit code of the contract."""
    write_logs("console", QUIET)
    output.as_json = "--json" in arguments  # before anything can go wrong: usage errors are documents too
    arguments = arguments or ["--help"]
    try:
        result = app(arguments, prog_name="starter.py", standalone_mode=False)
    except TirekError as error:
        output.error(error)
        return error.exit_code
    except SQLAlchemyError as error:
        name = type(error).__name__
        return _fail(UnavailableError(f"the record does not answer ({name}); look at TIREK_DATABASE_URL"))
    except typer.TyperException as error:
        return _fail(_malformed(error))
    except (KeyboardInterrupt, typer.Abort):
        return 0 if "up" in arguments else 130  # the way in which people end `up`
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return result if isinstance(result, int) else 0


def _malformed(error: typer.TyperException) -> MalformedError:
    """A usage error, with the option or argument it is about."""
    parameter = getattr(error, "param", None)
    field = str(getattr(parameter, "name", "") or "arguments")
    reason = str(error).removeprefix("Value error, ")
    return MalformedError(f"{field}: {reason}; see `starter.py --help`", [(field, reason)])


def _fail(error: TirekError) -> int:
    output.error(error)
    return error.exit_code
