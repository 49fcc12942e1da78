"""Places for documents: a folder, and a bucket behind HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.documents.opening import open_documents
from adapters.documents.places import Folder
from adapters.keys import KeyRing
from adapters.settings import Settings
from tests.documents.buckets import BUCKET, Bucket, running_bucket
from tests.documents.stores import Kept


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with running_bucket() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "documents"


@pytest.fixture
def in_folder(folder: Path, key_ring: KeyRing) -> Kept:
    def objects() -> dict[str, bytes]:
        return {f"{one.parent.name}/{one.name}": one.read_bytes() for one in folder.glob("??/*")}

    return Kept(Folder(folder), key_ring, objects)


@pytest.fixture
def in_bucket(bucket: Bucket, key_ring: KeyRing) -> Kept:
    store = open_documents(Settings(documents_url=f"s3://{BUCKET}/tirek"), key_ring)
    return Kept(
        store._place, key_ring, lambda: {key.removeprefix("tirek/"): data for key, data in bucket.objects.items()}
    )


@pytest.fixture(params=["in_folder", "in_bucket"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each kind of place in turn."""
    return request.getfixturevalue(request.param)
