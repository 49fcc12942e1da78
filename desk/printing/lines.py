"""Persons and papers as lines of a sheet."""

from collections.abc import Iterable, Iterator

from desk.printing.source import Source
from models.package import examine
from models.request import Document, Person
from models.sheet import MissingLine, PaperLine, PersonLine

_THE_APPLICATION_ITSELF = ("application-form", "signed-request")


def full_name(person: Person) -> str:
    """Surname, name, patronymic."""
    return " ".join(part for part in (person.surname, person.name, person.patronymic) if part)


def person_line(person: Person) -> PersonLine:
    return PersonLine(name=full_name(person), iin=person.iin, birth_date=person.birth_date)


def paper_line(document: Document, source: Source) -> PaperLine:
    names = {kind.kind: kind.name for item in source.regulation.package for kind in item.kinds}
    name = names.get(document.kind)
    return PaperLine(
        name=document.kind if name is None else source.told(name),
        number=document.number,
        issued_on=document.issued_on,
        issued_by=document.issued_by,
        child=child_name(document.child, source),
        copy_kept=document.original.copy_kept if document.original else None,
    )


def child_name(child: int | None, source: Source) -> str | None:
    return None if child is None else full_name(source.request.children[child - 1])


def papers_of(source: Source, kinds: Iterable[str]) -> tuple[PaperLine, ...]:
    """The papers of these kinds, in the order in which they were handed in."""
    wanted = set(kinds)
    return tuple(paper_line(one, source) for one in source.request.documents if one.kind in wanted)


def all_papers(source: Source) -> tuple[PaperLine, ...]:
    return tuple(paper_line(one, source) for one in source.request.documents)


def attachments(source: Source) -> tuple[PaperLine, ...]:
    """What is handed in beside the application itself; the identity document is shown and not handed in."""
    left_out = set(source.regulation.identity_documents())
    left_out.update(*(source.kinds_of(item) for item in _THE_APPLICATION_ITSELF))
    return tuple(paper_line(one, source) for one in source.request.documents if one.kind not in left_out)


def appointments(source: Source) -> tuple[PaperLine, ...]:
    """The decisions that appoint the custodian or guardian (R11, item 3)."""
    return papers_of(source, source.kinds_of("appointment-decision"))


def missing_lines(source: Source) -> tuple[MissingLine, ...]:
    """What the package lacks, by name (R19)."""
    return tuple(_missing(source))


def _missing(source: Source) -> Iterator[MissingLine]:
    report = examine(source.request, source.record.application.channel, source.regulation)
    for needed in report.missing:
        yield MissingLine(
            name=source.told(needed.name),
            child=child_name(needed.child, source),
            parent=needed.parent,
            because=None if needed.because is None else source.told(needed.because),
        )
