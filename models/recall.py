"""One recall: a result that comes out of storage again, at SC's request or by a visit (R9, R10)."""

from pydantic import Field

from models.data import Data, Instant
from models.library import Rules
from models.lifecycle import Channel, Command, RecallLifecycle, Stage
from models.messages import Opening
from models.proceeding import Proceeding


class Story(Data):
    """Where the story of an application stands when a recall takes it up.

    `number` counts the recalls of one application; `not_before` is the instant of the story's last fact:
    nothing of the recall can have happened earlier.
    """

    registration_number: str
    number: int = Field(ge=1)
    last_hash: str
    not_before: Instant


class Recall(Proceeding):
    """A proceeding whose journal goes on where the story of the application stands."""

    def __init__(self, opening: Opening, rules: Rules, story: Story) -> None:
        super().__init__(opening, rules, RecallLifecycle(opening.channel))
        self.registration_number = story.registration_number
        self.number = story.number
        self.begins_after = story.last_hash


def stage_of_story(application: Stage, last_recall: Stage | None) -> Stage:
    """Where the whole story stands: what is stored stays stored until a recall of it is collected."""
    return Stage.COLLECTED if last_recall is Stage.COLLECTED else application


def after_the_end(channel: Channel, stage: Stage) -> list[Command]:
    """What people can still do with what has ended: bring a stored result out again (R9, R10)."""
    if stage is not Stage.STORED:
        return []
    return [Command.COLLECT if channel is Channel.PROVIDER else Command.RECALL]
