"""Synthetic sheets of every form: people of nobody, with every letter of Kazakh among their names."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from models.outbound import Form, NoticeKind
from models.request import Relation
from models.sheet import (
    AcceptanceReceiptSheet,
    ApplicantLine,
    ApplicationSheet,
    Content,
    DecidedChild,
    DecisionSheet,
    Language,
    MissingLine,
    NoticeSheet,
    PaperLine,
    PersonLine,
    RefusalSheet,
    Sheet,
    SignatureLine,
    StorageListSheet,
    StoredResult,
)

TITLES = {
    "kk": (
        "Қамқоршыларға немесе қорғаншыларға жетім баланы (жетім балаларды) және ата-анасының қамқорлығынсыз "
        "қалған баланы (балаларды) асырап-бағуға жәрдемақы тағайындау"
    ),
    "ru": (
        "Назначение пособия попечителям или опекунам на содержание ребенка-сироты (детей-сирот) и ребенка "
        "(детей), оставшегося без попечения родителей"
    ),
}


class _Words(NamedTuple):
    """Names of the regulation file in one language."""

    office: str
    centre: str
    intake: str
    head: str
    by: str
    appointment: str
    birth: str
    card: str
    court: str
    contract: str
    no_income: str
    because: str
    grounds: tuple[str, ...]


_WORDS: dict[Language, _Words] = {
    "kk": _Words(
        "Қарағанды қаласының білім беру бөлімі",
        "«Азаматтарға арналған үкімет» мемлекеттік корпорациясы",
        "Қабылдау операторы 1",
        "Бөлім басшысы",
        "Қарағанды қаласының әкімдігі",
        "Жергілікті атқарушы органның шешімі",
        "Туу туралы куәлік",
        "Жеке куәлік",
        "Ата-ана құқықтарынан айыру туралы сот шешімі",
        "Дербес шот туралы шарт",
        "Табысының жоқтығы туралы жазбаша өтініш",
        "бала 2007 жылғы 13 тамызға дейін немесе Қазақстан Республикасынан тыс жерде туған",
        ("Ұсынылған деректер анық емес", "Бала толық мемлекет қамқорлығында"),
    ),
    "ru": _Words(
        "Отдел образования города Караганды",
        "Государственная корпорация «Правительство для граждан»",
        "Оператор приема 1",
        "Руководитель отдела",
        "Акимат города Караганды",
        "Решение местного исполнительного органа",
        "Свидетельство о рождении",
        "Удостоверение личности",
        "Решение суда о лишении родительских прав",
        "Договор о лицевом счете",
        "Письменное заявление об отсутствии доходов",
        "ребенок родился до 13 августа 2007 года либо за пределами Республики Казахстан",
        ("Представленные сведения недостоверны", "Ребенок находится на полном государственном обеспечении"),
    ),
}

HANDED_IN = datetime(2026, 11, 26, 5, 15, tzinfo=UTC)
DUE = datetime(2026, 12, 10, 13, 30, tzinfo=UTC)
APPLICANT = ApplicantLine(
    name="Әбдіғалиева Үмітһан Ғаниқызы",
    iin="820504400127",
    birth_date=date(1982, 5, 4),
    address="Қарағанды қ., Бұқар жырау даңғ., 12-үй, 34-пәтер",
    phone="+7 700 000 00 00",
)
CHILDREN = (
    PersonLine(name="Өтегенова Іңкәр Ұланқызы", iin="140317600258", birth_date=date(2014, 3, 17)),
    PersonLine(name="Өтегенов Һәкім Ұланұлы", iin="170901500369", birth_date=date(2017, 9, 1)),
)
SIGNATURE = SignatureLine(signer=APPLICANT.name, signed_at=HANDED_IN)


def _appointment(words: _Words) -> PaperLine:
    return PaperLine(name=words.appointment, number="45/03", issued_on=date(2019, 2, 14), issued_by=words.by)


def papers(language: Language, *, at_counter: bool) -> tuple[PaperLine, ...]:
    """Documents of a package for two children."""
    words, kept = _WORDS[language], (lambda value: value if at_counter else None)
    first, second = (child.name for child in CHILDREN)
    return (
        PaperLine(name=words.card, number="043217785", issued_on=date(2021, 7, 8), copy_kept=kept(False)),
        _appointment(words).model_copy(update={"copy_kept": kept(True)}),
        PaperLine(name=words.birth, number="AB 0123456", child=second, copy_kept=kept(True)),
        PaperLine(
            name=words.court, number="3512-18-00-2/1187", issued_on=date(2018, 10, 30), copy_kept=kept(True)
        ),
        PaperLine(name=words.contract, number="КАР-2026/118", issued_on=date(2026, 11, 20), copy_kept=kept(True)),
        PaperLine(name=words.no_income, child=first, copy_kept=kept(True)),
        PaperLine(name=words.no_income, child=second, copy_kept=kept(True)),
    )


def application(language: Language) -> ApplicationSheet:
    words = _WORDS[language]
    return ApplicationSheet(
        body=words.office,
        registration_number="KRG-2026-000004",
        handed_in_at=HANDED_IN,
        applicant=APPLICANT,
        identity_document=papers(language, at_counter=False)[0],
        children=CHILDREN,
        appointments=(_appointment(words),),
        iban="KZ09TRKK000000012345",
        bank="«Тірек Банкі» АҚ" if language == "kk" else "АО «Тирек Банк»",
        papers=papers(language, at_counter=False),
        signature=SIGNATURE,
    )


def receipt(language: Language) -> AcceptanceReceiptSheet:
    words = _WORDS[language]
    return AcceptanceReceiptSheet(
        registration_number="KRG-2026-000004",
        accepted_at=HANDED_IN,
        due_at=DUE,
        provisional=False,
        office=words.centre,
        issued_at=words.centre,
        officer=words.intake,
        applicant=APPLICANT.name,
        phone=APPLICANT.phone,
        papers=papers(language, at_counter=True),
        gaps=(),
    )


def missing(language: Language) -> tuple[MissingLine, ...]:
    words = _WORDS[language]
    return (
        MissingLine(name=words.birth, child=CHILDREN[1].name, because=words.because),
        MissingLine(name=words.court, child=CHILDREN[0].name, parent=Relation.FATHER),
        MissingLine(name=words.contract),
    )


def refusal(language: Language, *, at_provider: bool = False) -> RefusalSheet:
    words = _WORDS[language]
    return RefusalSheet(
        refused_at=HANDED_IN,
        office=words.office if at_provider else words.centre,
        officer=words.intake,
        applicant=APPLICANT.name,
        address=APPLICANT.address,
        phone=APPLICANT.phone,
        missing=missing(language),
    )


def decision(language: Language) -> DecisionSheet:
    words = _WORDS[language]
    record = PaperLine(name=words.birth, number="AB 0123456", issued_on=date(2017, 9, 12))
    return DecisionSheet(
        decision="KRG-2026-000004/1",
        decided_at=datetime(2026, 12, 3, 9, 40, tzinfo=UTC),
        body=words.office,
        registration_number="KRG-2026-000004",
        applicant=APPLICANT.name,
        applied_at=HANDED_IN,
        appointments=(_appointment(words),),
        children=tuple(
            DecidedChild(
                child=child,
                birth_record=record if child is CHILDREN[1] else None,
                monthly_amount=Decimal(43250) if child is CHILDREN[0] else Decimal("31250.50"),
                starts_on=date(2026, 11, 26),
                ends_on=child.birth_date.replace(year=child.birth_date.year + 18),
            )
            for child in CHILDREN
        ),
        grounds=(),
        head=words.head,
        signature=None,
    )


def refused(language: Language) -> DecisionSheet:
    granted = decision(language)
    children = tuple(
        child.model_copy(update={"monthly_amount": None, "starts_on": None, "ends_on": None})
        for child in granted.children
    )
    signature = SignatureLine(signer="Қасымов Ерлан Әлібекұлы", signed_at=granted.decided_at)
    grounds = _WORDS[language].grounds
    return granted.model_copy(update={"children": children, "grounds": grounds, "signature": signature})


def storage_list(language: Language) -> StorageListSheet:
    words = _WORDS[language]
    names = (APPLICANT.name, "Сәрсенбаев Қуаныш", "Ким Виктория Юрьевна")
    return StorageListSheet(
        list_number="12/2027",
        handed_over_at=datetime(2027, 1, 11, 5, 0, tzinfo=UTC),
        from_office=words.centre,
        to_office=words.office,
        handed_over_by=words.intake,
        received_by=words.head,
        results=tuple(
            StoredResult(
                registration_number=f"KRG-2026-00000{row}",
                decision=f"KRG-2026-00000{row}/1",
                applicant=name,
                ready_at=datetime(2026, 12, 3 + row, 7, 0, tzinfo=UTC),
            )
            for row, name in enumerate(names, start=4)
        ),
    )


def notice(language: Language, kind: NoticeKind = NoticeKind.SUBMISSION_ACCEPTED) -> NoticeSheet:
    words = _WORDS[language]
    is_refused, is_published = kind is NoticeKind.SUBMISSION_REFUSED, kind is NoticeKind.RESULT_PUBLISHED
    return NoticeSheet(
        kind=kind,
        registration_number=None if is_refused else "KRG-2026-000014",
        applicant=APPLICANT.name,
        told_at=HANDED_IN,
        due_at=None if is_refused or is_published else DUE,
        published_at=DUE if is_published else None,
        provisional=kind is NoticeKind.DUE_DATE_MOVED,
        decision="KRG-2026-000014/1" if is_published else None,
        reasons=words.grounds if is_refused else (),
        office=words.office,
    )


def sheet(form: Form, language: Language, content: Content) -> Sheet:
    number = f"KRG-2026-000004-{form}"
    return Sheet(
        form=form,
        language=language,
        title=TITLES[language],
        number=number,
        code="7KMX-94TD-QW2P",
        link="https://tirek.example/d/7KMX-94TD-QW2P",
        content=content,
    )


def samples(language: Language) -> dict[str, Sheet]:
    """Every form, and each kind of it that looks different, by the name of its picture."""
    contents: dict[str, tuple[Form, Content]] = {
        "application": (Form.APPLICATION, application(language)),
        "acceptance-receipt": (Form.ACCEPTANCE_RECEIPT, receipt(language)),
        "refusal-receipt": (Form.REFUSAL_RECEIPT, refusal(language)),
        "refusal-note": (Form.REFUSAL_NOTE, refusal(language, at_provider=True)),
        "decision-granted": (Form.DECISION, decision(language)),
        "decision-refused": (Form.DECISION, refused(language)),
        "storage-list": (Form.STORAGE_LIST, storage_list(language)),
        **{f"notice-{kind}": (Form.NOTICE, notice(language, kind)) for kind in TOLD},
    }
    return {name: sheet(form, language, content) for name, (form, content) in contents.items()}


TOLD = (
    NoticeKind.SUBMISSION_ACCEPTED,
    NoticeKind.SUBMISSION_REFUSED,
    NoticeKind.RESULT_PUBLISHED,
    NoticeKind.DUE_DATE_MOVED,
)
"""What the cabinet is told; every other notice goes to a supervisor, and is no paper."""
