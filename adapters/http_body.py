"""Reads the body of an HTTP answer that may be anybody's."""

from collections.abc import Callable

import httpx


async def read_body(response: httpx.Response, largest: int, fault: Callable[[str], Exception]) -> bytes:
    """As it comes: nothing is unpacked, and what is larger than so many bytes is not read to its end.

    `fault` makes the error of a code, `answer-encoded` or `answer-too-large`.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise fault("answer-encoded")
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > largest:
        raise fault("answer-too-large")
    content = bytearray()
    async for part in response.aiter_raw():
        content += part
        if len(content) > largest:
            raise fault("answer-too-large")
    return bytes(content)
