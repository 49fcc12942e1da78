"""What the demo's applications live through; each story says how it must end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from demo.examples import signed_again
from demo.visit import HEAD, INTAKE, SPECIALIST, Visit, race
from models.lifecycle import Channel, Command, Stage
from models.regulation import ClockKind

SC, PROVIDER, PORTAL = Channel.STATE_CORPORATION, Channel.PROVIDER, Channel.PORTAL
WAITING, SERVICE, PROCESSING = ClockKind.WAITING, ClockKind.SERVICE, ClockKind.PROCESSING
RETENTION, RECALL = ClockKind.RETENTION, ClockKind.RECALL
PROVIDER_CLERK = INTAKE[PROVIDER]
REFUSAL: dict[str, Any] = {"verdict": "refuse", "grounds": ["not-entitled"]}
POWER_OF_ATTORNEY = {"number": "77-1", "issued_on": "2026-01-15", "notarised": True}
IDENTITY_CARD = {"kind": "identity-card", "number": "000000002"}
REPRESENTATIVE: dict[str, Any] = {
    "receipt_shown": True,
    "collected_by": "representative",
    "identity_document": IDENTITY_CARD,
    "power_of_attorney": POWER_OF_ATTORNEY,
}


@dataclass(frozen=True)
class Story:
    """A way through the chart: where it begins, what happens, the stage it ends in, the limits it passes."""

    title: str
    channel: Channel
    live: Callable[[Visit], Awaitable[None]]
    ends: Stage
    passes: frozenset[ClockKind] = frozenset()


async def _straight(visit: Visit) -> None:
    await visit.skip(minutes=10)
    await visit.do(Command.CALL, visit.clerk)
    request = visit.example(Command.ACCEPT)
    await visit.do(Command.LOOK_UP, visit.clerk, request)
    await visit.skip(minutes=8)
    await visit.accept(request)
    await visit.skip(days=3)
    await visit.be_decided()
    await visit.skip(days=2)
    await visit.be_delivered()
    await visit.skip(days=5)
    await visit.collect()


async def _two_children(visit: Visit) -> None:
    await visit.be_accepted(children=2)
    await visit.do(Command.ATTACH, visit.clerk)
    await visit.be_decided()
    await visit.collect()


async def _no_show(visit: Visit) -> None:
    await visit.skip(minutes=5)
    await visit.do(Command.LEAVE, visit.clerk)


async def _waited_too_long(visit: Visit) -> None:
    await visit.skip(minutes=20)
    await visit.do(Command.CALL, visit.clerk)
    await visit.do(Command.REFUSE_INTAKE, visit.clerk)


async def _served_too_long(visit: Visit) -> None:
    await visit.do(Command.CALL, visit.clerk)
    await visit.skip(minutes=35)
    await visit.accept()
    await visit.be_decided()
    await visit.collect(REPRESENTATIVE)


async def _late_decision(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.skip_past(PROCESSING)
    await visit.be_decided()
    await visit.be_delivered()
    await visit.collect()


async def _stored(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()
    await visit.skip_past(RETENTION)
    await visit.do(Command.HAND_OVER, visit.clerk)


async def _collected_at_last(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.be_decided()
    await visit.be_delivered()
    await visit.skip_past(RETENTION)
    await visit.collect()


async def _kept_at_provider(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.be_decided()
    await visit.skip(days=380)


async def _draft_returned(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    await visit.do(Command.RETURN_DRAFT, HEAD)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, REFUSAL)
    await visit.do(Command.APPROVE, "deputy-head")
    await visit.be_delivered()
    await visit.collect()


async def _unknown_child(visit: Visit) -> None:
    await visit.be_accepted(behaviour="unknown")
    await visit.do(Command.ASK_AGAIN, SPECIALIST)
    await visit.be_decided(verdict=REFUSAL)
    await visit.collect()


async def _withdrawn(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.skip(days=1)
    await visit.withdraw()


async def _incomplete_at_provider(visit: Visit) -> None:
    await visit.do(Command.CALL, visit.clerk)
    package = visit.example(Command.REFUSE_INTAKE, missing=("child-income", "parental-care-absence"))
    await visit.do(Command.REFUSE_INTAKE, visit.clerk, package)


async def _silent_register(visit: Visit) -> None:
    await visit.be_accepted(behaviour="silent")
    await visit.skip(hours=5)
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    await visit.do(Command.APPROVE, HEAD)
    await visit.be_delivered()
    await visit.collect()


async def _late_and_withdrawn(visit: Visit) -> None:
    await visit.be_accepted()
    await visit.do(Command.PREPARE_DECISION, SPECIALIST, visit.grant())
    await visit.skip_past(PROCESSING)
    await visit.withdraw()


async def _many_hands(visit: Visit) -> None:
    born_abroad = {"children": 3, "place": "abroad"}
    await visit.be_accepted(**born_abroad)
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.do(Command.REASSIGN, HEAD)
    await visit.do(Command.RELEASE, "specialist-2")
    await visit.be_decided()
    await visit.be_delivered()
    await visit.collect()


async def _recalled(visit: Visit) -> None:
    await _stored(visit)
    await visit.be_recalled(days=31)
    await visit.skip(hours=2)
    await visit.do(Command.SEND_BACK, PROVIDER_CLERK)
    await visit.be_delivered()
    await visit.skip(days=2)
    await visit.collect()


async def _recalled_late(visit: Visit) -> None:
    await _stored(visit)
    await visit.be_recalled(days=3)
    await visit.skip_past(RECALL)
    await visit.do(Command.SEND_BACK, PROVIDER_CLERK)
    await visit.be_delivered()
    await visit.skip_past(RETENTION)
    await visit.do(Command.HAND_OVER, visit.clerk)


async def _collected_after_keeping(visit: Visit) -> None:
    await _kept_at_provider(visit)
    await visit.collect()


async def _published(visit: Visit) -> None:
    await visit.submit()
    await visit.skip(days=2)
    await visit.be_decided()


async def _published_late(visit: Visit) -> None:
    await visit.submit(children=2)
    await visit.skip_past(PROCESSING)
    await visit.be_decided()


async def _signed_by_head(visit: Visit) -> None:
    await visit.submit()
    await visit.skip(days=1)
    await visit.be_signed()


async def _signed_by_another(visit: Visit) -> None:
    request = visit.example(Command.SUBMIT)
    somebody_else = request["children"][0]["iin"]
    await visit.be_refused(signed_again(request, somebody_else, signatures=visit.signatures))


async def _withdrawn_on_the_portal(visit: Visit) -> None:
    await visit.submit()
    await visit.do(Command.TAKE, SPECIALIST)
    await visit.withdraw()


async def _one_child(visit: Visit) -> None:
    """Two officers accept for one child at the same instant; one does. Then the child is free for a third."""
    rival = await Visit.open(visit.desk, visit.channel, visit.random, visit.signatures)
    seed = visit.random.randrange(10**9)
    for one in (visit, rival):
        await one.do(Command.CALL, one.clerk)
    package = visit.example(Command.ACCEPT, seed=seed)
    refused = await race(visit.accept(package), rival.accept(package))
    winner, loser = (rival, visit) if refused == 0 else (visit, rival)
    await loser.do(Command.LEAVE, loser.clerk)
    visit.others[loser.application] = Stage.LEFT
    visit.application = winner.application
    await visit.be_decided()
    await visit.be_delivered()
    await visit.collect()
    third = await Visit.open(visit.desk, Channel.PORTAL, visit.random, visit.signatures)
    await third.submit(third.example(Command.SUBMIT, seed=seed))
    await third.withdraw()
    visit.others[third.application] = Stage.WITHDRAWN


STORIES = (
    Story("every limit met, collected on the receipt", SC, _straight, Stage.COLLECTED),
    Story("two children, amounts by the specialist", PROVIDER, _two_children, Stage.COLLECTED),
    Story("left the queue", SC, _no_show, Stage.LEFT),
    Story(
        "waited too long, package incomplete",
        SC,
        _waited_too_long,
        Stage.INTAKE_REFUSED,
        frozenset({WAITING}),
    ),
    Story(
        "served too long, collected by a representative",
        PROVIDER,
        _served_too_long,
        Stage.COLLECTED,
        frozenset({SERVICE}),
    ),
    Story("decided too late", SC, _late_decision, Stage.COLLECTED, frozenset({PROCESSING})),
    Story("never collected, handed over to storage", SC, _stored, Stage.STORED),
    Story("collected after the month, before the hand-over", SC, _collected_at_last, Stage.COLLECTED),
    Story("never collected, kept at the provider", PROVIDER, _kept_at_provider, Stage.STORED),
    Story("draft returned, then refused with grounds", SC, _draft_returned, Stage.COLLECTED),
    Story("the register does not know the child", PROVIDER, _unknown_child, Stage.COLLECTED),
    Story("withdrawn during review", SC, _withdrawn, Stage.WITHDRAWN),
    Story("incomplete, refused with a note", PROVIDER, _incomplete_at_provider, Stage.INTAKE_REFUSED),
    Story("a silent register holds nobody up", SC, _silent_register, Stage.COLLECTED),
    Story("late, then withdrawn", PROVIDER, _late_and_withdrawn, Stage.WITHDRAWN, frozenset({PROCESSING})),
    Story("three children born abroad, many hands", SC, _many_hands, Stage.COLLECTED),
    Story("signed request, published in the cabinet", PORTAL, _published, Stage.PUBLISHED),
    Story("two children, published too late", PORTAL, _published_late, Stage.PUBLISHED, frozenset({PROCESSING})),
    Story("decision signed by the head, published", PORTAL, _signed_by_head, Stage.PUBLISHED),
    Story("request signed by somebody else", PORTAL, _signed_by_another, Stage.SUBMISSION_REFUSED),
    Story("withdrawn in the cabinet", PORTAL, _withdrawn_on_the_portal, Stage.WITHDRAWN),
    Story("recalled after a month in storage", SC, _recalled, Stage.COLLECTED),
    Story("recalled, sent too late, stored again", SC, _recalled_late, Stage.STORED, frozenset({RECALL})),
    Story("collected where it was kept", PROVIDER, _collected_after_keeping, Stage.COLLECTED),
    Story("one child, two officers at once, then a third request", SC, _one_child, Stage.COLLECTED),
)
