"""What is kept of a printed document: what it is, the hash of its bytes, and how it is found again."""

from models.data import Data, Instant
from models.evidence import Sha256
from models.outbound import Form
from models.sheet import Language


class PrintoutKey(Data):
    """Which document in which language: the fact of the execution that gave it, and its form."""

    application: str
    fact: int
    form: Form
    language: Language

    @property
    def text(self) -> str:
        return f"{self.application}/{self.fact}/{self.form}/{self.language}"


class Printout(PrintoutKey):
    """A document as it was printed first. `link` stands in it; `size` in bytes."""

    number: str
    code: str
    link: str
    sha256: Sha256
    size: int
    printed_at: Instant
