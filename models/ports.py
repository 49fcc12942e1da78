"""What the process needs of the world, as ports; each has a real adapter and a named fake or stand-in."""

from typing import Protocol

from models.outbound import Notice
from models.registers import AccountEntry, Asking, BirthRecord, Exchange, ExchangeEnd, Guardianship, PersonEntry
from models.registration import Registered, RegistrationWanted
from models.sheet import Sheet
from models.signature import SignatureFinding, Signed
from models.state import Entry


class RegisterError(Exception):
    """A register was asked and did not answer. `code` says why, in the gateway's words or ours, and whether
    it lasts: no personal data is in it, nor anything that the other side wrote."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


class RegisterUnavailableError(RegisterError):
    """The register or the way to it does not answer now; asking again later may help."""


class RegisterRefusedError(RegisterError):
    """Asking again does not help: the question, our signature or our right is wrong, or the answer is not one
    that may be trusted. An operator has to look."""


class PersonRegister(Protocol):
    """The state register of natural persons, through the gateway (R17)."""

    async def find_person(self, iin: str, asking: Asking) -> PersonEntry | None:
        """The person with this IIN, None if there is none; RegisterUnavailableError, RegisterRefusedError."""
        ...


class BirthRegister(Protocol):
    """The civil registry's records of births, through the gateway (R17)."""

    async def find_birth(self, iin: str, asking: Asking) -> BirthRecord | None:
        """The birth of the child with this IIN, None without a record; the same errors as of a person."""
        ...


class GuardianshipRegister(Protocol):
    """The register of guardianships: confirms the appointment and document 3 of R11."""

    async def find_guardianship(self, guardian: str, child: str, asking: Asking) -> Guardianship | None:
        """The appointment of this guardian for this child, by their IINs; the same errors."""
        ...


class AccountRegister(Protocol):
    """The check of a bank account: confirms document 6 of R11."""

    async def find_account(self, iin: str, iban: str, asking: Asking) -> AccountEntry | None:
        """The account, if it is this person's; None if the bank does not know it as theirs; the same errors."""
        ...


class StateRegisters(Protocol):
    """All that can be asked; whether the last two are, the regulation file says."""

    @property
    def person(self) -> PersonRegister: ...

    @property
    def birth(self) -> BirthRegister: ...

    @property
    def guardianship(self) -> GuardianshipRegister: ...

    @property
    def account(self) -> AccountRegister: ...


class ExchangeLog(Protocol):
    """Where every exchange with a register is put on record: before it is sent, and again when it ends."""

    def begin(self, exchange: Exchange) -> None:
        """Raises whatever the record raises where it is away: what cannot be put on record is not sent."""
        ...

    def end(self, end: ExchangeEnd) -> None:
        """The same, of its end."""
        ...


class VerifierUnavailableError(Exception):
    """The verifier does not answer now; asking again later may help."""


class SignatureVerifier(Protocol):
    """Checks digital signatures (R15)."""

    async def verify(self, signed: Signed) -> SignatureFinding:
        """Whether the signature is valid for the text, and whose it is; VerifierUnavailableError."""
        ...


class DocumentStore(Protocol):
    """Keeps the content of files by its hash, encrypted; what is there once is not stored twice."""

    def put(self, content: bytes) -> str:
        """Store a content, wholly or not at all; returns its SHA-256 in hex. UnavailableError."""
        ...

    def get(self, sha256: str) -> bytes:
        """The content, checked against its hash; UnknownContentError, UnavailableError."""
        ...

    def holds(self, sha256: str) -> bool:
        """Whether the content is there; UnavailableError."""
        ...


class FormPrinter(Protocol):
    """Prints a document: the same sheet gives the same bytes, on every machine."""

    def print(self, sheet: Sheet) -> bytes:
        """The document as PDF/A."""
        ...


class ApplicationRecords(Protocol):
    """The record: journal, read model and outbox, written in one transaction."""

    def record(self, entry: Entry) -> int:
        """Write an entry; the same again changes nothing. Returns the number of the last fact on record.

        JournalConflictError where another content stands under a number that the entry carries.
        """
        ...

    def register(self, wanted: RegistrationWanted) -> Registered:
        """Claim every child of an application and give it its number: one for ever, the same under any retry.

        Where another open application has a child, nothing is claimed, and its number is told.
        """
        ...


class NotDeliveredError(Exception):
    """A way out does not take a notice now; trying again may help, soon or, if `is_lasting`, in a long while.

    What it says is kept on record and written into logs: no address, no secret, nothing that the other side says.
    """

    def __init__(self, problem: str, *, is_lasting: bool = False) -> None:
        super().__init__(problem)
        self.is_lasting = is_lasting


class NoticeSender(Protocol):
    """Delivers one notice; may be called again with the same message id after a crash."""

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        """NotDeliveredError or OSError if it is not delivered now, ValueError if it is none that can be told."""
        ...
