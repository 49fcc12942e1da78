"""The decision (Annex 1): child by child, amounts and periods, or the grounds on which it refuses (R20)."""

from desk.printing.lines import appointments, full_name, paper_line, person_line
from desk.printing.source import Source
from models.checks import check_key
from models.data import Text
from models.decision import Decision
from models.errors import JournalConflictError
from models.registers import BirthRecord, Register, RegisterAnswer
from models.sheet import DecidedChild, DecisionSheet, PaperLine, SignatureLine

_ACT_RECORD = Text(kk="Туу туралы акт жазбасы", ru="Актовая запись о рождении", en="Record of birth")


def decision_sheet(source: Source) -> DecisionSheet:
    decision = source.record.application.decision
    if decision is None:
        raise JournalConflictError("a fact says that a decision was approved, and there is none on record")
    return DecisionSheet(
        decision=decision.number,
        decided_at=decision.approved_at,
        body=source.told(source.provider.name),
        registration_number=source.registration_number or decision.number,
        applicant=full_name(source.request.applicant),
        applied_at=source.handed_in_at,
        appointments=appointments(source),
        children=tuple(_children(source, decision)),
        grounds=_grounds(source, decision),
        head=source.post(decision.approved_by),
        signature=_signature(source, decision),
    )


def _signature(source: Source, decision: Decision) -> SignatureLine | None:
    """Of a head who signed: nothing signed by somebody who may not sign for the post was approved."""
    if source.fact.details.get("signed") is not True:
        return None
    return SignatureLine(signer=source.post(decision.approved_by), signed_at=decision.approved_at)


def _children(source: Source, decision: Decision) -> list[DecidedChild]:
    grants = {grant.child: grant for grant in decision.draft.grants}
    said = {one.check: one.answer for one in source.reader.said(source.record.application.application)}
    lines: list[DecidedChild] = []
    for number, child in enumerate(source.request.children, start=1):
        grant = grants.get(number)
        line = DecidedChild(
            child=person_line(child),
            birth_record=_birth_record(source, number, said.get(check_key(Register.BIRTH, number))),
            monthly_amount=grant.monthly_amount if grant else None,
            starts_on=grant.starts_on if grant else None,
            ends_on=grant.ends_on if grant else None,
        )
        lines.append(line)
    return lines


def _birth_record(source: Source, child: int, answer: RegisterAnswer | None) -> PaperLine | None:
    """The certificate that was handed in (R12), else the record of the civil registry (R17)."""
    kinds = source.kinds_of("birth-certificate")
    for document in source.request.documents:
        if document.kind in kinds and document.child == child:
            return paper_line(document, source)
    if isinstance(answer, BirthRecord):
        name = source.told(_ACT_RECORD)
        return PaperLine(name=name, number=answer.act_number, issued_on=answer.act_date)
    return None


def _grounds(source: Source, decision: Decision) -> tuple[str, ...]:
    names = {ground.code: ground.name for ground in source.regulation.grounds}
    return tuple(source.told(names[code]) if code in names else code for code in decision.draft.grounds)
