"""The shipped regulation files, with something of the registers set otherwise."""

from pathlib import Path
from typing import Any

import yaml

from adapters.settings import ROOT

_SHIPPED = ROOT / "regulations"


def with_registers(folder: Path, **registers: Any) -> Path:
    """Write them into a new folder; what is given stands in `registers` of every regulation."""
    (folder / "calendars").mkdir(parents=True)
    for path in [*_SHIPPED.glob("*.yaml"), *_SHIPPED.glob("calendars/*.yaml")]:
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "registers" in content:
            content["registers"] |= registers
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / path.relative_to(_SHIPPED)).write_text(text, encoding="utf-8")
    return folder
