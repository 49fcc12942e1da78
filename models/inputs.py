"""The one input of each workflow: everything that begins it, so that nothing is lost with a message."""

from pydantic import Field

from models.calendar_change import CalendarChange
from models.data import Code, Data
from models.lifecycle import Command
from models.messages import UPDATE_ID, Collect, Opening, Submit
from models.recall import Story
from models.resumption import Resumption


class ApplicationInput(Data):
    """A queue ticket, or on the portal a signed request (R15)."""

    opening: Opening
    submission: Submit | None = None
    calendar_change: CalendarChange | None = None
    """What makes the calendar it is opened under, where that was changed since its file."""
    resumes: Resumption | None = Field(default=None, exclude_if=lambda value: value is None)
    """Where it goes on, if an execution of it was there before and was ended from outside."""


class RecallInput(Data):
    """SC's request for a stored result (`recall`), or a visit at the provider after its keeping (`collect`)."""

    opening: Opening
    story: Story
    command: Command
    by: Code
    digest: str
    key: str
    """The id of a command that the desk makes of the caller's key: the same key asks for the same recall."""
    collection: Collect | None = None
    edition: int = 0
    """Of the order that it is begun by (models/messages.py)."""
    calendar_change: CalendarChange | None = None
    """As of an application."""
    resumes: Resumption | None = Field(default=None, exclude_if=lambda value: value is None)
    """As of an application."""

    @property
    def is_keyed(self) -> bool:
        """Whether the first fact names the key and keeps the answer; the first recalls had other keys."""
        return UPDATE_ID.fullmatch(self.key) is not None
