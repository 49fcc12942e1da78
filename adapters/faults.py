"""Kills this process at a named point, as a power cut would: only for the fault tests, and only where
TIREK_FAULT asks for it.

TIREK_FAULT is POINT:WHAT:APPLICATION, and may end with :PID. The points are those at which a process can die
between a command and its record:

- `before-answer`: what was done stands in the worker's memory, and the server knows nothing of it yet
- `before-record`: history has it, the answer is out, and nobody has begun to write the record
- `inside-record`: all rows are written, and not committed
- `after-record`: the rows are committed, and the server has not been told
- `before-send`, `after-send`: of a notice, before it has left the house, and before that is noted

WHAT is the name of a fact, of a notice, or `Registration` for the claim of the children with the number; a
warning or a limit is named with its clock, `LimitPassed/waiting`. The process of the PID dies at the same instant.
"""

import logging
import os
import re
import signal
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Connection, Engine, event
from temporalio import workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from models.errors import MalformedError
from models.journal import FALLING_DUE, Fact
from models.outbound import Notice
from models.ports import NoticeSender
from models.registration import RegistrationWanted
from models.state import Entry

REGISTRATION = "Registration"
_log = logging.getLogger(__name__)
_recording: ContextVar[bool] = ContextVar("recording", default=False)


class Point(StrEnum):
    """Where a process can be killed."""

    BEFORE_ANSWER = "before-answer"
    BEFORE_RECORD = "before-record"
    INSIDE_RECORD = "inside-record"
    AFTER_RECORD = "after-record"
    BEFORE_SEND = "before-send"
    AFTER_SEND = "after-send"


_FORM = re.compile(rf"({'|'.join(Point)}):([^:]+):([^:]+)(?::([0-9]+))?")


@dataclass(frozen=True)
class Fault:
    """One death, of this process and of `pid` with it."""

    point: Point
    what: str
    application: str
    pid: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """MalformedError for anything but POINT:WHAT:APPLICATION or POINT:WHAT:APPLICATION:PID."""
        parts = _FORM.fullmatch(text)
        if parts is None:
            points = ", ".join(Point)
            raise MalformedError(f"TIREK_FAULT: it is POINT:WHAT:APPLICATION[:PID], and the points are {points}")
        point, what, application, pid = parts.groups()
        return cls(Point(point), what, application, int(pid) if pid else None)

    def __str__(self) -> str:
        return f"{self.point}:{self.what}:{self.application}" + (f":{self.pid}" if self.pid else "")

    def is_meant(self, argument: object) -> bool:
        """Whether an activity's argument is about what the fault names."""
        match argument:
            case Entry():
                is_it = argument.state.opening.application == self.application
                return is_it and any(name_of(fact) == self.what for fact in argument.facts)
            case RegistrationWanted():
                return argument.application == self.application and self.what == REGISTRATION
            case _:
                return False

    def strike(self, point: Point) -> None:
        """Die here, if this is the point; nothing is flushed but the line that proves it."""
        if point is not self.point:
            return
        _log.critical("fault reached: %s", self)
        for pid in (self.pid, os.getpid()):
            if pid:
                os.kill(pid, signal.SIGKILL)


def name_of(fact: Fact) -> str:
    """How WHAT names a fact: by itself, and what falls due with its clock, a warning with its percentage too."""
    if fact.fact not in FALLING_DUE:
        return fact.fact
    percent = f"/{fact.details['percent']}" if "percent" in fact.details else ""
    return f"{fact.fact}/{fact.details['clock']}{percent}"


def watch_commits(engine: Engine, fault: Fault) -> None:
    """Strike inside a transaction of an activity that the fault means, right before its commit."""

    def before_commit(_connection: Connection) -> None:
        if _recording.get():
            fault.strike(Point.INSIDE_RECORD)

    event.listen(engine, "commit", before_commit)


class DyingSender:
    """A `NoticeSender` that dies before or after it has sent what the fault names."""

    def __init__(self, sender: NoticeSender, fault: Fault) -> None:
        self._sender = sender
        self._fault = fault

    def send(self, message_id: str, application: str, notice: Notice) -> None:
        is_meant = (application, notice.kind) == (self._fault.application, self._fault.what)
        if is_meant:
            self._fault.strike(Point.BEFORE_SEND)
        self._sender.send(message_id, application, notice)
        if is_meant:
            self._fault.strike(Point.AFTER_SEND)


class FaultInterceptor(Interceptor):
    """Watches what a worker does, and strikes."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Activity(next, self._fault)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK calls it by this name
    ) -> type[WorkflowInboundInterceptor]:
        del input
        fault = self._fault

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(_Outbound(outbound, fault))

        return Inbound


class _Activity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, fault: Fault) -> None:  # noqa: A002
        super().__init__(next)
        self._fault = fault

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        if not any(self._fault.is_meant(argument) for argument in input.args):
            return await super().execute_activity(input)
        self._fault.strike(Point.BEFORE_RECORD)
        _recording.set(True)  # the thread of a synchronous activity has a copy of this context
        result = await super().execute_activity(input)
        self._fault.strike(Point.AFTER_RECORD)
        return result


class _Outbound(WorkflowOutboundInterceptor):
    """The task that answers a command also schedules its record: nothing of it is with the server yet."""

    def __init__(self, next: WorkflowOutboundInterceptor, fault: Fault) -> None:  # noqa: A002
        super().__init__(next)
        self._fault = fault

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        is_new = not workflow.unsafe.is_replaying()
        if is_new and any(self._fault.is_meant(argument) for argument in input.args):
            self._fault.strike(Point.BEFORE_ANSWER)
        return super().start_activity(input)
