"""What programs say beside their results: an event a line on standard error, for people or as JSON.

An event has `timestamp` (UTC), `level`, `logger`, `event` and `process`; inside the work for an application also
`application`, `run`, `activity` and `attempt`; inside a request `request`: the id of the HTTP request, or of the
update that the application was sent. What went wrong stands in `exception`, as one field.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from io import StringIO
from typing import Any, TextIO

from adapters.settings import Settings

QUIET = "ERROR"
"""What a command says that has a result to print: only what it cannot do."""
_TALKATIVE = ("alembic.runtime.plugins", "uvicorn.error")
_OURS = ("application", "trouble")
"""What a line of ours may say of itself, as `extra`."""
_BREAKS = {code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
"""What ends a line, or moves where the next one is written."""
_OF_AN_ACTIVITY = (
    ("application", "workflow_id"),
    ("run", "workflow_run_id"),
    ("activity", "activity_type"),
    ("attempt", "attempt"),
)
_OF_A_WORKFLOW = (("application", "workflow_id"), ("run", "run_id"), ("request", "update_id"))
"""How we call what the SDK calls otherwise; the rest of what it adds is the same in every line."""


def begin_logs(settings: Settings) -> None:
    """For a program that works until it is stopped: its format and its level are the settings'."""
    write_logs(settings.log_format, settings.log_level)


def write_logs(form: str, level: str) -> None:
    """Write what is said at `level` or above as `console` or `json`; where others have set up logging, as in a
    test, nothing is changed."""
    root = logging.getLogger()
    if any(not isinstance(handler, _StandardError) for handler in root.handlers):
        return
    handler = root.handlers[0] if root.handlers else _StandardError()
    handler.setFormatter(Line(is_json=form == "json"))
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel("WARNING")
    if not root.handlers:
        root.addHandler(handler)


class _StandardError(logging.StreamHandler[TextIO]):
    """Ours: it is known again when the settings have been read."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)


class Line(logging.Formatter):
    """An event as a line. What makes it is imported with the first one: most commands say nothing."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def format(self, record: logging.LogRecord) -> str:
        return self._made.format(record)

    @cached_property
    def _made(self) -> logging.Formatter:
        import structlog

        before: list[Any] = [structlog.contextvars.merge_contextvars, _described]
        processors = (_as_json if self._is_json else _for_people)()
        unneeded = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[unneeded, *processors])


def _as_json() -> list[Any]:
    import structlog

    written = structlog.processors.JSONRenderer(ensure_ascii=False)
    return [structlog.processors.format_exc_info, written, _json_in_a_line]


def _for_people() -> list[Any]:
    """Without the values of variables beside a traceback: they may be somebody's number."""
    import structlog

    below = _below_its_line
    return [
        _in_a_line,
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=False, exception_formatter=below),
    ]


def _below_its_line(written: TextIO, raised: Any) -> None:
    """A traceback, each line of it set in: what an exception says may be a stranger's as well."""
    import structlog

    trace = StringIO()
    structlog.dev.plain_traceback(trace, raised)
    written.writelines(f"\n    {line.translate(_BREAKS)}" for line in trace.getvalue().strip("\n").split("\n"))


def _described(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Who says it, when, and for which application."""
    record: logging.LogRecord = event["_record"]
    return {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event["event"],
        "process": record.process,
        **dict(_place(record)),
        **{name: value for name, value in event.items() if name != "event"},
    }


def in_a_line(text: str) -> str:
    """A stranger can give an execution any id, and a line of his own must not begin in it."""
    return text.translate(_BREAKS)


def _in_a_line(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: in_a_line(value) if isinstance(value, str) else value for name, value in event.items()}


def _json_in_a_line(_logger: Any, _method: str, line: str) -> str:
    """What JSON leaves as it is, though it ends a line for many readers; to a reader of JSON it is the same."""
    return in_a_line(line)


def _place(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    """What the SDK adds to a line of its loggers; ours are asked whether they speak inside an activity."""
    for name in _OURS:
        if hasattr(record, name):
            yield name, getattr(record, name)
    yield from _renamed(_OF_A_WORKFLOW, getattr(record, "temporal_workflow", None))
    yield from _renamed(_OF_AN_ACTIVITY, getattr(record, "temporal_activity", None) or _activity())


def _renamed(names: Iterable[tuple[str, str]], details: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    for ours, theirs in names:
        if details and details.get(theirs) is not None:
            yield ours, details[theirs]


def _activity() -> Mapping[str, Any] | None:
    """The activity that runs here, if this program knows activities at all."""
    activity = sys.modules.get("temporalio.activity")
    return vars(activity.info()) if activity is not None and activity.in_activity() else None
