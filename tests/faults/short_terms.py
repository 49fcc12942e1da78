"""Regulations whose provider closes in a few minutes, so that many limits end at one instant of today."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from adapters.host_clock import host_now
from adapters.settings import ROOT
from models.data import ALMATY

_SHIPPED = ROOT / "regulations"
_SATURDAY = 5


def closing_in(seconds: float) -> datetime:
    """A full second of today in Karaganda, so far ahead; ValueError within that time of midnight."""
    closes = (host_now() + timedelta(seconds=seconds)).astimezone(ALMATY).replace(microsecond=0)
    if closes.date() != host_now().astimezone(ALMATY).date():
        raise ValueError("midnight in Karaganda is too near")
    return closes


def write_regulations(folder: Path, closes: datetime, *, opens: datetime | None = None) -> Path:
    """The shipped files, but who waits at the provider waits until it closes, today, whatever day it is.

    Where it does not say when it opens, nobody is warned on the way.
    """
    (folder / "calendars").mkdir(parents=True)
    for path in _SHIPPED.glob("*.yaml"):
        _write(folder / path.name, _closing(_read(path), opens, closes))
    for path in (_SHIPPED / "calendars").glob("*.yaml"):
        _write(folder / "calendars" / path.name, _working(_read(path), closes))
    return folder


def _closing(regulation: dict[str, Any], opens: datetime | None, closes: datetime) -> dict[str, Any]:
    regulation["clocks"]["waiting"]["terms"]["provider"] = {"working_days": 1, "first_day": "same"}
    if opens is None:
        regulation["clocks"]["waiting"]["warnings"] = []
    for office in regulation["offices"]:
        if office["channel"] == "provider":
            opened = f"{opens:%H:%M:%S}" if opens else "00:00:00"
            office["weekdays"] = {"opens": opened, "closes": f"{closes:%H:%M:%S}"}
    return regulation


def _working(calendar: dict[str, Any], closes: datetime) -> dict[str, Any]:
    """Today is a working day: an entry says so at the weekend, and none says otherwise in the week."""
    today = closes.date().isoformat()
    entries = [entry for entry in calendar["entries"] if entry["date"] != today]
    if closes.weekday() >= _SATURDAY:
        entries.append({"date": today, "kind": "working", "name": "test"})
    return calendar | {"entries": entries}


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
