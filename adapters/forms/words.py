"""How the forms say days, times and amounts, in Kazakh and in Russian.

Times are those of Karaganda (Asia/Almaty). Amounts are KZT, in figures grouped by no-break spaces and in words.
"""

from datetime import date, datetime
from decimal import Decimal

from num2words import num2words

from models.data import ALMATY
from models.sheet import Language

NBSP = "\N{NO-BREAK SPACE}"
_KK_MONTHS = (
    ("қаңтар", "дан", "ға"),
    ("ақпан", "нан", "ға"),
    ("наурыз", "дан", "ға"),
    ("сәуір", "ден", "ге"),
    ("мамыр", "дан", "ға"),
    ("маусым", "нан", "ға"),
    ("шілде", "ден", "ге"),
    ("тамыз", "дан", "ға"),
    ("қыркүйек", "тен", "ке"),
    ("қазан", "нан", "ға"),
    ("қараша", "дан", "ға"),
    ("желтоқсан", "нан", "ға"),
)
"""Each month with its endings for "from" and "until": the day of a date in Kazakh has none, its month has."""
_RU_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_NUM2WORDS = {"kk": "kz", "ru": "ru"}
"""What the package calls the two languages."""


def told_day(day: date, language: Language) -> dict[str, str]:
    """A date, as `long` (2026 жылғы 26 қараша), `short` (26.11.2026), `since` and `until` in a sentence."""
    short = f"{day:%d.%m.%Y}"
    if language == "ru":
        long = f"{day.day}{NBSP}{_RU_MONTHS[day.month - 1]} {day.year}{NBSP}года"
        return {"long": long, "short": short, "since": f"с{NBSP}{long}", "until": f"по{NBSP}{long}"}
    month, since, until = _KK_MONTHS[day.month - 1]
    long = f"{day.year}{NBSP}жылғы {day.day}{NBSP}{month}"
    return {"long": long, "short": short, "since": f"{long}{since} бастап", "until": f"{long}{until} дейін"}


def told_instant(at: datetime, language: Language) -> dict[str, str]:
    """The day of an instant, its `time` (10:15), and `at`, both as a sentence says them."""
    local = at.astimezone(ALMATY)
    day, time = told_day(local.date(), language), f"{local:%H:%M}"
    return {**day, "time": time, "at": f"{day['long']}{', сағат' if language == 'kk' else ' в'}{NBSP}{time}"}


def told_amount(amount: Decimal, language: Language) -> dict[str, str]:
    """KZT, as `figures` (43 250) and `full` (43 250 (қырық үш мың екі жүз елу) теңге).

    ValueError where it is below nothing or has parts of a tiyn: no paper may round an allowance.
    """
    tiyn = amount * 100
    if tiyn != tiyn.to_integral_value() or tiyn < 0:
        raise ValueError("an amount is whole tiyn, and not below nothing")
    whole, part = divmod(int(tiyn), 100)
    figures = f"{whole:,}".replace(",", NBSP)
    full = f"{figures} ({in_words(whole, language)}) {'теңге' if language == 'kk' else 'тенге'}"
    if not part:
        return {"figures": figures, "full": full}
    return {"figures": f"{figures},{part:02}", "full": f"{full} {part:02}{NBSP}{_tiyn(part, language)}"}


def in_words(number: int, language: Language) -> str:
    """A number from nothing up, in words; in Russian as it counts tenge (один, два)."""
    return num2words(number, lang=_NUM2WORDS[language])


def _tiyn(count: int, language: Language) -> str:
    """Of the two, tiyn alone has a plural in Russian."""
    if language == "kk" or (count % 10 == 1 and count != 11):
        return "тиын"
    return "тиына" if count % 10 in (2, 3, 4) and count not in (12, 13, 14) else "тиынов"
