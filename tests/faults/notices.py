"""Compares the notices that have left the house with those that histories made."""

import json
from pathlib import Path

from desk.deriving import derive
from models.outbound import Notice
from tests.faults.premises import Premises


async def notice_differences(here: Premises, execution: str) -> list[str]:
    """What the folder of sent notices and the history say differently; none: exactly the right ones have left."""
    history = await here.client.get_workflow_handle(execution).fetch_history()
    derived = await derive(history, here.ring)
    due = {_file(execution, notice): notice for notice in derived.notices} if derived else {}
    sent = {path.name: path for path in (here.settings.data / "notices").glob(f"{execution}_*.json")}
    missing = [f"{execution}: {name} has not left the house" for name in due.keys() - sent.keys()]
    surplus = [f"{execution}: {name} left the house, and history lacks it" for name in sent.keys() - due.keys()]
    others = [
        f"{execution}: {name} says something else than history"
        for name in due.keys() & sent.keys()
        if not _says(sent[name], due[name])
    ]
    return [*missing, *surplus, *others]


def _file(execution: str, notice: Notice) -> str:
    return f"{execution}_{notice.fact}_{notice.kind}_{notice.recipient}.json"


def _says(path: Path, notice: Notice) -> bool:
    content = json.loads(path.read_text(encoding="utf-8"))
    return notice.model_dump(mode="json").items() <= content.items()
