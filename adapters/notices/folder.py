"""Delivers notices into a folder, one JSON file each: what a pick-up by another program needs, no more."""

import json
import os
from pathlib import Path

from models.outbound import Notice


class FolderNoticeSender:
    """`NoticeSender` into a folder; the same message id again writes the same file again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {"id": message_id, "application": application, **notice.model_dump(mode="json")}
        target = self._folder / f"{message_id.replace('/', '_')}.json"
        draft = target.with_suffix(f".{os.getpid()}.part")  # another worker may deliver it at the same time
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
        draft.replace(target)  # whoever watches the folder never sees half a file
