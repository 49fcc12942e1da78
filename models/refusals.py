"""A refusal is a result: what may not be done, why, and by which requirement of the passport."""

from models.data import ChildNumber, Code, Data, Line, Text
from models.request import Relation


class Needed(Data):
    """A document that the package needs: of whom (child, parent) and why."""

    item: Code
    requirement: Line
    name: Text
    child: ChildNumber | None = None
    parent: Relation | None = None
    because: Text | None = None
    kinds: tuple[Code, ...]
    """Any one of these kinds of paper satisfies it."""

    @property
    def label(self) -> str:
        """The item, and of which child and parent, without names: `parental-care-absence/1/mother`."""
        parts = (self.item, self.child, self.parent)
        return "/".join(str(part) for part in parts if part is not None)


class Refusal(Data):
    """One reason why a command is refused; `requirement` is empty for a rule that is ours."""

    code: Code
    reason: str
    requirement: Line | None = None
    subjects: tuple[str, ...] = ()
    """What it is about, without personal data: labels of missing documents, numbers of other applications."""
    missing: tuple[Needed, ...] = ()
