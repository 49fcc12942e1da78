"""The regulation as data: terms, package, offices, officers, grounds and amounts of one law text.

The regulation file is the only place that knows a number of the passport. It is checked as a whole
when it is loaded; an application keeps the version (by content hash) that it was opened under.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from models.data import Code, Data, Line, Text
from models.evidence_rules import EvidenceRules
from models.lifecycle import Channel
from models.personal_data import PersonalDataRules


class ClockKind(StrEnum):
    """The five clocks of the passport (R5-R10)."""

    WAITING = "waiting"
    SERVICE = "service"
    PROCESSING = "processing"
    RETENTION = "retention"
    RECALL = "recall"


VISIT = frozenset({ClockKind.WAITING, ClockKind.SERVICE})
"""The clocks of minutes: they run while somebody stands at a counter."""

RESERVED = frozenset({"applicant", "process", "clock", "counter"})
"""Who else acts in the journal; no officer may have such a code."""


class Role(StrEnum):
    """What an officer may do."""

    INTAKE = "intake"
    SPECIALIST = "specialist"
    HEAD = "head"
    SUPERVISOR = "supervisor"


class Minutes(Data):
    """A term in wall time (R7, R8)."""

    minutes: PositiveInt


class WorkingDays(Data):
    """A term in working days (R5, R6, R10), ending at the close of business of its last day.

    `outside_hours`: whether a start out of the office's hours counts from itself or from the next opening.
    `common_first_day`: how general practice counts, where the file reads the text otherwise (R6): a limit that
    has passed by this reading only is labelled so.
    """

    working_days: PositiveInt
    first_day: Literal["same", "next"]
    outside_hours: Literal["count", "next-opening"] = "count"
    common_first_day: Literal["same", "next"] | None = None


class Months(Data):
    """A term in calendar months (R9); one that ends on a rest day ends on the next working day."""

    months: PositiveInt


Term = Minutes | WorkingDays | Months


class Unit(StrEnum):
    """What a term is counted in."""

    MINUTES = "minutes"
    WORKING_DAYS = "working-days"
    MONTHS = "months"


def unit_of(term: Term) -> Unit:
    """What a term is counted in."""
    match term:
        case Minutes():
            return Unit.MINUTES
        case WorkingDays():
            return Unit.WORKING_DAYS
        case Months():
            return Unit.MONTHS


def length_of(term: Term) -> int:
    """How long a term is, in its own unit."""
    match term:
        case Minutes():
            return term.minutes
        case WorkingDays():
            return term.working_days
        case Months():
            return term.months


Percent = Annotated[int, Field(ge=1, le=99)]


class ClockRule(Data):
    """What a clock measures, where it runs and for how long; `limit` false: a term, not a limit.

    `warnings`: at which percentages of the term the office's supervisor is warned.
    """

    name: Text
    requirement: Line
    limit: bool = True
    warnings: tuple[Percent, ...] = (50, 75, 90)
    terms: dict[Channel, Term]

    @field_validator("warnings")
    @classmethod
    def _in_order(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("warnings: percentages rise, each once")
        return value


class When(Data):
    """The condition under which a document is required of a child: any of its parts (R12)."""

    born_on_or_before: date
    born_abroad: bool
    because: Text


class DocumentKind(Data):
    """One kind of paper that satisfies an item."""

    kind: Code
    name: Text


class PackageItem(Data):
    """One numbered item of the list of documents (R11, R15)."""

    item: Code
    requirement: Line
    name: Text
    per: Literal["application", "child", "parent"]
    channels: tuple[Channel, ...] = Field(min_length=1)
    kinds: tuple[DocumentKind, ...] = Field(min_length=1)
    shared: bool = False
    """One paper that names no child covers them all (an appointment of two children, a parent's death)."""
    names_account: bool = False
    """The paper counts only if the application names the account that it is about (R11, item 6)."""
    when: When | None = None


class Opening(Data):
    """The hours of a day, local time; `lunch` is from and to."""

    opens: time
    closes: time
    lunch: tuple[time, time] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Opening":
        inside = self.lunch or (self.opens, self.closes)
        if not self.opens < self.closes or not self.opens <= inside[0] < inside[1] <= self.closes:
            raise ValueError("hours must be in order: opens, lunch from, lunch to, closes")
        return self


class Office(Data):
    """A place that takes applications in; `decided_by` is the provider that decides them (R3)."""

    code: Code
    channel: Channel
    name: Text
    weekdays: Opening
    saturday: Opening | None = None
    decided_by: Code
    supervisor: Code
    keeps_result: Months | None = None
    """How long an execution waits at the provider for an uncollected result (R9); office data."""


class Officer(Data):
    """Somebody who acts on applications. The code is not a personal datum: it names a post."""

    code: Code
    post: Text
    office: Code
    roles: tuple[Role, ...] = Field(min_length=1)


class Ground(Data):
    """A ground on which the allowance may be refused (R20); office data, not the passport's."""

    code: Code
    name: Text


class AmountPolicy(Data):
    """So many monthly calculation indices (KZT, by calendar year) per child and month."""

    indices: PositiveInt
    index: dict[int, Annotated[Decimal, Field(gt=0, max_digits=8, decimal_places=2)]]

    def monthly(self, year: int) -> Decimal | None:
        """The amount in KZT per child and month, or None for a year whose index is not known yet."""
        index = self.index.get(year)
        return None if index is None else index * self.indices


class RetryRule(Data):
    """How a register that keeps silent is asked again: pauses in seconds, each `factor` times the one before."""

    first: PositiveInt = 1
    factor: Annotated[int, Field(ge=1, le=10)] = 2
    longest: PositiveInt = 1800


_PROBE = RetryRule(first=30, longest=300)


class Registers(Data):
    """What the registers know, and how long the process waits for them, in seconds (R17).

    `guardianship` and `account` switch two more registers on, beside those that R17 names.
    """

    births_known_after: date
    patience_at_counter: PositiveInt
    patience_after_acceptance: PositiveInt
    retry: RetryRule = RetryRule()
    """Of a question to a silent register, within the patience."""
    probe: RetryRule = _PROBE
    """After it: of one question that finds out whether a silent register answers again."""
    guardianship: bool = False
    account: bool = False


class Switches(Data):
    """Readings that an office can change."""

    provider_refuses_incomplete: bool = True
    """R19 gives the provider no power to refuse; on: it refuses with a note; off: it accepts with gaps."""
    portal_needs_signature: bool = True
    """R15: a portal request is signed; one that bears a signature is checked in either case."""
    approval_needs_signature: bool = False
    """R20: on: the head signs the decision's text; a signature that is there is checked in either case."""


class Regulation(Data):
    """One version of the law's text as data."""

    code: Code
    valid_from: date
    valid_to: date | None = None
    title: Text
    registration_number: Line
    clocks: dict[ClockKind, ClockRule]
    package: tuple[PackageItem, ...]
    switches: Switches
    registers: Registers
    evidence: EvidenceRules = EvidenceRules()
    personal_data: PersonalDataRules = PersonalDataRules()
    grounds: tuple[Ground, ...] = Field(min_length=1)
    amount: AmountPolicy
    offices: tuple[Office, ...]
    officers: tuple[Officer, ...]

    @model_validator(mode="after")
    def _no_contradiction(self) -> "Regulation":
        checks = (_repeated, _dangling, _unmanned, _unclear, _incomplete)
        problems = [problem for check in checks for problem in check(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def office(self, code: str) -> Office | None:
        return next((office for office in self.offices if office.code == code), None)

    def officer(self, code: str) -> Officer | None:
        return next((officer for officer in self.officers if officer.code == code), None)

    def offices_of(self, channel: Channel) -> list[Office]:
        return [office for office in self.offices if office.channel is channel]

    def officers_with(self, role: Role, office: str) -> list[Officer]:
        return [o for o in self.officers if role in o.roles and o.office == office]

    def term(self, kind: ClockKind, channel: Channel) -> Term | None:
        """The term of a clock on a channel, or None where that clock does not run."""
        return self.clocks[kind].terms.get(channel)

    def identity_documents(self) -> frozenset[str]:
        """The kinds of paper by which somebody identifies themselves (R11, R21)."""
        items = (item for item in self.package if item.item == "identity-document")
        return frozenset(kind.kind for item in items for kind in item.kinds)

    def items(self, channel: Channel) -> list[PackageItem]:
        return [item for item in self.package if channel in item.channels]


def _repeated(regulation: Regulation) -> Iterable[str]:
    codes = {
        "offices": [office.code for office in regulation.offices],
        "officers": [officer.code for officer in regulation.officers],
        "grounds": [ground.code for ground in regulation.grounds],
        "package items": [item.item for item in regulation.package],
        "document kinds": [kind.kind for item in regulation.package for kind in item.kinds],
    }
    for where, names in codes.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield f"{where}: {name} stands {times} times"


def _dangling(regulation: Regulation) -> Iterable[str]:
    providers = {office.code for office in regulation.offices_of(Channel.PROVIDER)}
    offices = {office.code for office in regulation.offices}
    for office in regulation.offices:
        if office.decided_by not in providers:
            yield f"office {office.code}: decided_by {office.decided_by} is no provider's office"
        supervisor = regulation.officer(office.supervisor)
        if supervisor is None or Role.SUPERVISOR not in supervisor.roles:
            yield f"office {office.code}: supervisor {office.supervisor} is no supervisor"
        if office.channel is Channel.PROVIDER and office.keeps_result is None:
            yield f"office {office.code}: a provider's office needs keeps_result"
    for officer in regulation.officers:
        if officer.code in RESERVED:
            yield f"officer {officer.code}: this word stands for somebody else in the journal"
        if officer.office not in offices:
            yield f"officer {officer.code}: office {officer.office} is unknown"


def _unmanned(regulation: Regulation) -> Iterable[str]:
    for channel in (Channel.STATE_CORPORATION, Channel.PROVIDER):
        if not regulation.offices_of(channel):
            yield f"no office on channel {channel}"
    for office in regulation.offices:
        if office.channel is not Channel.PORTAL and not regulation.officers_with(Role.INTAKE, office.code):
            yield f"office {office.code}: nobody has the role intake"
    for code in sorted({office.decided_by for office in regulation.offices}):
        specialists = {o.code for o in regulation.officers_with(Role.SPECIALIST, code)}
        heads = {o.code for o in regulation.officers_with(Role.HEAD, code)}
        if not specialists or not heads or len(specialists | heads) < 2:
            yield f"office {code}: the four-eyes rule needs a specialist and a head who are two persons"


def _unclear(regulation: Regulation) -> Iterable[str]:
    if regulation.valid_to is not None and regulation.valid_to < regulation.valid_from:
        yield "valid_to is before valid_from"
    for item in regulation.package:
        if item.when is not None and item.per == "application":
            yield f"package.{item.item}: a condition on a child needs an item per child"
    if not _tells_apart(regulation.registration_number):
        yield "registration_number: it needs {year} and {number}, as in KRG-{year}-{number:06d}, and nothing else"


_COUNTERS = frozenset({Channel.STATE_CORPORATION, Channel.PROVIDER})
_SC = frozenset({Channel.STATE_CORPORATION})

_RUNS: dict[ClockKind, tuple[frozenset[Channel], bool]] = {
    ClockKind.WAITING: (_COUNTERS, True),
    ClockKind.SERVICE: (_COUNTERS, True),
    ClockKind.PROCESSING: (frozenset(Channel), True),
    ClockKind.RETENTION: (_SC, False),
    ClockKind.RECALL: (_SC, True),
}
"""On which channels the chart starts a clock, and whether it is a limit; a file cannot say otherwise."""


def _incomplete(regulation: Regulation) -> Iterable[str]:
    for kind, (channels, limit) in _RUNS.items():
        rule = regulation.clocks.get(kind)
        if rule is None:
            yield f"clocks: {kind} is missing"
            continue
        for channel in sorted(channels ^ rule.terms.keys()):
            wrong = "no term" if channel in channels else "it does not run, but has a term"
            yield f"clocks.{kind}: {wrong} for channel {channel}"
        if rule.limit is not limit:
            yield f"clocks.{kind}: limit has to be {str(limit).lower()}"
    for channel in Channel:
        if not regulation.items(channel):
            yield f"package: no item for channel {channel}"


def _tells_apart(pattern: str) -> bool:
    """Whether the pattern gives every year and number a registration number of its own."""
    try:
        numbers = {pattern.format(year=year, number=number) for year in (2026, 2027) for number in (1, 2)}
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        return False
    return len(numbers) == 4 and all(len(number) <= 40 for number in numbers)
