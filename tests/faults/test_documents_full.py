"""The disk is full under the store of documents: nothing is left of what does not fit, and what is there stays."""

from pathlib import Path

import pytest

from adapters.documents.places import Folder
from adapters.documents.store import EncryptedDocumentStore
from adapters.keys import KeyRing
from models.errors import UnavailableError
from tests.faults.small_disk import small_disk

LARGE = b"x" * 3_000_000


class TestDocumentsFull:
    """A put is wholly there or not at all."""

    def test_put(self, tmp_path: Path, key_ring: KeyRing) -> None:
        """It is told, the room is free again, and the same file is taken once there is room."""
        with small_disk(tmp_path / "disk", 4) as disk:
            store = EncryptedDocumentStore(Folder(disk.root / "documents"), key_ring)
            kept = store.put(b"small")
            disk.fill()
            before = sorted(disk.root.rglob("*"))
            with pytest.raises(UnavailableError, match="No space left on device"):
                store.put(LARGE)
            assert sorted(disk.root.rglob("*")) == before
            assert store.get(kept) == b"small"
            disk.free()
            assert store.get(store.put(LARGE)) == LARGE
            with pytest.raises(UnavailableError, match="No space left on device"):
                store.put(LARGE + b"y")
            assert list((disk.root / "documents" / "incoming").iterdir()) == []
