"""What Temporal stores is encrypted from the first history on."""

import dataclasses
from pathlib import Path
from random import Random

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from adapters.keys import KeyRing, UnreadableError, load_key_ring, seal, unseal
from adapters.temporal.codec import EncryptionCodec
from adapters.temporal.plugin import data_converter
from demo.visit import Visit
from models.errors import MalformedError
from models.lifecycle import Channel, Command
from tests.conftest import House

SECRET = Payload(metadata={"encoding": b"json/plain"}, data="Әсел".encode())


class TestCodec:
    """The codec over a key ring."""

    async def test_round_trip_hides_the_content(self, key_ring: KeyRing) -> None:
        """A payload comes back as it was, and nothing of it can be read in between."""
        codec = EncryptionCodec(key_ring)
        [encrypted] = await codec.encode([SECRET])
        assert SECRET.data not in encrypted.SerializeToString()
        assert await codec.decode([encrypted]) == [SECRET]

    async def test_old_key_still_reads(self, key_ring: KeyRing) -> None:
        """After a rotation the new key writes and the old one still reads: histories live for years."""
        [old] = await EncryptionCodec(key_ring).encode([SECRET])
        rotated = dataclasses.replace(key_ring, active="2", keys={**key_ring.keys, "2": b"k" * 32})
        [new] = await EncryptionCodec(rotated).encode([SECRET])
        assert new.metadata["encryption-key-id"] == b"2"
        assert await EncryptionCodec(rotated).decode([old, new]) == [SECRET, SECRET]

    async def test_what_is_not_encrypted_is_refused(self, key_ring: KeyRing) -> None:
        """A payload in the clear comes from somebody without our keys, and cannot be read as anything."""
        [refused] = await EncryptionCodec(key_ring).decode([SECRET])
        assert SECRET.data not in refused.SerializeToString()
        with pytest.raises(KeyError, match="not encrypted"):
            data_converter(key_ring).payload_converter.from_payload(refused)

    async def test_unknown_key_is_named(self, key_ring: KeyRing) -> None:
        """A payload of a key that the ring lacks is refused with the key's id, never taken for empty."""
        [encrypted] = await EncryptionCodec(key_ring).encode([SECRET])
        other = KeyRing("x", {"x": b"x" * 32}, b"x" * 32)
        [refused] = await EncryptionCodec(other).decode([encrypted])
        with pytest.raises(KeyError, match="local-1"):
            data_converter(other).payload_converter.from_payload(refused)

    @pytest.mark.parametrize("named", ["k\n2026-11-26 [info] aidar signed in", "k" * 41, "k k"])
    async def test_what_is_no_id_of_a_key_is_not_repeated(self, key_ring: KeyRing, named: str) -> None:
        """Whoever reaches Temporal writes it, and it comes into logs: it begins no line there, nor fills one."""
        metadata = {"encoding": b"binary/encrypted", "encryption-key-id": named.encode()}
        [decoded] = await EncryptionCodec(key_ring).decode([Payload(metadata=metadata, data=b"x" * 40)])
        assert decoded.metadata["encoding"] == b"unreadable: it names no key that a ring could have"

    @pytest.mark.parametrize("length", [0, 2, 11, 12, 27])
    async def test_text_that_is_too_short(self, key_ring: KeyRing, length: int) -> None:
        """It is refused where it is used, as any other that was altered: it must not stop an application."""
        metadata = {"encoding": b"binary/encrypted", "encryption-key-id": key_ring.active.encode()}
        [decoded] = await EncryptionCodec(key_ring).decode([Payload(metadata=metadata, data=b"x" * length)])
        assert decoded.metadata["encoding"].endswith(b"the text was altered")

    async def test_it_is_bound_to_its_execution(self, key_ring: KeyRing) -> None:
        """It opens there, and for whoever reads all; a copy in another execution does not, nor under its name."""
        anybodys = EncryptionCodec(key_ring)
        here, there = (
            anybodys.with_context(WorkflowSerializationContext("default", execution)) for execution in ("1", "2")
        )
        [bound] = await here.encode([SECRET])
        [renamed] = await here.encode([SECRET])
        renamed.metadata["bound-to"] = b"2"
        [unbound] = await here.encode([SECRET])
        del unbound.metadata["bound-to"]
        assert await here.decode([bound]) == await anybodys.decode([bound]) == [SECRET]
        assert [payload.metadata["encoding"] for payload in await there.decode([bound, renamed, unbound])] == [
            b"unreadable: it was written for another execution",
            b"unreadable: TIREK_KEYS_FILE: another key was used, or the text was altered",
            b"unreadable: TIREK_KEYS_FILE: another key was used, or the text was altered",
        ]

    async def test_the_first_payloads_are_bound_to_none(self, key_ring: KeyRing) -> None:
        """Histories from before are read everywhere."""
        anybodys = EncryptionCodec(key_ring)
        [first] = await anybodys.encode([SECRET])
        assert await anybodys.with_context(WorkflowSerializationContext("default", "1")).decode([first]) == [
            SECRET
        ]


class TestKeyRing:
    """Keys in a file."""

    def test_altered_text_is_refused(self) -> None:
        """One bit changed, or another context, and nothing is given out."""
        sealed = seal(b"k" * 32, b"text", b"here")
        for data, context in ((sealed[:-1] + bytes([sealed[-1] ^ 1]), b"here"), (sealed, b"there")):
            with pytest.raises(UnreadableError):
                unseal(b"k" * 32, data, context)

    def test_local_ring_is_made_once(self, tmp_path: Path) -> None:
        """The second start reads the ring of the first, and only its owner may read the file."""
        path = tmp_path / "sub" / "keys.json"
        assert load_key_ring(path, may_create=True) == load_key_ring(path, may_create=True)
        assert path.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"active": "a", "keys": {}, "lookup": ""}', '{"keys": 3}'])
    def test_bad_ring_is_named(self, tmp_path: Path, text: str) -> None:
        """A file that is no key ring is refused with the setting's name."""
        path = tmp_path / "keys.json"
        path.write_text(text)
        with pytest.raises(MalformedError, match="TIREK_KEYS_FILE"):
            load_key_ring(path, may_create=False)

    def test_keys_are_not_shown(self, key_ring: KeyRing) -> None:
        """A ring that ends up in a log or a traceback does not tell its keys."""
        assert repr(key_ring.lookup) not in repr(key_ring)
        assert "keys=" not in repr(key_ring)


class TestServerFile:
    """The server's own database."""

    async def test_no_personal_data_reaches_the_server(self, house: House) -> None:
        """After an application ran, no IIN, name, address or account of it is in the server's files."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, Random(99))
        await visit.be_accepted(children=2)
        await visit.do(Command.WITHDRAW, "applicant", {"reason": "Себебі: Астанаға көшіп барамыз"})
        request = house.reader.request(visit.application)
        assert request is not None
        assert request.account is not None
        secrets = [request.account.iban, request.applicant.address, "Астанаға көшіп"]
        for person in (request.applicant, *request.children):
            secrets += [person.iin, person.surname, person.name]
        child = house.engine.server.child
        assert child is not None
        files = [path.read_bytes() for path in child.log.parent.glob("temporal.sqlite*")]
        logs = [log.read_bytes() for log in (child.log, house.engine.worker.log)]
        assert visit.application.encode() in b"".join(files), "the search must be able to find something"
        assert [s for s in secrets if any(s.encode() in content for content in (*files, *logs))] == []
