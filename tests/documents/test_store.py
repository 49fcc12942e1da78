"""The contract of the store of documents, over a folder and over S3-compatible storage."""

import hashlib
from dataclasses import replace

import pytest

from adapters.documents.store import Rekeyed
from adapters.keys import UnreadableError
from models.errors import UnknownContentError
from tests.documents.stores import PASSPORT, Kept

NO_HASHES = ("../../keys.json", "", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 63 + "/", "..")


class TestContent:
    """By its hash, once, encrypted."""

    @pytest.mark.parametrize(
        "content", [b"", b"x", PASSPORT, b"\x00" * 6_000_000], ids=["empty", "x", "text", "6 MB"]
    )
    def test_comes_back(self, kept: Kept, content: bytes) -> None:
        """What was put is what is got, by the hash of it; what was not is not held."""
        sha256 = kept.store.put(content)
        assert sha256 == hashlib.sha256(content).hexdigest()
        assert kept.store.get(sha256) == content
        assert (kept.store.holds(sha256), kept.store.holds("0" * 64)) == (True, False)

    def test_same_content_is_stored_once(self, kept: Kept) -> None:
        """The second time nothing is written: the object stays as it is, nonce and all."""
        first = kept.store.put(PASSPORT)
        before = kept.only()
        assert kept.store.put(PASSPORT) == first
        assert kept.only() == before

    def test_nothing_of_it_can_be_read_where_it_lies(self, kept: Kept) -> None:
        kept.store.put(PASSPORT)
        assert PASSPORT[:12] not in kept.only()[1]

    def test_missing_object(self, kept: Kept) -> None:
        with pytest.raises(UnknownContentError, match="no such file"):
            kept.store.get("0" * 64)

    @pytest.mark.parametrize("trick", NO_HASHES)
    def test_path_trick(self, kept: Kept, trick: str) -> None:
        """Only a hash names a content: nothing else reaches the place."""
        with pytest.raises(UnknownContentError, match="no SHA-256"):
            kept.store.get(trick)
        assert kept.store.holds(trick) is False


class TestDamage:
    """An object that was altered, exchanged or sealed by somebody else does not open."""

    @pytest.mark.parametrize("place", [0, 18, 20, -1])
    def test_altered_object(self, kept: Kept, place: int) -> None:
        """One bit, in the mark, in the key's id, or in what is sealed."""
        sha256 = kept.store.put(PASSPORT)
        name, data = kept.only()
        altered = bytearray(data)
        altered[place] ^= 1
        kept.place.write(name, bytes(altered))
        with pytest.raises(UnreadableError):
            kept.store.get(sha256)

    def test_every_cut(self, kept: Kept) -> None:
        """Cut off anywhere."""
        sha256 = kept.store.put(b"short")
        name, data = kept.only()
        for length in range(0, len(data), 7):
            kept.place.write(name, data[:length])
            with pytest.raises(UnreadableError):
                kept.store.get(sha256)

    def test_object_under_another_name(self, kept: Kept) -> None:
        """The hash is authenticated: one person's paper cannot be laid in another's place."""
        one = kept.store.put(PASSPORT)
        stored = kept.only()[1]
        other = kept.store.put(b"another")
        kept.place.write(f"{other[:2]}/{other}", stored)
        assert kept.store.get(one) == PASSPORT
        with pytest.raises(UnreadableError):
            kept.store.get(other)

    def test_key_that_the_ring_lacks(self, kept: Kept) -> None:
        """The error names the key to look for, and the setting."""
        sha256 = kept.store.put(PASSPORT)
        other = replace(kept.ring, active="2", keys={"2": b"k" * 32})
        with pytest.raises(UnreadableError, match="TIREK_KEYS_FILE: the key ring has no key local-1"):
            kept.under(other).get(sha256)

    def test_other_key_of_the_same_name(self, kept: Kept) -> None:
        sha256 = kept.store.put(PASSPORT)
        other = replace(kept.ring, keys={kept.ring.active: b"k" * 32})
        with pytest.raises(UnreadableError, match="another key was used, or the text was altered"):
            kept.under(other).get(sha256)

    def test_damaged_object_is_written_anew_when_its_content_comes_again(self, kept: Kept) -> None:
        """`Stored once` must not mean `damaged for ever`."""
        sha256 = kept.store.put(PASSPORT)
        name, data = kept.only()
        kept.place.write(name, data[:30])
        assert kept.store.put(PASSPORT) == sha256
        assert kept.store.get(sha256) == PASSPORT


class TestRotation:
    """Another active key: the old one reads, and may go once everything is sealed anew."""

    def test_old_objects_stay_readable(self, kept: Kept) -> None:
        old = kept.store.put(PASSPORT)
        rotated = kept.under(kept.rotated())
        new = rotated.put(b"new")
        assert (rotated.get(old), rotated.get(new)) == (PASSPORT, b"new")

    def test_rekey(self, kept: Kept) -> None:
        """Afterwards the former key is not needed; run again, it finds nothing to do."""
        contents = {kept.store.put(content): content for content in (b"", b"one", PASSPORT, b"y" * 70_000)}
        rotated = kept.under(kept.rotated())
        contents[rotated.put(b"new")] = b"new"
        assert rotated.rekey() == Rekeyed(objects=5, rewritten=4, unreadable=0)
        assert rotated.rekey() == Rekeyed(objects=5, rewritten=0, unreadable=0)
        alone = kept.under(replace(kept.rotated(), keys={"2": b"k" * 32}))
        assert {sha256: alone.get(sha256) for sha256 in contents} == contents

    def test_what_no_key_opens_is_counted_and_left(self, kept: Kept) -> None:
        """It stops nothing, and is not touched."""
        kept.store.put(PASSPORT)
        name, data = kept.only()
        kept.place.write(name, data[:40])
        kept.store.put(b"whole")
        assert kept.under(kept.rotated()).rekey() == Rekeyed(objects=2, rewritten=1, unreadable=1)
        assert kept.objects()[name] == data[:40]
