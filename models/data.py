"""The kind of data everything here is made of: frozen, strict about names, with aware times."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ALMATY = ZoneInfo("Asia/Almaty")
"""The zone in which people read times; since 1 March 2024 the whole country keeps UTC+5."""


class Data(BaseModel):
    """A frozen value. An unknown field is refused: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An aware time, kept in UTC."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A line that a person writes: 1 to 200 characters."""

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
"""A longer remark of a person: 1 to 2000 characters."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A code of the regulation file: lower-case letters, digits and hyphens."""

ChildNumber = Annotated[int, Field(ge=1, le=50)]
"""The place of a child in its application, counted from 1."""


class Text(Data):
    """The same words in the three languages, side by side, never machine-mixed."""

    kk: str
    ru: str
    en: str
