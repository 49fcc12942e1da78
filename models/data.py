"""The kind of data everything here is made of: frozen, strict about names, with aware times."""

import json
from datetime import UTC, date, datetime, time
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

with (files("tzdata") / "zoneinfo" / "Asia" / "Almaty").open("rb") as _zone:
    ALMATY = ZoneInfo.from_file(_zone, key="Asia/Almaty")
"""The zone in which people read times and offices close; since 1 March 2024 the whole country keeps UTC+5.

Taken from the locked `tzdata` package: a machine's own zones may be older than the change.
"""


class Data(BaseModel):
    """A frozen value. An unknown field is refused: a misspelt one must not be lost in silence.

    Errors tell places and reasons, never the input: it may be somebody's number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def canonical(content: object) -> str:
    """The one text of a JSON value that is hashed or signed: sorted keys, no spaces, no escapes."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def is_nothing(value: object) -> bool:
    """For `exclude_if`: a field that older texts do not know stands in no text where it is not told, so their
    hashes and signatures hold."""
    return value is None


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def local_day(at: datetime) -> date:
    """The date on the wall in Karaganda."""
    return at.astimezone(ALMATY).date()


def local_midnight(day: date) -> datetime:
    """The instant at which a date begins in Karaganda."""
    return datetime.combine(day, time(), tzinfo=ALMATY)


def shown(at: datetime) -> str:
    """An instant as people read it: 23.11.2026 09:00, local time."""
    return f"{at.astimezone(ALMATY):%d.%m.%Y %H:%M}"


def local_iso(at: datetime) -> str:
    """An instant in ISO 8601 with the offset of Karaganda, as facts and notices tell it."""
    return at.astimezone(ALMATY).isoformat()


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An aware time, kept in UTC."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]
"""A line that a person writes: 1 to 200 characters, none of them a control character."""

Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    ),
]
"""A longer remark of a person: 1 to 2000 characters, with line breaks and tabs."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A code of the regulation file: lower-case letters, digits and hyphens."""

Round = Annotated[str | None, Field(exclude_if=lambda value: value is None)]
"""Which asking of a workflow something belongs to: it is no answer to another one (workflows/rounds.py)."""

ChildNumber = Annotated[int, Field(ge=1, le=50)]
"""The place of a child in its application, counted from 1."""


class Text(Data):
    """The same words in the three languages, side by side, never machine-mixed."""

    kk: str
    ru: str
    en: str
