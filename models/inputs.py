"""The one input of each workflow: everything that begins it, so that nothing is lost with a message."""

from models.data import Code, Data
from models.lifecycle import Command
from models.messages import Collect, Opening, Submit
from models.recall import Story


class ApplicationInput(Data):
    """A queue ticket, or on the portal a signed request (R15)."""

    opening: Opening
    submission: Submit | None = None


class RecallInput(Data):
    """SC's request for a stored result (`recall`), or a visit at the provider after its keeping (`collect`)."""

    opening: Opening
    story: Story
    command: Command
    by: Code
    digest: str
    key: str
    """A keyed hash of the caller's key: the same key asks for the same recall again, another for a second one."""
    collection: Collect | None = None
