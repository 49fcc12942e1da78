"""What an application has to pass to be accepted: its signature on the portal, and free children everywhere."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from activities.signatures import SignatureActivities
    from models.application import Application
    from models.messages import Submit
    from models.refusals import Refusal
    from models.registration import Registered, RegistrationWanted
    from models.request import Request
    from models.signature import SignatureFinding, Signed, signed_content
    from models.submission import by_package, by_signature
    from workflows import options
    from workflows.insisting import insist
    from workflows.rounds import answers, round_at


async def submission_refusals(application: Application, sent: Submit) -> list[Refusal]:
    """Why a request through the portal cannot be accepted (R15, R19); a signature that is there is checked."""
    regulation = application.rules.regulation
    refused = list(by_package(sent, regulation))
    if refused or sent.signature is None:
        return refused or list(by_signature(sent, None, regulation))
    arrived = application.facts[0].at  # however late a worker saw it
    finding = await signature_over(signed_content(sent), sent.signature, arrived)
    return list(by_signature(sent, finding, regulation))


async def signature_over(content: str, signature: str, at: datetime) -> SignatureFinding:
    """What the verifier finds of a signature that came at that instant."""
    this = round_at(workflow.now())
    signed = Signed(content=content, signature=signature, at=at, round=this)
    finding: SignatureFinding = await insist(
        SignatureActivities.verify_signature,
        signed,
        options.verify_signature("verify the signature"),
        lambda found: answers(found.round, this),
    )
    return finding.model_copy(update={"round": None})


async def register(application: Application, request: Request) -> Registered:
    """Claim every child and get the registration number; where a child is not free, who has it."""
    wanted = RegistrationWanted(
        application=application.opening.application,
        at=workflow.now(),
        pattern=application.rules.regulation.registration_number,
        children=tuple(child.iin for child in request.children),
    )
    return await insist(
        RecordActivities.register_application, wanted, options.write_record("claim the children, give the number")
    )
