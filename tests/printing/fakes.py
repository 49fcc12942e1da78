"""Stand-ins for printer and store: a sheet as text, and contents in memory."""

import hashlib

from models.errors import UnknownContentError
from models.sheet import Sheet


class FakePrinter:
    """Prints a sheet as its JSON. `edition`: another one makes other bytes, as a new template would."""

    def __init__(self, edition: int = 1) -> None:
        self.edition = edition
        self.sheets: list[Sheet] = []

    def print(self, sheet: Sheet) -> bytes:
        self.sheets.append(sheet)
        return f"%PDF-fake {self.edition}\n{sheet.model_dump_json()}".encode()


class FakeStore:
    """Contents by their hash, until it is full."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.is_full = False

    def put(self, content: bytes) -> str:
        if self.is_full:
            raise OSError("the store is full")
        sha256 = hashlib.sha256(content).hexdigest()
        self.contents[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.contents:
            raise UnknownContentError("there is no such file")
        return self.contents[sha256]

    def holds(self, sha256: str) -> bool:
        return sha256 in self.contents
