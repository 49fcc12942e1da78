"""The journal of a seeded application: facts chained by hash as `models/journal.py` does it, only faster."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from models.journal import FactName
from models.lifecycle import Stage

Row = dict[str, Any]

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def fact_row(number: int, at: datetime, name: FactName, by: str, stage: Stage, details: Row, previous: str) -> Row:
    """One fact as a row, without its application; its instant in whole seconds."""
    cause = f"seed:{name}"
    utc = at.astimezone(UTC)
    content = {
        "number": number,
        "at": f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        "fact": name,
        "by": by,
        "cause": cause,
        "stage": stage,
        "details": details,
        "previous": previous,
    }
    digest = hashlib.sha256(_encode(content).encode()).hexdigest()
    return {**content, "at": utc, "hash": digest}
