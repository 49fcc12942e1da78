"""Encrypts every payload before Temporal sees it, for one execution alone (AES-256-GCM, key id in metadata)."""

from collections.abc import Sequence
from typing import Self

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from adapters.keys import KEY_ID, KeyRing, UnreadableError

ENCODING = b"binary/encrypted"
_CONTEXT = b"temporal"
_BOUND_TO = "bound-to"
"""In the metadata: the id of the execution that a payload belongs to. The first payloads have none."""


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """The codec over a key ring: the active key writes, every key of the ring reads.

    What is written for one execution opens in no other: whoever may write into Temporal cannot begin an execution
    with another's input, nor give one what another was told.
    """

    def __init__(self, ring: KeyRing, execution: str | None = None) -> None:
        self._ring = ring
        self._execution = execution

    def with_context(self, context: SerializationContext) -> Self:
        """The codec of one execution: of a workflow, or of whatever it has done by activities."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return type(self)(self._ring, context.workflow_id)
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        key_id, data = self._ring.encrypt(payload.SerializeToString(), _context(self._execution))
        metadata = {"encoding": ENCODING, "encryption-key-id": key_id.encode()}
        if self._execution is not None:
            metadata[_BOUND_TO] = self._execution.encode()
        return Payload(metadata=metadata, data=data)

    def _decrypt(self, payload: Payload) -> Payload:
        try:
            self._check_place(payload)
            return decrypted(self._ring, payload)
        except (UnreadableError, DecodeError, UnicodeDecodeError, KeyError) as error:
            # Not raised here: that would fail the whole workflow task, and a stranger's update could stop an
            # application. The converter refuses this encoding where the payload is used.
            return Payload(metadata={"encoding": f"unreadable: {error}".encode()})

    def _check_place(self, payload: Payload) -> None:
        if self._execution is not None and bound_to(payload) not in (None, self._execution):
            raise UnreadableError("it was written for another execution")


def decrypted(ring: KeyRing, payload: Payload) -> Payload:
    """What is inside; UnreadableError, DecodeError, UnicodeDecodeError or KeyError for what is none of ours."""
    context = _context(bound_to(payload))
    return Payload.FromString(ring.decrypt(_key_id(payload), payload.data, context))


def bound_to(payload: Payload) -> str | None:
    """The execution that a payload says it belongs to; once it is `decrypted`, that is so. UnicodeDecodeError."""
    return payload.metadata[_BOUND_TO].decode() if _BOUND_TO in payload.metadata else None


def _context(execution: str | None) -> bytes:
    return _CONTEXT if execution is None else _CONTEXT + b"/" + execution.encode()


def _key_id(payload: Payload) -> str:
    if payload.metadata.get("encoding") != ENCODING:
        raise UnreadableError("it is not encrypted by a key ring of ours")
    named = payload.metadata["encryption-key-id"].decode()
    if not KEY_ID.fullmatch(named):
        # It comes into logs: a stranger's words could begin a line there, or be two megabytes long.
        raise UnreadableError("it names no key that a ring could have")
    return named
