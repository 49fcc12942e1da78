"""Prints results and errors: for people with tables, with --json as one document on stdout."""

import json
import sys
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.logs import in_a_line
from models.errors import MalformedError, RefusedError, RegisterFailedError, TirekError, UnavailableError

Document = dict[str, Any] | list[Any]


class Output:
    """Where the command line's words go."""

    def __init__(self) -> None:
        self.as_json = False
        # A pipe has no width: nothing is cut or wrapped there.
        width = None if sys.stdout.isatty() else 300
        self._console = Console(width=width, markup=False, emoji=False, highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, markup=False, emoji=False, highlight=False, soft_wrap=True)

    def document(self, content: Document) -> None:
        """One JSON document, whatever --json says: what it prints is meant for a file."""
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    def say(self, text: str) -> None:
        self._console.print(_harmless(text))

    def note(self, text: str) -> None:
        """A remark beside the result."""
        self._errors.print(_harmless(text))

    def application(self, view: dict[str, Any]) -> None:
        if self.as_json:
            self.document(view)
            return
        number = view["registration_number"] or "no registration number"
        self.say(f"{view['application']}  {number}")
        self.say(f"stage {view['stage']} · {view['channel']} · {view['office']}")
        if view.get("erased"):
            gone = view["erased"]
            day = _cell("at", gone["at"])
            self.say(f"personal data erased on {day} by {gone['by']}: {gone['reason']}")
        self.say(f"in hand of {view['holder'] or 'nobody'} · next: {', '.join(view['allowed']) or 'nothing'}")
        of = ("recall",) if view.get("recalls") else ()  # whether it is the application's or a recall's own
        self.table(view["clocks"], (*_CLOCK, *of))
        if view.get("package"):
            self._package(view["package"])
        for title, columns in _COLUMNS.items():
            if view.get(title):
                self.say(title)
                self.table(view[title], (*columns, *of) if title in _TOLD_BY_RECALLS else columns)
        self.say("facts")
        self.table(view["facts"], ("number", "at", "fact", "by", "stage", *of))

    def _package(self, package: dict[str, Any]) -> None:
        self.say(f"package {'complete' if package['complete'] else 'not complete'}")
        self.missing(package["missing"])

    def missing(self, needed: list[dict[str, Any]]) -> None:
        for one in needed:
            whom = "".join(f", {what} {one[what]}" for what in ("child", "parent") if one[what] is not None)
            because = f" ({one['because']['en']})" if one["because"] else ""
            self.say(f"  missing: {one['name']['en']}{whom}{because} [{one['requirement']}]")
            self.say(f"           {one['name']['kk']} · {one['name']['ru']}")

    def table(self, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
        table = Table(box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold", no_wrap=not self._console.is_terminal)
        for row in rows:
            table.add_row(*(Text(in_a_line(_cell(column, row.get(column)))) for column in columns))
        self._console.print(table)

    def reconciliation(self, view: dict[str, Any]) -> None:
        if self.as_json:
            self.document(view)
            return
        if view["repaired"]:
            self.table(view["repaired"], ("execution", "what"))
            self.say(f"{len(view['repaired'])} repaired; compared again:")
        self.table(view["differences"], ("execution", "ahead", "what"))
        if view["anchors"]:
            self.say("held against the anchors:")
            self.table(view["anchors"], ("execution", "ahead", "what"))
        self.say(
            f"{view['compared']} executions compared with the record: {view['equal']} equal, "
            f"{view['compared'] - view['equal']} different; {view['beyond_retention']} on record are older than "
            f"what the server keeps, and of {view['erased']} the personal data were erased"
        )

    def revival(self, view: dict[str, Any]) -> None:
        if self.as_json:
            self.document(view)
            return
        told = [
            {**one, "given_up": ", ".join("{number} {fact} by {by}".format(**fact) for fact in one["given_up"])}
            for one in view["revived"]
        ]
        self.table(told, ("execution", "stage", "facts", "given_up"))
        if view["failed"]:
            self.table(view["failed"], ("execution", "code", "reason"))
        again = sum(one["goes_on"] for one in view["revived"])
        over = len(view["revived"]) - again
        ended = f", {over} ended, as the record says that they have" if over else ""
        self.say(f"{again} started again from the record{ended}, {len(view['failed'])} could not be")

    def error(self, error: TirekError) -> None:
        """Say what went wrong and what to do; with --json as the one document."""
        if self.as_json:
            self.document({"error": _error_view(error)})
            return
        self.note(f"starter.py: {error}")
        for refusal in error.refusals if isinstance(error, RefusedError) else ():
            self.note(f"  {refusal.code}: {refusal.reason} [{refusal.requirement or 'a rule of ours'}]")
            for needed in refusal.missing:
                whom = "".join(f" {part}" for part in (needed.child, needed.parent) if part is not None)
                self.note(f"    {needed.item}{whom}: {needed.name.en} · {needed.name.kk} · {needed.name.ru}")
        for field, reason in error.fields if isinstance(error, MalformedError) else ():
            self.note(f"  {field}: {reason}")


_CLOCK = ("clock", "started_at", "due_at", "provisional", "stopped_at", "outcome", "warned")
_COLUMNS = {
    "checks": ("check", "outcome", "differing", "failure", "asked_at", "answered_at", "attempts"),
    "exchanges": ("check", "by", "service", "sent_at", "milliseconds", "outcome", "code", "message_id"),
    "decisions": ("draft", "verdict", "prepared_by", "number", "approved_by", "approved_at"),
    "evidence": ("id", "kind", "child", "media_type", "size", "attached_by", "attached_at"),
    "amounts": ("child", "year", "indices", "index", "monthly_amount", "monthly_income"),
    "result": ("is", "at", "by", "collected_by", "list", "received_by"),
    "holdings": ("officer", "since", "until"),
    "papers": ("fact", "form", "at"),
    "printed": ("form", "language", "number", "code", "printed_at", "in_force"),
    "notices": ("fact", "kind", "recipient", "at", "sent_at", "details"),
    "deliveries": ("fact", "kind", "way", "attempts", "sent_at", "problem"),
    "remarks": ("fact", "text"),
    "recalls": ("recall", "stage", "requested_at", "changed_at"),
}
_TOLD_BY_RECALLS = frozenset({"papers", "notices", "deliveries"})


_TIMES = ("at", "since", "until")


def _harmless(text: str) -> str:
    """Lines are ours; whatever else moves a terminal's cursor is a stranger's, who called an execution so."""
    return "\n".join(in_a_line(line) for line in text.split("\n"))


def _cell(column: str, value: Any) -> str:
    """A value as people read it; what people wrote is shown as it is, whatever it looks like."""
    if value is None:
        return "–"
    if isinstance(value, str) and column.rpartition("_")[2] in _TIMES:
        return datetime.fromisoformat(value).strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_cell('', one)}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _error_view(error: TirekError) -> dict[str, Any]:
    view: dict[str, Any] = {"exit": error.exit_code, "code": error.code, "reason": str(error)}
    if isinstance(error, RefusedError):
        first = error.refusals[0]
        view |= {"code": first.code, "reason": first.reason, "requirement": first.requirement}
        view["refusals"] = [refusal.model_dump(mode="json") for refusal in error.refusals]
    if isinstance(error, MalformedError):
        view["fields"] = [{"field": field, "reason": reason} for field, reason in error.fields]
    if isinstance(error, RegisterFailedError):
        view |= {"code": error.failure, "permanent": error.permanent}
    if isinstance(error, UnavailableError):
        view["pending"] = error.pending
    return view
