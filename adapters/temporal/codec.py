"""Encrypts every payload before Temporal sees it (AES-256-GCM, key id in the metadata)."""

from collections.abc import Sequence

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from adapters.keys import KEY_ID, KeyRing, UnreadableError

ENCODING = b"binary/encrypted"
_CONTEXT = b"temporal"


class EncryptionCodec(PayloadCodec):
    """The codec over a key ring: the active key writes, every key of the ring reads."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        key_id, data = self._ring.encrypt(payload.SerializeToString(), _CONTEXT)
        return Payload(metadata={"encoding": ENCODING, "encryption-key-id": key_id.encode()}, data=data)

    def _decrypt(self, payload: Payload) -> Payload:
        try:
            return decrypted(self._ring, payload)
        except (UnreadableError, DecodeError, UnicodeDecodeError, KeyError) as error:
            # Not raised here: that would fail the whole workflow task, and a stranger's update could stop an
            # application. The converter refuses this encoding where the payload is used.
            return Payload(metadata={"encoding": f"unreadable: {error}".encode()})


def decrypted(ring: KeyRing, payload: Payload) -> Payload:
    """What is inside; UnreadableError, DecodeError, UnicodeDecodeError or KeyError for what is none of ours."""
    return Payload.FromString(ring.decrypt(_key_id(payload), payload.data, _CONTEXT))


def _key_id(payload: Payload) -> str:
    if payload.metadata.get("encoding") != ENCODING:
        raise UnreadableError("it is not encrypted by a key ring of ours")
    named = payload.metadata["encryption-key-id"].decode()
    if not KEY_ID.fullmatch(named):
        # It comes into logs: a stranger's words could begin a line there, or be two megabytes long.
        raise UnreadableError("it names no key that a ring could have")
    return named
