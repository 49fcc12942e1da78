"""Which documents an application needs, and exactly which are missing (R11-R15), as rules over data."""

from collections.abc import Iterator

from models.data import Data, Text
from models.lifecycle import Channel
from models.refusals import Needed
from models.regulation import PackageItem, Regulation
from models.request import Child, Document, Relation, Request


class PackageReport(Data):
    """The verdict on a package: complete, or what is missing, for whom, and why."""

    complete: bool
    required: tuple[Needed, ...]
    missing: tuple[Needed, ...]


def examine(request: Request, channel: Channel, regulation: Regulation) -> PackageReport:
    """The package of a request on a channel: every document that it needs and those it lacks."""
    required = tuple(_required(request, channel, regulation))
    items = {item.item: item for item in regulation.items(channel)}
    missing = tuple(needed for needed in required if not _is_there(needed, request, items[needed.item]))
    return PackageReport(complete=not missing, required=required, missing=missing)


def unknown_kinds(request: Request, regulation: Regulation) -> list[str]:
    """A line for each document whose kind the regulation file does not know."""
    known = {kind.kind for item in regulation.package for kind in item.kinds}
    return [
        f"documents.{place}.kind: {document.kind} is none of {', '.join(sorted(known))}"
        for place, document in enumerate(request.documents)
        if document.kind not in known
    ]


def _required(request: Request, channel: Channel, regulation: Regulation) -> Iterator[Needed]:
    for item in regulation.items(channel):
        if item.per == "application":
            yield _needed(item)
            continue
        for number, child in enumerate(request.children, start=1):
            yield from _required_of(child, number, item)


def _required_of(child: Child, number: int, item: PackageItem) -> Iterator[Needed]:
    if item.when is not None and not _applies(item, child):
        return
    because = item.when.because if item.when else None
    # A child of unknown parents (abandoned, say) still needs one paper that says so (R13).
    parents: tuple[Relation | None, ...] = (child.parents or (None,)) if item.per == "parent" else (None,)
    for parent in parents:
        yield _needed(item, child=number, parent=parent, because=because)


def _applies(item: PackageItem, child: Child) -> bool:
    when = item.when
    return when is None or (
        child.birth_date <= when.born_on_or_before or (when.born_abroad and child.birth_place == "abroad")
    )


def _needed(
    item: PackageItem,
    child: int | None = None,
    parent: Relation | None = None,
    because: Text | None = None,
) -> Needed:
    return Needed(
        item=item.item,
        requirement=item.requirement,
        name=item.name,
        child=child,
        parent=parent,
        because=because,
        kinds=tuple(kind.kind for kind in item.kinds),
    )


def _is_there(needed: Needed, request: Request, item: PackageItem) -> bool:
    if item.names_account and request.account is None:
        return False
    return any(
        document.kind in needed.kinds
        and _is_about(needed, document, item)
        and (needed.parent is None or needed.parent in document.parents)
        for document in request.documents
    )


def _is_about(needed: Needed, document: Document, item: PackageItem) -> bool:
    if needed.child is None or document.child == needed.child:
        return True
    # A shared paper about somebody else's parent says nothing about a child of unknown parents.
    of_another = item.per == "parent" and needed.parent is None and bool(document.parents)
    return item.shared and document.child is None and not of_another
