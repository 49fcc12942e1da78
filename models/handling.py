"""Which effect each command has. Whether it may be done is said in `models/rules.py`."""

from collections.abc import Callable
from typing import Any

from models import intake, issuing, replanning, review
from models.act import Act
from models.lifecycle import Command
from models.proceeding import Proceeding


def carry_out(proceeding: Proceeding, act: Act) -> None:
    """Do what the command says: move, stop and start clocks, write the facts."""
    _EFFECTS[act.command](proceeding, act)


_EFFECTS: dict[Command, Callable[[Any, Act], None]] = {
    Command.TAKE_TICKET: intake.take_ticket,
    Command.CALL: intake.call,
    Command.LEAVE: intake.leave,
    Command.LOOK_UP: intake.look_up,
    Command.ACCEPT: intake.accept,
    Command.REFUSE_INTAKE: intake.refuse_intake,
    Command.SUBMIT: intake.submit,
    Command.ACCEPT_SUBMISSION: intake.accept_submission,
    Command.REFUSE_SUBMISSION: intake.refuse_submission,
    Command.VERIFY: review.verify,
    Command.ATTACH: intake.attach,
    Command.TAKE: review.take,
    Command.RELEASE: review.release,
    Command.REASSIGN: review.reassign,
    Command.ASK_AGAIN: review.ask_again,
    Command.PREPARE_DECISION: review.prepare_decision,
    Command.RETURN_DRAFT: review.return_draft,
    Command.APPROVE: review.approve,
    Command.WITHDRAW: review.withdraw,
    Command.DELIVER: issuing.deliver,
    Command.PUBLISH: issuing.publish,
    Command.COLLECT: issuing.collect,
    Command.RETENTION_ENDS: issuing.retention_ends,
    Command.HAND_OVER: issuing.hand_over,
    Command.KEEP: issuing.keep,
    Command.RECALL: issuing.recall,
    Command.SEND_BACK: issuing.send_back,
    Command.FOLLOW_CALENDAR: replanning.follow_calendar,
}
"""The chart decides which proceeding gets here: an effect of an application is never asked of a recall."""
