"""One recall as an execution: a stored result comes back to SC, or is collected where it lies (R9, R10).

`run` reads as the passport does. What it shares with an application stands in `workflows/proceeding.py`.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from models.calendar_change import rules_under
    from models.inputs import RecallInput
    from models.library import installed
    from models.lifecycle import Command, Stage
    from models.messages import Closing
    from models.recall import Recall
    from workflows.commands import command
    from workflows.proceeding import ProceedingWorkflow
    from workflows.undisturbed import undisturbed


@workflow.defn
class RecallWorkflow(ProceedingWorkflow):
    """The life of one recall, from SC's request to the collection or the next hand-over."""

    @workflow.init
    def __init__(self, begins: RecallInput) -> None:
        opening = begins.opening
        rules = rules_under(installed(), opening, begins.calendar_change)
        recall = Recall(opening, rules, begins.story)
        if begins.resumes is not None:
            recall.take_over(begins.resumes.entry, begins.resumes.rules(installed()))
        super().__init__(recall)

    @workflow.run
    @undisturbed
    async def run(self, begins: RecallInput) -> Closing:
        """R10; each part ends when the chart has moved on."""
        async with self._working():
            await self._request(begins)
            await self._sending()
            await self._delivery()
            await self._keeping()
        return self._proceeding.closing()

    async def _request(self, begins: RecallInput) -> None:
        """SC's request counts from the start of the execution, and never from before the story's last fact.

        In the world the two are always in this order. A trial whose application was moved ahead in time begins
        its recall at the real now: it waits here until its own clock has been moved as far.
        """
        if self._stage is not Stage.NEW:
            return
        at = max(workflow.info().workflow_start_time, begins.story.not_before)
        if workflow.now() < at:
            await workflow.sleep(at - workflow.now(), summary="until the story's last fact")
        async with self._lock:
            cause = f"update:{begins.key}" if begins.is_keyed else "start"
            self._do(
                begins.command,
                by=begins.by,
                at=at,
                cause=cause,
                message=begins.collection,
                edition=begins.edition,
            )
            self._answer(begins.command, begins.by, begins.digest, is_kept=begins.is_keyed)

    async def _sending(self) -> None:
        """R10: the provider sends within one working day; the recall's clock ends with the sending."""
        await workflow.wait_condition(lambda: self._stage is not Stage.REQUESTED)

    async def _delivery(self) -> None:
        """The result travels until an officer of SC delivers it; its month begins anew (R9)."""
        await workflow.wait_condition(lambda: self._stage is not Stage.SENT)

    async def _keeping(self) -> None:
        """R9 again: collected on the receipt, or handed over after the month."""
        await workflow.wait_condition(lambda: self._proceeding.has_ended)

    send_back = command(Command.SEND_BACK, "The provider has sent the result: the recall's clock ends (R10)")
    deliver = command(Command.DELIVER, "The result has reached SC: its month begins anew (R9)")
    collect = command(Command.COLLECT, "Hand the result out, on receipt and identity document (R21)")
    hand_over = command(Command.HAND_OVER, "Hand an uncollected result over to the provider again, on a list (R9)")
