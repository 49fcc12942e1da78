"""What the commands on the way of the result do: delivery, keeping, storage, recall (R5, R9, R10, R21, R22)."""

from models.act import Act, did
from models.application import Application
from models.data import local_iso
from models.journal import Detail, FactName
from models.messages import Collect, HandOver
from models.outbound import Form, NoticeKind
from models.proceeding import Proceeding
from models.recall import Recall
from models.regulation import ClockKind
from models.state import Collection


def deliver(proceeding: Proceeding, act: Act) -> None:
    proceeding.stop(ClockKind.PROCESSING, act.at, reached=True, cause=act.cause)
    did(proceeding, act, FactName.RESULT_DELIVERED)
    proceeding.start(ClockKind.RETENTION, act.at, proceeding.office)


def collect(proceeding: Proceeding, act: Act) -> None:
    message: Collect = act.message
    proceeding.stop(ClockKind.RETENTION, act.at, reached=False, cause=act.cause)
    details: dict[str, Detail] = {"collected_by": message.collected_by}
    if act.edition == 0:
        did(proceeding, act, FactName.RESULT_COLLECTED, details)
        return
    shown = message.identity_document
    details["identity_document"] = shown.kind if shown else None
    did(proceeding, act, FactName.RESULT_COLLECTED, details)
    proceeding.collection = Collection(**message.model_dump(), fact=len(proceeding.facts))


def retention_ends(proceeding: Proceeding, act: Act) -> None:
    proceeding.stop(ClockKind.RETENTION, act.at, reached=True, cause=act.cause)
    did(proceeding, act, FactName.RETENTION_ENDED)


def hand_over(proceeding: Proceeding, act: Act) -> None:
    message: HandOver = act.message
    details: dict[str, Detail] = {"list": message.list_number, "received_by": message.received_by}
    did(proceeding, act, FactName.RESULT_HANDED_OVER, details)
    proceeding.give_paper(Form.STORAGE_LIST, act.at, {**details, "handed_over_by": act.by})


def keep(application: Application, act: Act) -> None:
    did(application, act, FactName.RESULT_KEPT)


def publish(application: Application, act: Act) -> None:
    """R20, R22: the decision is in the cabinet, and the second notice gives the actual date and time."""
    application.stop(ClockKind.PROCESSING, act.at, reached=True, cause=act.cause)
    decision = application.decision
    details: dict[str, Detail] = {
        "registration_number": application.registration_number,
        "decision": decision.number if decision else None,
        "published_at": local_iso(act.at),
    }
    did(application, act, FactName.RESULT_PUBLISHED, details)
    application.tell_applicant(NoticeKind.RESULT_PUBLISHED, act.at, details)


# Out of storage again (R10).


def recall(recalled: Recall, act: Act) -> None:
    """SC asks the provider for a stored result; the provider has its one working day."""
    details: dict[str, Detail] = {"recall": recalled.number, "registration_number": recalled.registration_number}
    did(recalled, act, FactName.RECALL_REQUESTED, details)
    recalled.start(ClockKind.RECALL, act.at, recalled.provider)


def send_back(recalled: Recall, act: Act) -> None:
    recalled.stop(ClockKind.RECALL, act.at, reached=True, cause=act.cause)
    did(recalled, act, FactName.RESULT_SENT_BACK)
