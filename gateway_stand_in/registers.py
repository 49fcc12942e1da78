"""The registers behind the stand-in: what each of the four services answers, as the elements of its data."""

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from adapters.host_clock import host_now
from adapters.registers.synthetic import birth_of
from gateway_stand_in.certificates import SERVICES
from gateway_stand_in.messages import Asked, data
from gateway_stand_in.names import FaultError
from gateway_stand_in.people import People
from models.data import local_iso
from models.identifiers import check_iban, check_iin
from models.registers import LifeStatus, PersonEntry, Register

_LIFE = {LifeStatus.ALIVE: "0", LifeStatus.DEAD: "1", LifeStatus.MISSING: "2", LifeStatus.UNKNOWN: "9"}


@dataclass(frozen=True)
class Wish:
    """What the register is told to say: nothing, another name, or somebody else."""

    is_unknown: bool = False
    is_different: bool = False
    is_other: bool = False


def register_of(asked: Asked) -> Register:
    """The register that is asked. FaultError: SCE004 for a service that is not here, SCE001 for a question of
    another register's, and for a number in it that cannot be right."""
    register = next((one for one in Register if SERVICES[one]["service"] == asked.service), None)
    if register is None:
        raise FaultError("SCE004", "there is no such service")
    if asked.question != f"{{{_ANSWERS[register][0]}}}{_QUESTIONS[register]}":
        raise FaultError("SCE001", "the data are not a question of this service")
    try:
        check_iin(asked.fields.get("req_iin", whom(asked)))
        if "IBAN" in asked.fields:
            check_iban(asked.fields["IBAN"])
    except ValueError as error:
        raise FaultError("SCE001", str(error)) from None
    return register


def whom(asked: Asked) -> str:
    """The IIN that a message is about; of a guardianship the child's. FaultError SCE001 where it is none."""
    for name in ("child_iin", "iin", "IIN"):
        if name in asked.fields:
            try:
                return check_iin(asked.fields[name])
            except ValueError as error:
                raise FaultError("SCE001", f"{name}: {error}") from None
    raise FaultError("SCE001", "the data name no IIN")


def answer(asked: Asked, register: Register, people: People, wish: Wish) -> str:
    """The data of a register's answer to a question that was checked."""
    namespace, kind, fields = _ANSWERS[register]
    return data(namespace, kind, fields(asked, people, wish), is_text=asked.is_text)


def _person(asked: Asked, people: People, wish: Wish) -> str:
    about = _about(asked, people, wish)
    found = "" if about is None else f"<person>{_fields(about, _OF_PERSONS)}{_life(about)}</person>"
    return (
        f"<messageId>{escape(asked.message_id)}</messageId><messageDate>{local_iso(host_now())}</messageDate>"
        "<sender>STAND-IN</sender><messageResult><code>00000</code><nameRu>Обработано</nameRu>"
        f"<nameKz>Өңделді</nameKz></messageResult><persons>{found}</persons>"
    )


def _birth(asked: Asked, people: People, wish: Wish) -> str:
    child = _about(asked, people, wish)
    if child is None or child.iin is None:
        return ""
    record = people.birth(child.iin)
    if record is None:
        return ""
    parts = {"child": child, "mother": record.mother, "father": record.father}
    named = "".join(f"<{name}>{_fields(one, _OF_BIRTHS)}</{name}>" for name, one in parts.items() if one)
    return (
        f"<zags>РАГС</zags><numberAkt>{escape(record.act_number)}</numberAkt>"
        f"<regDate>{record.act_date.isoformat()}</regDate>{named}"
    )


def _guardianship(asked: Asked, people: People, wish: Wish) -> str:
    child = _about(asked, people, wish)
    if child is None or child.iin is None:
        return "<result_code>0</result_code>"
    found = people.guardianship(asked.fields["req_iin"], child.iin)
    if found is None:
        return "<result_code>0</result_code>"
    ended = f"<guardianship_end_date>{found.ended_on}</guardianship_end_date>" if found.ended_on else ""
    return (
        f"<result_code>1</result_code>{_fields(found.guardian, _of_guardianships('req'))}"
        f"{_fields(child, _of_guardianships('child'))}<decision_number>{escape(found.decision_number or '')}"
        f"</decision_number><decision_issuedate>{found.decision_date}</decision_issuedate>{ended}"
    )


def _account(asked: Asked, people: People, wish: Wish) -> str:
    order = f"<OrderNumber>{escape(asked.fields['OrderNumber'])}</OrderNumber>"
    iban = asked.fields["IBAN"]
    found = None if wish.is_unknown else people.account(whom(asked), iban)
    if found is None:
        return f"{order}<Status>1</Status>"
    told = "KZ00999" + iban[7:] if wish.is_other else iban
    bank = f"<BranchName>{escape(found.bank)}</BranchName>" if found.bank else ""
    return f"{bank}{order}<Status>{0 if found.is_open else 2}</Status><IBAN>{told}</IBAN>"


def _about(asked: Asked, people: People, wish: Wish) -> PersonEntry | None:
    """Whom the register answers about; None: it knows nobody."""
    iin = whom(asked)
    if wish.is_unknown:
        return None
    if wish.is_other:
        mother = birth_of(iin).mother
        return people.person(mother.iin) if mother and mother.iin else None
    entry = people.person(iin)
    return entry.model_copy(update={"name": f"{entry.name}жан"}) if wish.is_different else entry


_OF_PERSONS = ("iin", "surname", "name", "patronymic", "birthDate")
_OF_BIRTHS = ("iin", "surname", "name", "secondname", "birthDate")


def _of_guardianships(who: str) -> tuple[str, ...]:
    return tuple(f"{who}_{name}" for name in ("iin", "surname", "name", "patronymic", "birthday"))


def _fields(entry: PersonEntry, names: tuple[str, ...]) -> str:
    """A person's elements; what is not known has none."""
    values = (entry.iin, entry.surname, entry.name, entry.patronymic, entry.birth_date)
    given = [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in given)


def _life(entry: PersonEntry) -> str:
    code = _LIFE.get(entry.life_status) if entry.life_status else None
    return "" if code is None else f"<lifeStatus><code>{code}</code></lifeStatus>"


_ANSWERS: dict[Register, tuple[str, str, Callable[[Asked, People, Wish], str]]] = {
    Register.PERSON: ("http://message.persistence.interactive.nat", "Response", _person),
    Register.BIRTH: ("http://birth.info.zags.kz", "BirthAktRecord", _birth),
    Register.GUARDIANSHIP: (
        "http://helpers.guardianship.service.akimat.shep.nit",
        "GetGuardianshipResponse",
        _guardianship,
    ),
    Register.ACCOUNT: ("http://epay.gov.kz/IBANService", "PEP_IBANCheckResponse", _account),
}
"""Of each register the namespace of its data, the name of its answer, and who makes it."""

_QUESTIONS = {
    Register.PERSON: "Request",
    Register.BIRTH: "BirthRequest",
    Register.GUARDIANSHIP: "GetGuardianship",
    Register.ACCOUNT: "PEP_IBANCheckRequest",
}
