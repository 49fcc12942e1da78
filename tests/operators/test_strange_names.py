"""A stranger's execution may have any id: what operators read and copy holds no line and no command of his."""

import asyncio
import secrets
import shlex

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from tests.command_line import Ran, run_program
from tests.conftest import House

STRANGE = "app-1\n\x1b[2Jall is well `id` $(id) ; id"


async def told(house: House, queue: str, *command: str) -> Ran:
    """What a command says of it; visibility is some moments behind."""
    async with asyncio.timeout(30):
        while True:
            ran = await run_program(*command, environment={**house.environment, "TIREK_TASK_QUEUE": queue})
            if "all is well" in ran.out:
                return ran
            await asyncio.sleep(0.5)


class TestStrangeNames:
    """`stuck` and `reconcile`, on a queue that has nothing else."""

    async def test_no_line_and_no_command(self, house: House) -> None:
        client, queue = house.engine.client, f"strange-{secrets.token_hex(4)}"
        handle = await client.start_workflow("ApplicationWorkflow", {}, id=STRANGE, task_queue=queue)
        await handle.terminate("a stranger's own")
        try:
            stuck = await told(house, queue, "stuck")
            reconciled = await told(house, queue, "reconcile")
        finally:
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=STRANGE)
                )
            )
        assert "\x1b" not in stuck.out + reconciled.out
        assert not [line for line in (stuck.out + reconciled.out).splitlines() if line.startswith("all is well")]
        [to_do] = [line for line in stuck.out.splitlines() if "--workflow-id" in line]
        command = to_do.partition("`temporal")[2].removesuffix("`")
        assert shlex.split(command)[-1] == "app-1\\u000a\\u001b[2Jall is well `id` $(id) ; id"
