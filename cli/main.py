"""Runs the command line and turns whatever happens into its exit code."""

import logging
import sys

import click
from sqlalchemy.exc import SQLAlchemyError

from cli.app import app, output
from models.errors import MalformedError, TirekError, UnavailableError


def main(arguments: list[str]) -> int:
    """Run one command; the exit code of the contract."""
    logging.basicConfig(level=logging.ERROR)
    output.as_json = "--json" in arguments
    try:
        result = app(arguments, prog_name="starter.py", standalone_mode=False)
    except TirekError as error:
        output.error(error)
        return error.exit_code
    except SQLAlchemyError as error:
        name = type(error).__name__
        return _fail(UnavailableError(f"the record does not answer ({name}); look at TIREK_DATABASE_URL"))
    except click.ClickException as error:
        return _fail(MalformedError(f"{error.format_message()}; see `starter.py --help`"))
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return result if isinstance(result, int) else 0


def _fail(error: TirekError) -> int:
    output.error(error)
    return error.exit_code
