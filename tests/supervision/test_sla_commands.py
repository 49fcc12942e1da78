"""`starter.py sla` and `seed` as people run them: forms, columns, output and exit codes are a contract."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adapters.keys import load_key_ring
from desk.asking import read_sought
from desk.sla_views import AT_RISK, BREACH, BUCKETS, HISTORY, SUMMARY
from models.errors import MalformedError
from models.library import Library
from tests.command_line import Ran, run_program, start_program
from tests.supervision.conftest import UNTIL, Seeded

FILTERS = {
    ("clock", "retention"): "waiting, service, processing, recall",
    ("channel", "post"): "state-corporation, provider, portal",
    ("office", "nowhere"): "education-karaganda, egov-portal, sc-karaganda",
    ("officer", "nobody"): "specialist-1",
    ("state", "some"): "open, closed, all",
    ("from", "2026-02-30"): "is a date",
    ("from", "1990-01-01"): "2000-2100",
    ("to", "9999-12-31"): "2000-2100",
    ("as-of", "2099-01-01"): "lies ahead",
    ("as-of", "yesterday"): "is a date",
}
REFUSED = {
    ("breaches", "--clock", "retention"): "waiting, service, processing, recall",
    ("breaches", "--clock", "waiting", "--channel", "portal"): "runs on",
    ("breaches", "--from", "2026-03-02", "--to", "2026-03-01"): "lies after --to",
    ("breaches", "--after", "eyJ9"): "leave it out to begin anew",
    ("breaches", "--limit", "0"): "greater than or equal to 1",
    ("breaches", "--format", "pdf"): "table",
    ("summary", "--by", "colour"): "clock, channel, office, officer, stage, day, week, month, hour",
    ("at-risk", "--within", "2w"): "2d, 4h, 30m",
    ("buckets", "--state", "open"): "--state",
    ("history", "--from", "2005-01-01", "--to", "2026-01-01"): "ask for a part",
}


@pytest.fixture
def environment(history: Seeded, tmp_path: Path) -> dict[str, str]:
    load_key_ring(tmp_path / "keys.json", may_create=True)
    return {"TIREK_DATABASE_URL": history.address, "TIREK_DATA": str(tmp_path)}


async def sla(environment: dict[str, str], *arguments: str) -> Ran:
    return await run_program("sla", *arguments, environment=environment)


def table_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "Excel takes a file without the mark for another alphabet"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def sheet_of(content: bytes) -> list[list[str]]:
    """The cells of an Excel file, read by nobody but a reader of XML."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    return [["".join(cell.itertext()) for cell in row.iter(f"{name}c")] for row in sheet.iter(f"{name}row")]


class TestQuestions:
    """Each question in each form."""

    async def test_breaches_in_every_form(self, environment: dict[str, str]) -> None:
        """The same limits in the same order as a table, as JSON, as CSV and as an Excel file."""
        narrowed = (
            "breaches",
            "--clock",
            "processing",
            "--to",
            "2026-11-19",
            "--as-of",
            "2026-11-20T10:00:00+05:00",
        )
        as_json = (await sla(environment, *narrowed, "--format", "json", "--limit", "1000")).json
        rows = table_of((await sla(environment, *narrowed, "--format", "csv")).out)
        assert as_json["after"] is None
        assert list(rows[0]) == list(BREACH)
        assert [row["application"] for row in rows] == [one["application"] for one in as_json["breaches"]]
        assert {one["clock"] for one in as_json["breaches"]} == {"processing"}
        first = as_json["breaches"][0]
        assert {*BREACH, "facts", "holdings"} == set(first)
        assert first["overrun"] > 0
        assert first["limit"] == 10
        assert first["facts"][0]["number"] == 1
        table = (await sla(environment, *narrowed)).out.splitlines()
        assert [line.split()[0] for line in table] == ["application", *(row["application"] for row in rows)][:51]

    async def test_excel(self, environment: dict[str, str]) -> None:
        """An Excel file opens as what it is: a header, and a row for each breach."""
        arguments = (
            "sla",
            "breaches",
            "--clock",
            "processing",
            "--as-of",
            "2026-11-20T10:00:00+05:00",
            "--format",
        )
        rows = table_of((await run_program(*arguments, "csv", environment=environment)).out)
        book = await run_bytes(*arguments, "xlsx", environment=environment)
        cells = sheet_of(book)
        assert cells[0] == list(BREACH)
        assert [row[0] for row in cells[1:]] == [row["application"] for row in rows]

    async def test_a_page_after_the_other(self, environment: dict[str, str]) -> None:
        """A cursor goes on where the list stopped, as of when it was begun, whatever else is said."""
        whole = (await sla(environment, "breaches", "--limit", "12", "--json")).json
        first = (await sla(environment, "breaches", "--limit", "5", "--json")).json
        rest = await sla(environment, "breaches", "--limit", "7", "--after", first["after"], "--json")
        assert rest.json["as_of"] == first["as_of"]
        names = [(one["application"], one["clock"]) for one in (*first["breaches"], *rest.json["breaches"])]
        assert names == [(one["application"], one["clock"]) for one in whole["breaches"]]
        told = await sla(environment, "breaches", "--limit", "5")
        assert "--after" in told.err

    @pytest.mark.parametrize(
        ("arguments", "name", "columns"),
        [
            (("summary", "--by", "month"), "summary", SUMMARY),
            (("at-risk", "--within", "9d"), "at_risk", AT_RISK),
            (("buckets",), "buckets", BUCKETS),
            (("history", "--by", "day"), "history", HISTORY),
        ],
        ids=["summary", "at-risk", "buckets", "history"],
    )
    async def test_other_questions(
        self, environment: dict[str, str], arguments: tuple[str, ...], name: str, columns: tuple[str, ...]
    ) -> None:
        """As JSON and as CSV the same rows, with the documented columns."""
        of = (*arguments, "--as-of", "2026-11-20T15:00:00+05:00")
        told: list[dict[str, Any]] = (await sla(environment, *of, "--format", "json")).json[name]
        rows = table_of((await sla(environment, *of, "--format", "csv")).out)
        assert told
        assert {tuple(one) for one in told} == {columns}
        assert rows == [{key: "" if value is None else str(value) for key, value in one.items()} for one in told]
        assert (await sla(environment, *of)).code == 0


async def run_bytes(*arguments: str, environment: dict[str, str]) -> bytes:
    process = await start_program(*arguments, environment=environment)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out


class TestRefusals:
    """A wrong question is exit 2, with what is wrong and what there is."""

    @pytest.mark.parametrize("given", FILTERS, ids=" ".join)
    def test_each_filter(self, library: Library, given: tuple[str, str]) -> None:
        """A value that there is not names the filter, and what there is."""
        with pytest.raises(MalformedError) as refused:
            read_sought(dict([given]), library, UNTIL)
        assert [name for name, _ in refused.value.fields] == [given[0]]
        assert FILTERS[given] in str(refused.value)

    @pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
    async def test_says_what_is_allowed(self, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        """It names the filter and the allowed values, and prints nothing else."""
        ran = await sla({"TIREK_DATA": str(tmp_path)}, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert REFUSED[arguments] in ran.err
        assert "Traceback" not in ran.err

    async def test_seeding_a_seeded_record(self, environment: dict[str, str]) -> None:
        """A record that holds something is refused with exit 3, and says where another one is named."""
        ran = await run_program("seed", "--applications", "5", "--years", "1", environment=environment)
        assert ran.code == 3
        assert "TIREK_DATABASE_URL" in ran.err
