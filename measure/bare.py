"""The least that Temporal can do: a workflow whose update returns a number. What a command is compared with."""

import asyncio
import sys

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from adapters.process import run_program

QUEUE = "tirek-measure-bare"


@workflow.defn
class BareWorkflow:
    """Counts its updates until it is told to end."""

    def __init__(self) -> None:
        self._count = 0
        self._is_over = False

    @workflow.run
    async def run(self) -> int:
        await workflow.wait_condition(lambda: self._is_over and workflow.all_handlers_finished())
        return self._count

    @workflow.update
    async def touch(self, last: bool) -> int:
        self._count += 1
        self._is_over = last
        return self._count


async def work(address: str) -> None:
    """A worker of its own, without codec and sandbox."""
    client = await Client.connect(address)
    async with Worker(
        client, task_queue=QUEUE, workflows=[BareWorkflow], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        sys.stdout.write("working\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def entry() -> int:
    asyncio.run(work(sys.argv[1]))
    return 0


if __name__ == "__main__":
    run_program(entry)
