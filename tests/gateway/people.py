"""Made-up people, and what the registers tell of them: the elements of each answer."""

from datetime import date

from models.identifiers import check_iban, iban_remainder, iin_check_digit
from models.registers import AccountEntry, BirthRecord, Guardianship, LifeStatus, PersonEntry
from tests.gateway.answering import asked_in, nested, response

PERSONS = "http://message.persistence.interactive.nat"
BIRTHS = "http://birth.info.zags.kz"
GUARDIANSHIPS = "http://helpers.guardianship.service.akimat.shep.nit"
ACCOUNTS = "http://epay.gov.kz/IBANService"


def _iin(first: str) -> str:
    return f"{first}{iin_check_digit(first)}"


def _iban(account: str) -> str:
    check = 98 - iban_remainder(f"KZ00{account}")
    return check_iban(f"KZ{check:02}{account}")


WOMAN = _iin("87041230041")
CHILD = _iin("18030550123")
STRANGER = _iin("90010135012")
IBAN = _iban("125KZT5004100100")
OTHER_IBAN = _iban("125KZT5004100101")
SECRETS = (WOMAN, CHILD, STRANGER, IBAN, "Әбілқасымқызы", "Ұлжан", "Ахметова", "Өмірзақ")
"""None of these may ever stand in a log."""


def person(iin: str = WOMAN, status: str = "0", surname: str = "Әбілқасымқызы") -> str:
    """One person of the register of persons, with more than is read of them."""
    return (
        f"<person><iin>{iin}</iin><surname>{surname}</surname><name>Ұлжан</name><patronymic>Іңкәрқызы</patronymic>"
        "<engFirstName>Ulzhan</engFirstName><birthDate>1987-04-12</birthDate>"
        f"<lifeStatus><code>{status}</code><nameRu>Нормальный</nameRu></lifeStatus>"
        "<documents><document><type><code>002</code></type><surname>Ахметова</surname></document></documents>"
        "<removed>false</removed></person>"
    )


def persons(*found: str, result: str = "00000") -> str:
    """The fields of a Response."""
    return (
        "<messageId>r-1</messageId><messageDate>2026-11-26T09:00:00+05:00</messageDate><requestId>1</requestId>"
        f"<sender>GBDFL</sender><messageResult><code>{result}</code><nameRu>Обработано</nameRu></messageResult>"
        f"<persons>{''.join(found)}</persons>"
    )


def person_data(*found: str, result: str = "00000") -> str:
    """The same as nested data."""
    return nested(PERSONS, "Response", persons(*(found or (person(),)), result=result))


def content(came: bytes, data: str | None = None) -> str:
    """What a Body holds that answers to the message which came: about the woman, or these data."""
    return response(data or person_data(), asked_in(came))


WOMAN_ENTRY = PersonEntry(
    iin=WOMAN,
    surname="Әбілқасымқызы",
    name="Ұлжан",
    patronymic="Іңкәрқызы",
    birth_date=date(1987, 4, 12),
    life_status=LifeStatus.ALIVE,
)

BIRTH = (
    f"<zags>РАГС</zags><numberAkt>10-045-18-0000123</numberAkt><regDate>2018-03-12+06:00</regDate>"
    f"<child><iin>{CHILD}</iin><surname>Өмірзақ</surname><name>Әли</name><birthDate>2018-03-05</birthDate></child>"
    f"<mother><iin>{WOMAN}</iin><surname>Ахметова</surname><name>Ұлжан</name><secondname>Іңкәрқызы</secondname>"
    "<birthDate>1987-04-11T19:00:00Z</birthDate></mother><father><iin/><surname></surname></father>"
)
BIRTH_RECORD = BirthRecord(
    act_number="10-045-18-0000123",
    act_date=date(2018, 3, 12),
    child=PersonEntry(iin=CHILD, surname="Өмірзақ", name="Әли", birth_date=date(2018, 3, 5)),
    mother=PersonEntry(
        iin=WOMAN, surname="Ахметова", name="Ұлжан", patronymic="Іңкәрқызы", birth_date=date(1987, 4, 12)
    ),
)

GUARDIANSHIP = (
    f"<result_code>1</result_code><id>77</id><req_iin>{WOMAN}</req_iin><req_surname>Ахметова</req_surname>"
    f"<child_iin>{CHILD}</child_iin><child_name>Әли</child_name><child_birthday>2018-03-05</child_birthday>"
    "<decision_number>А-12/345</decision_number><decision_issuedate>2026-02-03</decision_issuedate>"
    "<guardianship_end_date/>"
)
APPOINTMENT = Guardianship(
    guardian=PersonEntry(iin=WOMAN, surname="Ахметова"),
    child=PersonEntry(iin=CHILD, name="Әли", birth_date=date(2018, 3, 5)),
    decision_number="А-12/345",
    decision_date=date(2026, 2, 3),
)


def account(order: str, iban: str = IBAN, status: str = "0") -> str:
    return (
        f"<BranchName>АО «Народный банк»</BranchName><OrderNumber>{order}</OrderNumber>"
        f"<Status>{status}</Status><IBAN>{iban}</IBAN>"
    )


ACCOUNT = AccountEntry(iban=IBAN, is_open=True, bank="АО «Народный банк»")
