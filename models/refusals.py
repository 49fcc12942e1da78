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


class Refusal(Data):
    """One reason why a command is refused; `requirement` is empty for a rule that is ours."""

    code: Code
    reason: str
    requirement: Line | None = None
    missing: tuple[Needed, ...] = ()
