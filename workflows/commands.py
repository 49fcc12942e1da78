"""Makes an update and its validator of a command: the handler obeys, the validator judges beforehand."""

from typing import Any, Protocol

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.data import Data
    from models.lifecycle import Command
    from models.messages import MESSAGES, Answer, Order


class Obeying(Protocol):
    """A workflow that takes commands."""

    async def obey(self, command: Command, order: Order[Any]) -> Answer: ...

    def judge(self, command: Command, order: Order[Any]) -> None: ...

    def said_before(self) -> Answer | None: ...


def command(name: Command, description: str, message: type[Data] | None = None) -> Any:
    """The update of a command, for a workflow's class body; its argument is `Order` of the command's message."""

    async def handler(self: Obeying, order: Order[Any]) -> Answer:
        return self.said_before() or await self.obey(name, order)

    def validator(self: Obeying, order: Order[Any]) -> None:
        self.judge(name, order)

    # The converter reads the message's type from here, so each command is read as its own message.
    argument = Order[message or MESSAGES[name]]
    handler.__name__, handler.__annotations__ = name, {"order": argument, "return": Answer}
    validator.__annotations__ = {"order": argument, "return": None}
    update = workflow.update(name=name, description=description)(handler)
    update.validator(validator)
    return update
