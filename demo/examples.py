"""Valid inputs with synthetic people, for trials: `starter.py example`."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from adapters.host_clock import host_today
from adapters.registers.synthetic import make_iban, make_iin, person_of, serial_of
from adapters.settings import load_settings
from models.errors import MalformedError
from models.evidence import MediaType
from models.lifecycle import Channel, Command
from models.messages import Submit
from models.package import examine
from models.regulation import PackageItem, Regulation
from models.request import Request
from models.signature import signed_content

_DAYS_OF_A_YEAR = 365.25


@dataclass
class Wish:
    """What an example should be like. `behaviour`: how the registers answer for the children.

    `signatures`: the folder of the stand-in authority that signs a request; None: that of the settings.
    """

    channel: Channel = Channel.STATE_CORPORATION
    children: int | None = None
    born: date | None = None
    place: str = "kz"
    missing: Sequence[str] = ()
    behaviour: str | None = None
    signatures: Path | None = None
    today: date = field(default_factory=host_today)
    random: Random = field(default_factory=Random)


def make_example(name: Command, wish: Wish, regulation: Regulation) -> dict[str, Any]:
    """A valid input of a command, as JSON data; wrong only by what `missing` takes out."""
    if wish.children is not None and not 1 <= wish.children <= 20:
        raise MalformedError("--children: from 1 to 20", [("children", "from 1 to 20")])
    maker = _MAKERS.get(name)
    return maker(wish, regulation) if maker else {}


def _ticket(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    if wish.channel is Channel.PORTAL:
        reason = "a ticket is for a counter: state-corporation or provider"
        raise MalformedError(f"--channel: {reason}", [("channel", reason)])
    return {"channel": wish.channel, "office": regulation.offices_of(wish.channel)[0].code}


def _request(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    applicant = _person(_birth_date(wish, 28, 60), wish)
    children = [_child(wish) for _ in range(wish.children or 1)]
    request: dict[str, Any] = {
        "channel": wish.channel,
        "language": "kk",
        "applicant": applicant | {"address": "Қарағанды қ., Тірек көшесі, 1", "phone": "+7 700 000 00 00"},
        "children": children,
        "account": {"iban": make_iban(wish.random), "bank": "Үлгі банк"},
        "documents": [],
    }
    items = regulation.items(wish.channel)
    request["documents"] = [
        _document(item, child, request, wish) for item, child in _needed(items, request, wish, regulation)
    ]
    if "bank-account-contract" in wish.missing:
        request["account"] = None
    return request


def _needed(
    items: Sequence[PackageItem], request: dict[str, Any], wish: Wish, regulation: Regulation
) -> list[tuple[PackageItem, int | None]]:
    """What the rules themselves say that this request needs, less what should be missing."""
    left_out = _left_out(items, wish)
    required = examine(Request.model_validate(request), wish.channel, regulation).required
    by_code = {item.item: item for item in items}
    pairs = dict.fromkeys((needed.item, needed.child) for needed in required)
    return [(by_code[code], child) for code, child in pairs if code not in left_out]


def _left_out(items: Sequence[PackageItem], wish: Wish) -> set[str]:
    """The items that --missing names, by the item itself or by a kind of paper of it."""
    names = {name: item.item for item in items for name in (item.item, *(kind.kind for kind in item.kinds))}
    for name in wish.missing:
        if name not in names:
            allowed = ", ".join(sorted(names))
            raise MalformedError(f"--missing: {name} is none of {allowed}", [("missing", allowed)])
    return {names[name] for name in wish.missing}


def _document(item: PackageItem, child: int | None, request: dict[str, Any], wish: Wish) -> dict[str, Any]:
    kind = wish.random.choice(item.kinds).kind
    more: dict[str, Any] = {}
    if item.item == "child-income":
        more["monthly_income"] = "0.00" if kind == "no-income-statement" else "18500.00"
    if wish.channel is not Channel.PORTAL:
        is_kept = item.item != "identity-document"
        more["original"] = {"shown": True, "copy_kept": is_kept, "returned": True}
    parents = request["children"][(child or 1) - 1]["parents"] if item.per == "parent" else []
    return {
        "kind": kind,
        "child": child,
        "parents": parents,
        "number": str(wish.random.randrange(100_000, 999_999)),
        "issued_on": (wish.today - timedelta(days=wish.random.randrange(30, 300))).isoformat(),
        "issued_by": "Үлгі мекеме",
        **more,
    }


def _child(wish: Wish) -> dict[str, Any]:
    while True:
        born = wish.born or _birth_date(wish, 2, 16)
        parents = wish.random.choice([["mother"], ["mother", "father"]])
        try:
            return _person(born, wish, wish.behaviour) | {"birth_place": wish.place, "parents": parents}
        except ValueError as error:
            if wish.born:
                raise MalformedError(f"--born: {error}", [("born", str(error))]) from error
            # Nobody of that day has such an IIN: a child of another day.


def _person(born: date, wish: Wish, behaviour: str | None = None) -> dict[str, Any]:
    serial = serial_of(behaviour) if behaviour else None
    iin = make_iin(born, wish.random, masculine=wish.random.random() < 0.5, serial=serial)
    person = person_of(iin)
    return {
        "iin": iin,
        "surname": person.surname,
        "name": person.name,
        "patronymic": person.patronymic,
        "birth_date": born.isoformat(),
    }


def _birth_date(wish: Wish, youngest: int, oldest: int) -> date:
    days = wish.random.randrange(int(youngest * _DAYS_OF_A_YEAR), int(oldest * _DAYS_OF_A_YEAR))
    return wish.today - timedelta(days=days)


def _handed_in(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    return _request(wish, regulation) | {"originals_compared": True, "originals_returned": True}


def _refuse_intake(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    """Only an incomplete package can be refused: without --missing it lacks the account's contract."""
    wish.missing = wish.missing or ("bank-account-contract",)
    return _handed_in(wish, regulation)


