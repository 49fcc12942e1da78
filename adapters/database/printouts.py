"""Printed documents on record; of two that print one document at once, the first one's row counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, select

from adapters.database import tables as t
from adapters.database.dialect import insert_or_ignore
from adapters.database.engine import writing
from models.errors import TirekError
from models.outbound import Form
from models.printout import Printout, PrintoutKey

_P = t.printout.c


class CodeTakenError(TirekError):
    """Another document has this code: of sixty bits a chance that nobody will meet, and nothing is printed."""

    code = "code-taken"


class SqlPrintouts:
    """The table `printout`, and the lists that a result stands on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, key: PrintoutKey) -> Printout | None:
        of_it = (_P.application == key.application, _P.fact == key.fact)
        return self._first(select(t.printout).where(*of_it, _P.form == key.form, _P.language == key.language))

    def by_code(self, code: str) -> Printout | None:
        return self._first(select(t.printout).where(_P.code == code))

    def by_content(self, sha256: str) -> Printout | None:
        return self._first(select(t.printout).where(_P.sha256 == sha256))

    def keep(self, printout: Printout) -> Printout:
        """Write the row, or find the one that is there already: that one counts. CodeTakenError."""
        with writing(self._engine) as connection:
            insert_or_ignore(connection, t.printout, [printout.model_dump()])
        kept = self.find(printout)
        if kept is None:
            raise CodeTakenError(f"the code {printout.code} belongs to another document")
        return kept

    def of(self, executions: Sequence[str]) -> list[Printout]:
        """What was printed of these executions, in the order in which it was printed."""
        query = select(t.printout).where(_P.application.in_(executions))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_P.printed_at, _P.code)).mappings()
            return [Printout.model_validate(dict(row)) for row in rows]

    def handed_over(self, office: str, list_number: str, since: datetime) -> list[tuple[str, int]]:
        """The executions whose results an office handed over on a list (R9), each with the fact, in order.

        `since`: the beginning of the list's day; an office may begin its numbers anew each year.
        """
        p, a = t.paper.c, t.application.c
        query = (
            select(p.application, p.fact)
            .join_from(t.paper, t.application)
            .where(p.form == Form.STORAGE_LIST, a.office == office)
            .where(p.details["list"].as_string() == list_number, p.at >= since)
            .order_by(p.at, p.application, p.fact)
        )
        with self._engine.connect() as connection:
            return [(row.application, row.fact) for row in connection.execute(query)]

    def _first(self, query: Select[Any]) -> Printout | None:
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else Printout.model_validate(dict(row))
