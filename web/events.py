"""Tells browsers when something has changed, as server-sent events."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from web.address import read_words
from web.sources import Sources

_RETRY_MILLISECONDS = 2_000


def events(sources: Sources) -> APIRouter:
    router = APIRouter()

    @router.get("/events", include_in_schema=False)
    async def listen(request: Request) -> StreamingResponse:
        read_words(request.query_params, ())
        return StreamingResponse(_told(sources), media_type="text/event-stream")

    return router


async def _told(sources: Sources) -> AsyncIterator[str]:
    """The mark of how things stand, and each that follows; a remark now and then keeps the connection alive."""
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    async for mark in sources.watch.marks():
        yield ": still here\n\n" if mark is None else f"event: mark\ndata: {mark}\n\n"