def _submit(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    wish.channel = Channel.PORTAL
    return signed(Request.model_validate(_request(wish, regulation)), signatures=wish.signatures)


def signed(request: Request, signer: str | None = None, *, signatures: Path | None = None) -> dict[str, Any]:
    """A request as for `submit`, signed by a stand-in authority in the applicant's name or another's."""
    from adapters.signatures.stand_in.authority import StandInAuthority

    content = request.model_dump(mode="json", include=set(Request.model_fields)) | {"channel": Channel.PORTAL}
    text = signed_content(Request.model_validate(content))
    authority = StandInAuthority.of(signatures or load_settings().signature_stand_in)
    return content | {"signature": authority.sign(text, signer or request.applicant.iin)}


def signed_again(request: dict[str, Any], signer: str, *, signatures: Path | None = None) -> dict[str, Any]:
    """An example for `submit`, signed by somebody else instead."""
    return signed(Submit.model_validate(request), signer, signatures=signatures)


def _prepare_decision(wish: Wish, regulation: Regulation) -> dict[str, Any]:
    """With --children, an amount of its own for each; without, the policy's for all, if it knows the year."""
    is_known = regulation.amount.monthly(wish.today.year) is not None
    count = wish.children or (0 if is_known else 1)
    starts_on = wish.today.replace(day=1)
    period = {"starts_on": starts_on.isoformat(), "ends_on": starts_on.replace(month=12, day=31).isoformat()}
    special = [
        {"child": child, "monthly_amount": "43250.00", "reason": "Үлгі: сома маманмен белгіленді"}
        for child in range(1, count + 1)
    ]
    return {"verdict": "grant", "period": period, "children": special, "grounds": []}


_IDENTITY_CARD = {"kind": "identity-card", "number": "000000001"}

_SCAN = {
    "kind": "bank-account-contract",
    "child": None,
    "sha256": hashlib.sha256(b"an example of a scan").hexdigest(),
    "media_type": MediaType.PDF,
    "size": 52_000,
}

_MAKERS: dict[Command, Callable[[Wish, Regulation], dict[str, Any]]] = {
    Command.TAKE_TICKET: _ticket,
    Command.SUBMIT: _submit,
    Command.LOOK_UP: _request,
    Command.ACCEPT: _handed_in,
    Command.REFUSE_INTAKE: _refuse_intake,
    Command.ATTACH: lambda _wish, _regulation: _SCAN,
    Command.PREPARE_DECISION: _prepare_decision,
    Command.REASSIGN: lambda _wish, _regulation: {"to": "specialist-2"},
    Command.RETURN_DRAFT: lambda _wish, _regulation: {"reason": "Үлгі: төлем кезеңін нақтылау қажет"},
    Command.COLLECT: lambda _wish, _regulation: {
        "receipt_shown": True,
        "collected_by": "applicant",
        "identity_document": _IDENTITY_CARD,
        "power_of_attorney": None,
    },
    Command.HAND_OVER: lambda _wish, _regulation: {
        "list_number": "T-1",
        "received_by": "education-intake-1",
    },
    Command.WITHDRAW: lambda _wish, _regulation: {"reason": "Үлгі: өтініш беруші кері алды"},
}
