"""The options by which supervisors narrow a question: a command that asks for `sought` has them all."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from adapters.host_clock import host_now
from cli.app import context
from desk.asking import read_sought

_HELP = {
    "clock": "Only this clock: waiting, service, processing or recall.",
    "channel": "Only this channel: state-corporation, provider or portal.",
    "office": "Only what this office answers for, by its code.",
    "officer": "Only what this officer had in hand, by code.",
    "from": "Due on this day or later: 2026-03-06.",
    "to": "Due on this day or earlier.",
    "state": "What still runs, what is stopped, or all: open, closed, all.",
    "as-of": "As it stood then: a time, or the end of a day; default: now.",
}


def filtered(*left_out: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options, but for some; it is called with what they ask for as `sought`."""
    options = {_parameter(name): name for name in _HELP if name not in left_out}

    def give(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def asking(**given: Any) -> None:
            words = {name: given.pop(parameter) for parameter, name in options.items()}
            from desk.supervision import now_on_record

            now = now_on_record(context.engine, host_now())
            command(read_sought(words, context.library, now), **given)

        filters = [_option(parameter, name) for parameter, name in options.items()]
        told = signature(command)
        own = [one for one in told.parameters.values() if one.name != "sought"]
        # Typer asks for both: the order and the defaults, and what each of them is.
        asking.__dict__["__signature__"] = told.replace(parameters=[*filters, *own])
        asking.__annotations__ = {one.name: one.annotation for one in (*filters, *own)}
        return asking

    return give


def _parameter(name: str) -> str:
    """The name of a filter in Python, where some of them are words of the language."""
    return f"due_{name}" if name in ("from", "to") else name.replace("-", "_")


def _option(parameter: str, name: str) -> Parameter:
    annotation = Annotated[str | None, typer.Option(f"--{name}", help=_HELP[name])]
    return Parameter(parameter, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
