"""What the Temporal UI sends to be decrypted, and what it gets back: payloads in protobuf's JSON."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload, Payloads

from adapters.keys import KeyRing, UnreadableError
from adapters.temporal.codec import ENCODING, bound_to, decrypted
from models.errors import MalformedError

MOST_BYTES = 8 * 1024 * 1024
"""Of a request: four payloads of the largest kind that Temporal takes, or a page of a long history."""
MOST_PAYLOADS = 2000


@dataclass(frozen=True)
class Decoded:
    """The answer, how many payloads were decrypted, and how many no key of the ring opens.

    `of`: how many of each execution; under None what is bound to none, as the first payloads are.
    """

    document: dict[str, Any]
    of: Counter[str | None]
    unreadable: int

    @property
    def payloads(self) -> int:
        return self.of.total()


def decode(ring: KeyRing, body: bytes) -> Decoded:
    """What is not encrypted, and what cannot be read, goes back as it came. MalformedError."""
    asked = _parsed(body)
    answer = Payloads()
    of, unreadable = Counter[str | None](), 0
    for payload in asked.payloads:
        if payload.metadata.get("encoding") != ENCODING:
            answer.payloads.append(payload)
            continue
        try:
            answer.payloads.append(decrypted(ring, payload))
            of[bound_to(payload)] += 1
        except (UnreadableError, DecodeError, UnicodeDecodeError, KeyError):
            answer.payloads.append(payload)
            unreadable += 1
    return Decoded(MessageToDict(answer), of, unreadable)


def _parsed(body: bytes) -> Payloads:
    try:
        content = json.loads(body)
        several = content["payloads"]
        if not isinstance(several, list) or len(several) > MOST_PAYLOADS:
            raise MalformedError(f"payloads: a list of at most {MOST_PAYLOADS}")
        # The UI sends names beside these that only some servers know.
        asked = Payloads(payloads=(ParseDict(one, Payload(), ignore_unknown_fields=True) for one in several))
    except (ValueError, KeyError, TypeError, RecursionError, ParseError) as error:
        raise MalformedError('the body is no {"payloads": […]} of Temporal') from error
    return asked
