"""Why a request through the portal was refused, as its notice tells it to the applicant (R15, R19)."""

from collections.abc import Mapping, Sequence

from desk.printing.lines import missing_lines
from desk.printing.source import Source
from models.data import Text
from models.signature import Flaw

_WORDS: Mapping[str, Text] = {
    "incomplete-package": Text(
        kk="Құжаттар топтамасы толық ұсынылмаған",
        ru="Представлен неполный пакет документов",
        en="The package is not complete",
    ),
    "no-signature": Text(
        kk="Сұранысқа өтініш берушінің ЭЦҚ қойылмаған",
        ru="Запрос не подписан ЭЦП заявителя",
        en="The request is not signed",
    ),
    "signature-of-another": Text(
        kk="Сұранысқа өтініш берушіден басқа адам қол қойған",
        ru="Запрос подписан не заявителем",
        en="Somebody else has signed the request",
    ),
    "child-has-open-application": Text(
        kk="Осы бала бойынша өтініш қаралып жатыр",
        ru="По этому ребенку уже рассматривается заявление",
        en="A child has an open application already",
    ),
    Flaw.MALFORMED: Text(kk="Қол қою оқылмайды", ru="Подпись не читается", en="The signature cannot be read"),
    Flaw.OTHER_CONTENT: Text(
        kk="Қол басқа мәтінге қойылған", ru="Подписан другой текст", en="Another text was signed"
    ),
    Flaw.INVALID: Text(
        kk="Қол осы сұранысқа сәйкес келмейді",
        ru="Подпись не соответствует этому запросу",
        en="The signature does not belong to this request",
    ),
    Flaw.EXPIRED: Text(
        kk="Қол қою кезінде сертификат күшінде болмаған",
        ru="Сертификат не действовал в момент подписания",
        en="The certificate was not in force",
    ),
    Flaw.REVOKED: Text(kk="Сертификат қайтарып алынған", ru="Сертификат отозван", en="The certificate is revoked"),
    Flaw.UNTRUSTED: Text(
        kk="Сертификатты сенімді куәландырушы орталық бермеген",
        ru="Сертификат выдан не доверенным удостоверяющим центром",
        en="The certificate is of nobody whom we trust",
    ),
    Flaw.BROKEN_CHAIN: Text(
        kk="Сертификаттар тізбегі үзілген",
        ru="Цепочка сертификатов нарушена",
        en="The chain of certificates is broken",
    ),
    Flaw.WRONG_USAGE: Text(
        kk="Сертификат қол қоюға арналмаған",
        ru="Сертификат не предназначен для подписи",
        en="The certificate is not for signing",
    ),
    Flaw.NO_PERSON: Text(kk="Сертификатта ЖСН жоқ", ru="В сертификате нет ИИН", en="The certificate has no IIN"),
    Flaw.ALGORITHM: Text(
        kk="Қол қою алгоритмі қабылданбайды",
        ru="Алгоритм подписи не принимается",
        en="The algorithm is not accepted",
    ),
    Flaw.GOST: Text(
        kk="ГОСТ бойынша қол қоюды бұл жерде тексеру мүмкін емес",
        ru="Подпись по ГОСТ здесь проверить нельзя",
        en="A GOST signature cannot be checked here",
    ),
}


def reasons_of(source: Source) -> tuple[str, ...]:
    """Each reason in the words of the notice's language, with what is missing by name."""
    told: list[str] = []
    for code, subjects in source.fact.details.items():
        if isinstance(subjects, list):
            words = source.told(_WORDS[code]) if code in _WORDS else code
            about = _subjects(source, code, [str(one) for one in subjects])
            told.append(f"{words}: {', '.join(about)}" if about else words)
    return tuple(told)


def _subjects(source: Source, code: str, subjects: Sequence[str]) -> Sequence[str]:
    if code != "incomplete-package":
        return subjects
    return [f"{line.name} ({line.child})" if line.child else line.name for line in missing_lines(source)]
