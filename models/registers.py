"""What the state registers say, in the words of this service and not of a protocol (R17)."""

from datetime import date
from enum import StrEnum

from models.data import Data, Instant
from models.identifiers import Iban, Iin


class Register(StrEnum):
    """The registers behind the gateway. R17 names the first two; a regulation file may switch on the others."""

    PERSON = "person"
    BIRTH = "birth"
    GUARDIANSHIP = "guardianship"
    ACCOUNT = "account"


class LifeStatus(StrEnum):
    """Whether the register of persons holds somebody for alive; `unknown`: it says what nobody here can read."""

    ALIVE = "alive"
    DEAD = "dead"
    MISSING = "missing"
    UNKNOWN = "unknown"


class PersonEntry(Data):
    """A person as a register has them. `life_status` is the register of persons' alone."""

    iin: Iin | None = None
    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None
    life_status: LifeStatus | None = None


class BirthRecord(Data):
    """A record of the civil registry: its number and date, the child, and the parents that it names."""

    act_number: str
    act_date: date
    child: PersonEntry
    mother: PersonEntry | None = None
    father: PersonEntry | None = None


class Guardianship(Data):
    """An appointment in the register of guardianships (document 3 of R11); `ended_on`: when it came to its end."""

    guardian: PersonEntry
    child: PersonEntry
    decision_number: str | None = None
    decision_date: date | None = None
    ended_on: date | None = None


class AccountEntry(Data):
    """An account as its bank tells it (document 6 of R11): whether it is the person's, and takes payments."""

    iban: Iban
    is_open: bool
    bank: str | None = None


RegisterAnswer = PersonEntry | BirthRecord | Guardianship | AccountEntry
"""What a register can say of a question."""


class Asking(Data):
    """On whose behalf a register is asked: for which check of which application, and by whom."""

    application: str
    check: str
    by: str


class ExchangeOutcome(StrEnum):
    """How an exchange with a register ended; `sent`: nobody has noted an end, the program died meanwhile."""

    SENT = "sent"
    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    REFUSED = "refused"


class Exchange(Data):
    """One message to a register, as it is put on record before it is sent; of `iin` only a keyed hash is kept."""

    message_id: str
    correlation_id: str
    service: str
    asking: Asking
    iin: Iin
    sent_at: Instant


class ExchangeEnd(Data):
    """How it ended; `code` is the gateway's, or ours for what it did not say."""

    message_id: str
    outcome: ExchangeOutcome
    code: str
    answered_at: Instant
    milliseconds: int
