"""What is particular to a folder and to a bucket: drafts of writers that died, who may look, what is away."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from adapters.documents.opening import open_documents
from adapters.documents.places import Folder
from adapters.keys import KeyRing
from adapters.settings import ROOT, Settings, load_settings
from models.errors import MalformedError, UnavailableError
from tests.documents.buckets import BUCKET, Bucket
from tests.documents.stores import PASSPORT, Kept

_DIES = """
import os, signal, sys
from pathlib import Path
from adapters.documents.places import Folder

class Dying(Folder):
    def _keep(self, draft, name):
        os.kill(os.getpid(), signal.SIGKILL)

Dying(Path(sys.argv[1])).write("00/" + "0" * 64, b"x" * 100_000)
"""
_NO_ROOM = """
import resource, sys
from pathlib import Path
from adapters.documents.places import Folder
from models.errors import UnavailableError

resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    Folder(Path(sys.argv[1])).write("00/" + "0" * 64, b"x" * 100_000)
except UnavailableError as error:
    print(error)
"""
_WRITES = """
import sys
from pathlib import Path
from adapters.documents.places import Folder

place = Folder(Path(sys.argv[1]))
print("begins", flush=True)
for number in range(100_000):
    place.write(f"00/{number:064x}", b"whole" * 40_000)
"""


async def child(program: str, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


class TestBrokenOff:
    """A put that breaks off leaves nothing behind."""

    async def test_killed_before_the_end(self, folder: Path, in_folder: Kept) -> None:
        """Its draft is no object, and the next writer removes it."""
        process = await child(_DIES, folder)
        assert await process.wait() == -signal.SIGKILL
        assert len(list((folder / "incoming").iterdir())) == 1
        assert list(in_folder.place.names()) == []
        sha256 = in_folder.store.put(PASSPORT)
        assert files(folder) == [f"{sha256[:2]}/{sha256}", "lock"]

    @pytest.mark.parametrize("milliseconds", [1, 5, 20, 60])
    async def test_killed_at_any_instant(self, folder: Path, in_folder: Kept, milliseconds: int) -> None:
        """Whatever is there under a name is whole."""
        process = await child(_WRITES, folder)
        assert process.stdout is not None
        await process.stdout.readline()
        await asyncio.sleep(milliseconds / 1000)
        process.kill()
        await process.communicate()
        assert set(in_folder.objects().values()) <= {b"whole" * 40_000}
        assert all(in_folder.place.read(name) for name in in_folder.place.names())
        assert list((folder / "incoming").iterdir()) == []

    async def test_no_room(self, folder: Path) -> None:
        """A write that fails is told, and removed at once."""
        process = await child(_NO_ROOM, folder)
        out, _ = await process.communicate()
        assert out.decode().strip() == "the store of documents does not answer (File too large)"
        assert files(folder) == ["lock"]

    async def test_a_draft_of_somebody_who_writes_stays(self, folder: Path, in_folder: Kept) -> None:
        """While another one writes, nothing is removed."""
        with in_folder.place._writing():  # type: ignore[attr-defined]
            (folder / "incoming" / "theirs").write_bytes(b"half")
            in_folder.store.put(PASSPORT)
            assert (folder / "incoming" / "theirs").read_bytes() == b"half"
        in_folder.store.put(b"another")
        assert list((folder / "incoming").iterdir()) == []


class TestFolder:
    """Local files are ours alone."""

    def test_nobody_else_may_look(self, folder: Path, in_folder: Kept) -> None:
        before = os.umask(0)
        try:
            in_folder.store.put(PASSPORT)
        finally:
            os.umask(before)
        modes = {one: stat.S_IMODE(one.stat().st_mode) for one in (folder, *folder.rglob("*"))}
        assert {mode for one, mode in modes.items() if one.is_dir()} == {0o700}
        assert {mode for one, mode in modes.items() if one.is_file()} == {0o600}

    def test_default_is_made(self, tmp_path: Path, key_ring: KeyRing) -> None:
        open_documents(Settings(data=tmp_path), key_ring).put(PASSPORT)
        assert len(files(tmp_path / "documents")) == 2

    def test_named_folder_is_not_made(self, tmp_path: Path, key_ring: KeyRing) -> None:
        """Else a disk that is not mounted would look like a store that is empty."""
        settings = Settings(documents_url=f"file://{tmp_path}/away")
        with pytest.raises(UnavailableError, match="TIREK_DOCUMENTS_URL"):
            open_documents(settings, key_ring)
        assert not (tmp_path / "away").exists()

    def test_named_folder(self, tmp_path: Path, key_ring: KeyRing) -> None:
        (tmp_path / "two words").mkdir()
        store = open_documents(Settings(documents_url=f"file://{tmp_path}/two%20words"), key_ring)
        assert store.get(store.put(PASSPORT)) == PASSPORT

    def test_folder_that_goes_away(self, folder: Path, key_ring: KeyRing, in_folder: Kept) -> None:
        folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(UnavailableError, match="not there"):
            in_folder.store.put(PASSPORT)

    def test_what_is_no_object_is_passed_over(self, folder: Path) -> None:
        place = Folder(folder)
        place.write("ab/" + "ab" * 32, b"")
        (folder / "ab" / "notes.txt").write_text("left by somebody")
        assert list(place.names()) == ["ab/" + "ab" * 32]


class TestBucket:
    """S3-compatible storage."""

    def test_same_content_is_sent_once(self, bucket: Bucket, in_bucket: Kept) -> None:
        in_bucket.store.put(PASSPORT)
        in_bucket.store.put(PASSPORT)
        assert bucket.written == 1
        assert all(name.startswith("tirek/") for name in bucket.objects)

    @pytest.mark.parametrize("status", [403, 503])
    def test_away(self, bucket: Bucket, in_bucket: Kept, status: int) -> None:
        """Whatever it answers, it is told as unavailable, without its address."""
        bucket.refuses = status
        for call in (lambda: in_bucket.store.put(PASSPORT), lambda: in_bucket.store.holds("0" * 64)):
            with pytest.raises(UnavailableError) as caught:
                call()
            assert bucket.address not in str(caught.value)

    def test_nobody_listens(self, key_ring: KeyRing, monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        store = open_documents(Settings(documents_url=f"s3://{BUCKET}/tirek"), key_ring)
        with pytest.raises(UnavailableError):
            store.get("0" * 64)

    def test_no_such_bucket(self, bucket: Bucket, key_ring: KeyRing) -> None:
        store = open_documents(Settings(documents_url="s3://another"), key_ring)
        with pytest.raises(UnavailableError, match="not there"):
            store.put(PASSPORT)

    @pytest.mark.parametrize("url", ["https://bucket", "s3://", "file://relative", "/folder", "s3://b/x?y=1"])
    def test_address_that_is_none(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        monkeypatch.setenv("TIREK_DOCUMENTS_URL", url)
        with pytest.raises(MalformedError, match="TIREK_DOCUMENTS_URL"):
            load_settings()
