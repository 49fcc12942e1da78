"""A proceeding as the read model keeps it: what it is after its last fact, without personal data."""

from models.checks import Check, Said
from models.clocks import Clock
from models.data import Code, Data, Instant
from models.decision import Decision, Draft
from models.evidence import Evidence
from models.journal import Fact
from models.lifecycle import Stage
from models.messages import Collect, Opening
from models.outbound import Notice, Paper, Remark
from models.request import Request


class Holding(Data):
    """Who had the file in hand, from when until when; `until` is empty while they still have it."""

    officer: Code
    since: Instant
    until: Instant | None = None


class Collection(Collect):
    """Who collected a result and on which documents (R21), beside the fact that tells it; kept encrypted."""

    fact: int


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
    evidence: tuple[Evidence, ...] = ()
    calendar_now: str | None = None
    """The hash of the calendar it goes by, where that is another one than it was opened under."""


class Entry(Data):
    """What one `record` call writes: the facts since the last call, what they send out, and the state.

    `request` is present once, with the fact that brought the personal data into the application, and beside
    it the `signature` of a portal request. `said`: what the registers said of the checks as they stand, with the
    facts that brought checks. `approval`: the head's signature over the decision, and `collection`: who collected
    the result and on which documents, each with its fact.
    """

    facts: tuple[Fact, ...]
    state: State
    notices: tuple[Notice, ...] = ()
    papers: tuple[Paper, ...] = ()
    remarks: tuple[Remark, ...] = ()
    request: Request | None = None
    signature: str | None = None
    approval: str | None = None
    collection: Collection | None = None
    said: tuple[Said, ...] = ()
