"""A sheet as a template gets it: plain JSON in which every day, time and amount is already said in words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from adapters.forms.letters import literal
from adapters.forms.qr import qr_svg
from adapters.forms.words import told_amount, told_day, told_instant
from models.data import Data
from models.sheet import Language, Sheet


def fields_of(sheet: Sheet) -> dict[str, Any]:
    """The sheet's own names, with `qr` beside them; ValueError of an amount or a link that cannot be printed.

    A template meets no value in any other way, and none as a part of its own text.
    """
    return {**_told(sheet, sheet.language), "qr": qr_svg(sheet.link)}


def _told(value: Any, language: Language) -> Any:
    match value:
        case Data():
            return {name: _told(getattr(value, name), language) for name in type(value).model_fields}
        case tuple():
            return [_told(item, language) for item in value]
        case date() | Decimal():
            return _said(value, language)
        case str():
            return literal(value)
        case _:
            return value


def _said(value: date | Decimal, language: Language) -> dict[str, str]:
    if isinstance(value, Decimal):
        return told_amount(value, language)
    return told_instant(value, language) if isinstance(value, datetime) else told_day(value, language)
