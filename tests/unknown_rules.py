"""An execution that no worker can go on with: under rules that nobody has loaded."""

from typing import Any

from models.inputs import ApplicationInput
from models.lifecycle import Channel
from models.messages import Opening
from tests.conftest import House
from workflows.application import ApplicationWorkflow


async def start_under_unknown_rules(house: House, name: str) -> Any:
    """The handle of an execution with this id, whose first workflow task fails again and again."""
    opening = Opening(
        application=name,
        channel=Channel.PROVIDER,
        office="education-karaganda",
        regulation="0" * 64,
        calendar="0" * 64,
    )
    return await house.engine.client.start_workflow(
        ApplicationWorkflow.run,
        ApplicationInput(opening=opening),
        id=name,
        task_queue=house.settings.task_queue,
    )
