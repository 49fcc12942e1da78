"""Answers supervisors: one question module for the command line, the JSON API and the pages.

Whoever asks gives words (`desk/asking.py`); the answer is rows with their columns, and one document of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from desk.asking import FILTERS, one_of, read_days, read_limit, read_near, read_sought
from desk.sla_views import (
    AT_RISK,
    BREACH,
    BUCKETS,
    HEAT,
    HISTORY,
    SUMMARY,
    breach_row,
    breach_view,
    bucket_rows,
    heat_rows,
    history_rows,
    risk_row,
    summary_rows,
)
from desk.supervision import Cursor, Supervision
from desk.views import told
from models.errors import MalformedError
from models.library import Library
from models.regulation import ClockKind
from models.supervision import Grouping, Sort, Sought

View = Mapping[str, Any]
Words = Mapping[str, str | None]

PAGE = 50
"""So many breaches at a time, where nobody says how many."""
NEAR = 1_000
"""So many of what is about to pass."""
MOST = 1_000_000


class Question(StrEnum):
    """What supervisors can ask; the name of the command and of the address."""

    BREACHES = "breaches"
    SUMMARY = "summary"
    AT_RISK = "at-risk"
    BUCKETS = "buckets"
    HISTORY = "history"
    HEAT = "heat"


_BUT_STATE = tuple(name for name in FILTERS if name != "state")
PARAMETERS: Mapping[Question, tuple[str, ...]] = {
    Question.BREACHES: (*FILTERS, "sort", "limit", "after"),
    Question.SUMMARY: (*FILTERS, "by"),
    Question.AT_RISK: (*_BUT_STATE, "within", "limit", "after"),
    Question.BUCKETS: _BUT_STATE,
    Question.HISTORY: (*_BUT_STATE, "by"),
    Question.HEAT: FILTERS,
}
"""The words that each question knows."""


@dataclass(frozen=True)
class Answer:
    """Rows, each with at least these columns. `after`: where a list goes on, None at its end."""

    question: Question
    as_of: datetime
    columns: tuple[str, ...]
    rows: Iterable[View]
    after: str | None = None

    @property
    def document(self) -> dict[str, Any]:
        """What `--format json` prints, and what the API answers."""
        name = self.question.replace("-", "_")
        document: dict[str, Any] = {"as_of": told(self.as_of), name: list(self.rows)}
        if "after" in PARAMETERS[self.question]:
            document["after"] = self.after
        return document


class Answering:
    """Answers from one record."""

    def __init__(self, supervision: Supervision, library: Library) -> None:
        self.supervision = supervision
        self.library = library

    def answer(self, question: Question, words: Words, now: datetime, *, most: int = MOST) -> Answer:
        """The answer to what these words ask. MalformedError names the word that is wrong, and what there is."""
        need_known(question, words)
        sought, limit = self._sought(question, words, now), read_limit(words.get("limit"), most)
        match question:
            case Question.BREACHES:
                sort = one_of("sort", words.get("sort") or Sort.OVERRUN, Sort)
                return self.breaches(sought, sort, limit, cursor_of(words))
            case Question.SUMMARY:
                return self.summary(sought, one_of("by", words.get("by") or "", Grouping))
            case Question.AT_RISK:
                return self.at_risk(sought, words.get("within"), limit, cursor_of(words))
            case Question.BUCKETS:
                return self.buckets(sought)
            case Question.HISTORY:
                one_of("by", words.get("by") or Grouping.DAY, (Grouping.DAY,))
                return self.history(sought, words.get("from"), words.get("to"))
            case Question.HEAT:
                return self.heat(sought)

    def _sought(self, question: Question, words: Words, now: datetime) -> Sought:
        days = ("from", "to") if question is Question.HISTORY else ()
        return read_sought({name: word for name, word in words.items() if name not in days}, self.library, now)

    def breaches(
        self, sought: Sought, sort: Sort, limit: int | None = None, after: Cursor | None = None
    ) -> Answer:
        """A page of them, each with the facts up to then."""
        page = self.supervision.breaches(sought, sort, limit or PAGE, after)
        rows = [breach_view(one, page.as_of, self.library) for one in page.breaches]
        return Answer(Question.BREACHES, page.as_of, BREACH, rows, _text(page.after))

    def all_breaches(self, sought: Sought, sort: Sort, most: int, after: Cursor | None = None) -> Answer:
        """All of them in one line each, for an export; they are read while they are taken."""
        as_of = after.as_of if after else sought.as_of
        found = self.supervision.all_breaches(sought, sort, most, after)
        return Answer(Question.BREACHES, as_of, BREACH, (breach_row(one, as_of, self.library) for one in found))

    def summary(self, sought: Sought, by: Grouping) -> Answer:
        rows = summary_rows(self.supervision.summary(sought, by))
        return Answer(Question.SUMMARY, sought.as_of, SUMMARY, rows)

    def at_risk(
        self, sought: Sought, within: str | None, limit: int | None = None, after: Cursor | None = None
    ) -> Answer:
        """What has not passed; how near it has to be is said by `within`, or by the due instants asked for."""
        ends = read_near(within, sought, self.supervision.calendar)
        page = self.supervision.at_risk_page(sought, ends, limit or NEAR, after)
        rows = [risk_row(one, page.as_of, self.library) for one in page.breaches]
        return Answer(Question.AT_RISK, page.as_of, AT_RISK, rows, _text(page.after))

    def buckets(self, sought: Sought) -> Answer:
        return Answer(Question.BUCKETS, sought.as_of, BUCKETS, bucket_rows(self.supervision.buckets(sought)))

    def history(self, sought: Sought, since: str | None, until: str | None) -> Answer:
        """Of the processing of applications, unless another clock is named."""
        of = sought if sought.clock else sought.model_copy(update={"clock": ClockKind.PROCESSING})
        first, last = read_days(since, until, of.as_of)
        return Answer(Question.HISTORY, of.as_of, HISTORY, history_rows(self.supervision.history(of, first, last)))

    def heat(self, sought: Sought) -> Answer:
        return Answer(Question.HEAT, sought.as_of, HEAT, heat_rows(self.supervision.heat(sought)))

    def export(self, question: Question, words: Words, now: datetime) -> Answer:
        """The same without pages: a list is told to its end, or for as many rows as are asked for."""
        limit = read_limit(words.get("limit"), MOST) or MOST
        if question is not Question.BREACHES:
            return self.answer(
                question, {**words, "limit": str(limit)} if "limit" in PARAMETERS[question] else words, now
            )
        need_known(question, words)
        sort = one_of("sort", words.get("sort") or Sort.OVERRUN, Sort)
        return self.all_breaches(self._sought(question, words, now), sort, limit, cursor_of(words))


def need_known(question: Question, words: Words) -> None:
    """A misspelt word must not be lost in silence. MalformedError."""
    for name in words:
        if name not in PARAMETERS[question]:
            reason = f"is nothing that {question} knows; it knows {', '.join(PARAMETERS[question])}"
            raise MalformedError(f"{name}: {reason}", [(name, reason)])


def cursor_of(words: Words) -> Cursor | None:
    after = words.get("after")
    return Cursor.read(after) if after else None


def _text(after: Cursor | None) -> str | None:
    return str(after) if after else None
