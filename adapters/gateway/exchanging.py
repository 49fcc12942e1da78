"""Puts an exchange with a register on record: before it is sent, and again when it has ended, however it ends."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy.exc import SQLAlchemyError

from adapters.host_clock import host_now
from models.ports import ExchangeLog, RegisterRefusedError, RegisterUnavailableError
from models.registers import Asking, Exchange, ExchangeEnd, ExchangeOutcome

T = TypeVar("T")
_log = logging.getLogger(__name__)

DONE = "SCSS001"
"""The gateway's own code of a message that was processed; ours where something else answered in order."""

_GIVEN_UP = "given-up"
"""Whoever asked did not wait for the end."""
_UNFORESEEN = "unforeseen"
"""What ended it is neither an answer nor an error that a register has: a mistake of the program's."""


class Exchanging:
    """An exchange under way: says what came of it."""

    def __init__(self) -> None:
        self.outcome = ExchangeOutcome.FAILED
        self.code = _UNFORESEEN

    def found(self, answer: T) -> T:
        self.outcome, self.code = ExchangeOutcome.FOUND, DONE
        return answer

    def not_found(self) -> None:
        self.outcome, self.code = ExchangeOutcome.NOT_FOUND, DONE

    def given_up(self) -> None:
        self.outcome, self.code = ExchangeOutcome.FAILED, _GIVEN_UP

    def ended_by(self, error: RegisterUnavailableError | RegisterRefusedError) -> None:
        is_lasting = isinstance(error, RegisterRefusedError)
        self.outcome = ExchangeOutcome.REFUSED if is_lasting else ExchangeOutcome.FAILED
        self.code = error.code


@asynccontextmanager
async def exchanged(
    log: ExchangeLog, *, service: str, message_id: str, iin: str, asking: Asking
) -> AsyncGenerator[Exchanging]:
    """One exchange. A record that is away is a register that cannot be asked now: nothing is sent unrecorded.

    RegisterUnavailableError and RegisterRefusedError pass through, their codes are put on record.
    """
    exchange = Exchange(
        message_id=message_id,
        correlation_id=correlation_of(asking),
        service=service,
        asking=asking,
        iin=iin,
        sent_at=host_now(),
    )
    try:
        await asyncio.to_thread(log.begin, exchange)
    except SQLAlchemyError as error:
        name = type(error).__name__
        raise RegisterUnavailableError("record-away", f"nothing is sent off the record ({name})") from error
    began, under_way = time.monotonic(), Exchanging()
    try:
        yield under_way
    except (RegisterUnavailableError, RegisterRefusedError) as error:
        under_way.ended_by(error)
        raise
    except asyncio.CancelledError:
        under_way.given_up()
        raise
    finally:
        end = ExchangeEnd(
            message_id=message_id,
            outcome=under_way.outcome,
            code=under_way.code,
            answered_at=host_now(),
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        await _note_end(log, end)


def correlation_of(asking: Asking) -> str:
    """What all messages about one check have in common; made of the application's id, which is a hash."""
    return str(uuid5(NAMESPACE_URL, f"{asking.application}/{asking.check}"))


async def _note_end(log: ExchangeLog, end: ExchangeEnd) -> None:
    """An answer that is there is not lost because its end cannot be noted: the row then stays as `sent`."""
    try:
        await asyncio.to_thread(log.end, end)
    except SQLAlchemyError as error:
        _log.warning("exchange %s: its end is not on record (%s)", end.message_id, type(error).__name__)
