"""The key ring follows its file, and its file is changed so that nothing is ever lost."""

import json
import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.key_rotation import KeyDates, RingFile, fingerprint
from adapters.keys import KeyRing, UnreadableError, load_key_ring, write_draft
from adapters.live_keys import follow_key_ring
from models.errors import MalformedError

NOON = datetime(2026, 11, 26, 7, tzinfo=UTC)
LATER = datetime(2026, 12, 26, 7, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    """Without the two seconds for which a ring is taken to be as it was."""
    return follow_key_ring(path, may_create=True, look_seconds=0)


def load_key_ring_of(path: Path) -> KeyRing:
    """A ring under that name, made under a shorter one."""
    ring = load_key_ring(path.with_name("short"), may_create=True)
    path.with_name("short").rename(path)
    return ring


class TestDraft:
    """What a program that was killed has left beside the ring."""

    @pytest.mark.parametrize("again", ["activate", "add", "retire"])
    def test_next_change_takes_it_away(self, again: str, path: Path) -> None:
        """It holds every key, so it must not outlive a retired one; copies that people keep are left alone."""
        load_key_ring(path, may_create=True)
        file = RingFile(path)
        name = file.add("2", NOON)
        copies = [path.with_name(f"keys.json.{ending}") for ending in ("20261126", "deadbeef", "bak", "1")]
        for copy in copies:
            copy.write_bytes(path.read_bytes())
        left = write_draft(path, {"keys": {}})
        {"activate": lambda: file.activate(name, NOON), "add": lambda: file.add("3", NOON)}.get(
            again, lambda: file.retire(name)
        )()
        assert not left.exists()
        assert sorted(path.parent.iterdir()) == sorted([path, *copies])

    def test_of_a_program_that_starts_meanwhile(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another one's ring counts, though it was changed already and the change took this one's draft away."""
        link = os.link

        def late(draft: Path, place: Path) -> None:
            monkeypatch.setattr(os, "link", link)
            load_key_ring(path, may_create=True)
            RingFile(path).add("2", NOON)
            link(draft, place)

        monkeypatch.setattr(os, "link", late)
        assert set(load_key_ring(path, may_create=True).keys) == {"local-1", "2"}


class TestFollowing:
    """A program that runs."""

    def test_key_that_it_lacks_is_looked_for_at_once(self, path: Path) -> None:
        """Whoever noticed first writes with the new key, and everybody else reads it, two seconds or not."""
        ring = follow_key_ring(path, may_create=True, look_seconds=3600)
        assert ring.now().active == "local-1"
        file = RingFile(path)
        file.activate(file.add("2", NOON), NOON)
        key_id, data = load_key_ring(path, may_create=False).encrypt(b"text")
        assert (key_id, ring.decrypt(key_id, data)) == ("2", b"text")

    def test_active_key_is_taken_over(self, path: Path, ring: KeyRing) -> None:
        """A key that was added reads; one that was activated writes; what was written before still opens."""
        old = ring.encrypt(b"old")
        file = RingFile(path)
        file.add("2", NOON)
        assert ring.encrypt(b"text")[0] == "local-1"
        file.activate("2", NOON)
        assert ring.encrypt(b"text")[0] == "2"
        assert ring.decrypt(*old) == b"old"

    def test_file_is_read_only_when_it_changes(self, path: Path, ring: KeyRing) -> None:
        """A stranger's payload of an unknown key costs a look at the file's date, and no reading."""
        for _ in range(2):
            with pytest.raises(UnreadableError, match="no key stranger"):
                ring.decrypt("stranger", b"x" * 40)
        before = ring.now()
        with pytest.raises(UnreadableError, match="no key stranger"):
            ring.decrypt("stranger", b"x" * 40)
        assert ring.now() is before

    @pytest.mark.parametrize("broken", ["half", "empty", "gone", "other key", "other look-up key"])
    def test_broken_file_leaves_the_ring_as_it_was(
        self, path: Path, ring: KeyRing, caplog: pytest.LogCaptureFixture, broken: str
    ) -> None:
        """Programs go on, say so once as an error without a key in it, and take the mended file."""
        sealed, whole = ring.encrypt(b"text"), path.read_text()
        content = json.loads(whole)
        other = json.dumps(content | {"keys": {"local-1": content["lookup"]}})
        swapped = json.dumps(content | {"lookup": content["keys"]["local-1"]})
        texts = {"half": whole[:50], "empty": "", "other key": other, "other look-up key": swapped}
        path.unlink()
        if broken in texts:
            path.write_text(texts[broken])
        with caplog.at_level(logging.INFO):
            assert [ring.decrypt(*sealed) for _ in range(3)] == [b"text"] * 3
        [said] = [one for one in caplog.records if one.levelno == logging.ERROR]
        assert "TIREK_KEYS_FILE" in said.getMessage()
        assert not any(key in said.getMessage() for key in (content["lookup"], content["keys"]["local-1"]))
        path.write_text(whole)
        RingFile(path).add("2", NOON)
        assert set(ring.now().keys) == {"local-1", "2"}

    def test_older_copy_of_the_file(self, path: Path, ring: KeyRing, caplog: pytest.LogCaptureFixture) -> None:
        """Brought back by mistake, it takes no key away that writes; a key that was replaced may go."""
        older = path.read_text()
        RingFile(path).activate(RingFile(path).add("2", NOON), NOON)
        sealed = ring.encrypt(b"text")
        newer = path.read_text()
        path.write_text(older)
        assert ring.decrypt(*sealed) == b"text"
        assert "2, which was active, is gone from it" in caplog.text
        path.write_text(newer)
        RingFile(path).retire("local-1")
        assert set(ring.now().keys) == {"2"}

    def test_many_threads_at_once(self, path: Path, ring: KeyRing) -> None:
        """While keys are added and activated all the time, every text opens and none is torn."""
        file = RingFile(path)

        def write_and_read(number: int) -> bool:
            text = str(number).encode()
            return ring.decrypt(*ring.encrypt(text)) == text

        with ThreadPoolExecutor(8) as threads:
            done = threads.map(write_and_read, range(400))
            for number in range(20):
                file.activate(file.add(f"k{number}", NOON), NOON)
            assert all(done)
        assert ring.encrypt(b"text")[0] == "k19"


class TestFile:
    """What operators' commands do to it."""

    def test_dates(self, path: Path, ring: KeyRing) -> None:
        """When each key was made, activated and replaced; a ring from before these dates says nothing."""
        file = RingFile(path)
        assert file.dates() == {"local-1": KeyDates()}
        assert file.add(None, NOON) == "2026-11-26"
        assert file.add(None, NOON) == "2026-11-26-2"
        file.activate("2026-11-26", LATER)
        file.activate("2026-11-26", NOON)
        dates = file.dates()
        assert dates["2026-11-26"] == KeyDates(made_at=NOON, activated_at=LATER)
        assert dates["local-1"] == KeyDates(replaced_at=LATER)
        file.activate("local-1", LATER)
        assert file.dates()["local-1"].replaced_at is None

    def test_what_may_not_be(self, path: Path, ring: KeyRing) -> None:
        """No key is overwritten, none that is missing becomes active, the active one stays: nothing changes."""
        file, before = RingFile(path), path.read_bytes()
        for attempt in (
            lambda: file.add("local-1", NOON),
            lambda: file.add("two words", NOON),
            lambda: file.activate("2", NOON),
            lambda: file.retire("local-1"),
            lambda: file.retire("2"),
        ):
            with pytest.raises(MalformedError):
                attempt()
        assert path.read_bytes() == before

    def test_rights_stay(self, path: Path, ring: KeyRing) -> None:
        """Readable by its owner alone; a group that was let in stays, and nobody else ever comes in."""
        file = RingFile(path)
        file.add("2", NOON)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
        file.add("3", NOON)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert [one.name for one in path.parent.iterdir()] == ["keys.json"]

    def test_link_stays_a_link(self, path: Path, ring: KeyRing, tmp_path: Path) -> None:
        """A ring that lies elsewhere is changed there."""
        link = tmp_path / "elsewhere" / "ring.json"
        link.parent.mkdir()
        link.symlink_to(path)
        RingFile(link).add("2", NOON)
        assert link.is_symlink()
        assert set(load_key_ring(path, may_create=False).keys) == {"local-1", "2"}

    def test_two_operators_at_once(self, path: Path, ring: KeyRing) -> None:
        """Both keys are there afterwards."""
        with ThreadPoolExecutor(8) as threads:
            names = set(threads.map(lambda _: RingFile(path).add(None, NOON), range(16)))
        assert len(names) == 16
        assert set(RingFile(path).ring().keys) == {"local-1"} | names

    def test_broken_file_is_not_written_over(self, path: Path) -> None:
        """What is no ring may be half of one that somebody can mend."""
        path.write_text('{"active": "a", "keys": {')
        with pytest.raises(MalformedError, match="TIREK_KEYS_FILE"):
            RingFile(path).add("2", NOON)
        assert path.read_text() == '{"active": "a", "keys": {'

    def test_file_that_cannot_be_written(self, tmp_path: Path) -> None:
        """No room for a file beside it, here since its name would be too long: the ring stays as it is."""
        path = tmp_path / ("k" * 250)
        before = load_key_ring_of(path)
        with pytest.raises(MalformedError, match=r"TIREK_KEYS_FILE.*cannot be written"):
            RingFile(path).add("2", NOON)
        assert load_key_ring(path, may_create=False) == before

    def test_fingerprint_tells_keys_apart(self) -> None:
        """The same on every machine, another for another key."""
        assert fingerprint(b"k" * 32) == "f69e392d"
        assert fingerprint(b"k" * 32) != fingerprint(b"l" * 32)
