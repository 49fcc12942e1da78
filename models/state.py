"""A proceeding as the read model keeps it: what it is after its last fact, without personal data."""

from models.checks import Check, Said
from models.clocks import Clock
from models.data import Code, Data, Instant
from models.decision import Decision, Draft
from models.journal import Fact
from models.lifecycle import Stage
from models.messages import Opening
from models.outbound import Notice, Paper, Remark
from models.request import Request


class Holding(Data):
    """Who had the file in hand, from when until when; `until` is empty while they still have it."""

    officer: Code
    since: Instant
    until: Instant | None = None


class State(Data):
    """Everything the read model keeps of an application or a recall; only an application is held and decided."""

    opening: Opening
    stage: Stage
    registration_number: str | None
    holder: Code | None
    opened_at: Instant
    changed_at: Instant
    last_fact: int
    last_hash: str
    clocks: tuple[Clock, ...]
    holdings: tuple[Holding, ...] = ()
    checks: tuple[Check, ...] = ()
    drafts: tuple[Draft, ...] = ()
    decision: Decision | None = None
    calendar_now: str | None = None
    """The hash of the calendar it goes by, where that is another one than it was opened under."""


class Entry(Data):
    """What one `record` call writes: the facts since the last call, what they send out, and the state.

    `request` is present once, with the fact that brought the personal data into the application, and beside
    it the `signature` of a portal request. `said`: what the registers said of the checks as they stand, with the
    facts that brought checks.
    """

    facts: tuple[Fact, ...]
    state: State
    notices: tuple[Notice, ...] = ()
    papers: tuple[Paper, ...] = ()
    remarks: tuple[Remark, ...] = ()
    request: Request | None = None
    signature: str | None = None
    said: tuple[Said, ...] = ()
