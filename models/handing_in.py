"""Whether what is handed in may be taken: each paper in the original and given back, each file as a known paper
(R11-R15)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from models.application import Application
from models.data import local_day
from models.evidence import Attach
from models.messages import HandedIn, Order
from models.plausibility import dates_ahead, unknown_papers
from models.refusals import Refusal
from models.regulation import PackageItem
from models.request import Document, Request

MOST_FILES = 500
"""So many files are attached to an application at the most, as many as a request names papers."""


def handed_in(application: Application, message: HandedIn, at: datetime) -> Iterator[Refusal]:
    """R14: nothing is accepted or refused at a counter while an original was not shown, or is still held."""
    if not message.originals_compared:
        yield Refusal(
            code="originals-not-compared", reason="compare the copies with the originals", requirement="R14"
        )
    if not message.originals_returned:
        yield Refusal(code="originals-not-returned", reason="give the originals back first", requirement="R14")
    yield from _each_original(message.documents)
    yield from kept_identity(message, application.rules.regulation.identity_documents())
    yield from _of_no_child(application, len(message.children))
    yield from unknown_papers(message, application.rules.regulation)
    yield from dates_ahead(message, local_day(at))


def _each_original(papers: Iterable[Document]) -> Iterator[Refusal]:
    """The same of each paper that was recorded by itself; papers are told by their place and kind."""
    recorded = [(f"{place}/{one.kind}", one.original) for place, one in enumerate(papers) if one.original]
    unseen = tuple(label for label, original in recorded if not original.shown)
    held = tuple(label for label, original in recorded if not original.returned)
    if unseen:
        reason = f"these papers were not shown in the original: {', '.join(unseen)}"
        yield Refusal(code="original-not-shown", reason=reason, requirement="R14", subjects=unseen)
    if held:
        reason = f"give these originals back first: {', '.join(held)}"
        yield Refusal(code="original-held", reason=reason, requirement="R14", subjects=held)


def kept_identity(message: Request, kinds: frozenset[str]) -> Iterator[Refusal]:
    """R11, item 2, as it is read: an identity document is shown, and no copy is kept, neither paper nor file."""
    identity = [one for one in message.documents if one.kind in kinds]
    if any(one.file or (one.original and one.original.copy_kept) for one in identity):
        yield _not_kept("documents")


def _not_kept(field: str) -> Refusal:
    reason = f"{field}: an identity document is shown, and no copy of it is kept"
    return Refusal(code="identity-not-kept", reason=reason, requirement="R11")


def _of_no_child(application: Application, children: int) -> Iterator[Refusal]:
    """What was attached at the counter, before the children were known, is of one of them."""
    strange = sorted({one.child for one in application.evidence.values() if one.child and one.child > children})
    if strange:
        numbers = ", ".join(map(str, strange))
        reason = (
            f"a file was attached for child {numbers}, and the application names {children}: name the child, or "
            "let the applicant leave and begin anew"
        )
        yield Refusal(code="unknown-child", reason=reason, subjects=tuple(map(str, strange)))


def attach(application: Application, order: Order[Attach], _at: datetime) -> Iterator[Refusal]:
    """A file is one paper of this channel's package, of a child that the application has where it is of one."""
    wanted = order.message
    items = application.rules.regulation.items(application.opening.channel)
    item = next((one for one in items if wanted.kind in {kind.kind for kind in one.kinds}), None)
    if item is None:
        known = ", ".join(sorted(kind.kind for one in items for kind in one.kinds))
        yield Refusal(code="unknown-paper", reason=f"kind: {wanted.kind} is none of {known}", requirement="R11")
        return
    if wanted.kind in application.rules.regulation.identity_documents():
        yield _not_kept("kind")
        return
    yield from _of_which_child(application, wanted, item)
    if len(application.evidence) >= MOST_FILES and application.evidence_of(wanted) is None:
        yield Refusal(code="too-many-files", reason=f"an application has {MOST_FILES} files at the most")


def _of_which_child(application: Application, wanted: Attach, item: PackageItem) -> Iterator[Refusal]:
    if wanted.child is None:
        if item.per != "application" and not item.shared:
            yield Refusal(code="child-missing", reason=f"child: say of which child this {wanted.kind} is")
    elif item.per == "application":
        yield Refusal(code="child-not-meant", reason=f"child: a {wanted.kind} is of no child")
    elif application.request is not None and wanted.child > len(application.request.children):
        yield Refusal(code="unknown-child", reason=f"child: there is no child {wanted.child}")
