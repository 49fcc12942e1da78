"""What lies on disks and in logs tells nobody's name, number, address, account or words."""

import base64
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity, workflow
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from adapters.settings import Settings
from adapters.temporal.codec import ENCODING
from adapters.temporal.server import Place, free_port, running_server
from demo.stories import STORIES
from demo.visit import Visit
from models.errors import RefusedError
from models.library import Library
from models.lifecycle import Command
from tests.conftest import House, house_of, strangers
from tests.searching import found_in, personal_texts, spellings
from tests.test_record import raw_files
from workflows import operators

STORY_TITLES = {
    "served too long, collected by a representative",
    "draft returned, then refused with grounds",
    "the register does not know the child",
    "withdrawn during review",
    "incomplete, refused with a note",
    "a silent register holds nobody up",
    "decision signed by the head, published",
    "request signed by somebody else",
    "recalled after a month in storage",
}
_TASK_FAILED = "workflow_task_failed_event_attributes"
WORDS = "Ойлы Баланың Анасы Қайтыс Болды 870101300123"
"""What a clumsy error would say of somebody."""


@dataclass
class Remembered(Visit):
    """A visit that keeps every input."""

    inputs: list[dict[str, Any]] = field(default_factory=list)

    def example(self, name: Command, *, seed: int | None = None, **wishes: Any) -> dict[str, Any]:
        made = super().example(name, seed=seed, **wishes)
        self.inputs.append(made)
        return made

    async def do(self, name: Command, by: str, message: dict[str, Any] | None = None) -> Any:
        self.inputs.append(message or {})
        return await super().do(name, by, message)


@workflow.defn(name="Clumsy")
class Clumsy:
    """A workflow of bad manners: whatever fails in it tells who somebody is."""

    @workflow.init
    def __init__(self, words: str) -> None:
        self._is_told = False

    @workflow.run
    async def run(self, words: str) -> None:
        await workflow.wait_condition(lambda: self._is_told)
        policy = RetryPolicy(maximum_attempts=1)
        await workflow.execute_activity(
            fail, words, start_to_close_timeout=timedelta(seconds=9), retry_policy=policy
        )

    @workflow.update
    async def tell(self, words: str) -> None:
        """Fails after it was accepted."""
        self._is_told = True
        raise ApplicationError(f"it is about {words}", words, type="clumsy")


@workflow.defn(name="Stuck")
class Stuck:
    """Its task fails, again and again."""

    @workflow.run
    async def run(self, words: str) -> None:
        raise RuntimeError(f"it is about {words}")


@activity.defn
def fail(words: str) -> None:
    cause = ValueError(f"it is about {words}")
    raise ApplicationError(f"it is about {words}", {"of": words}, type="clumsy") from cause


@pytest_asyncio.fixture
async def own(
    new_address: Callable[[str], str], tmp_path: Path, library: Library, database: str
) -> AsyncIterator[House]:
    """A house, and a server with a database file of its own; its worker tells everything it can."""
    data = tmp_path / "temporal"
    place = Place(data / "temporal.sqlite", data / "temporal.log", free_port(), None, operators.flags())
    settings = Settings(
        data=tmp_path / "house",
        database_url=new_address("record"),
        task_queue=f"clear-{database}",
        log_level="DEBUG",
    )
    async with running_server(place, print) as server, house_of(settings, server, library) as one:
        yield one


async def live_through(house: House) -> set[str]:
    """Applications of every kind; whatever was said of people in them."""
    told: set[str] = set()
    for story in (one for one in STORIES if one.title in STORY_TITLES):
        visit = Remembered(house.desk, story.channel, "", strangers(), house.settings.signature_stand_in)
        await visit.begin()
        await story.live(visit)
        told |= {text for content in visit.inputs for text in personal_texts(content)}
    await _refused_with_data(house, told)
    return told


async def _refused_with_data(house: House, told: set[str]) -> None:
    """A command that carries a whole request, and is refused."""
    visit = Remembered(house.desk, STORIES[0].channel, "", strangers())
    await visit.begin()
    package = visit.example(Command.ACCEPT)
    told |= set(personal_texts(package))
    with pytest.raises(RefusedError):
        await visit.do(Command.ACCEPT, visit.clerk, package)


def files_of(house: House) -> Iterable[tuple[str, bytes]]:
    """Everything that server, worker and record have written; not the stand-in authority, whose list of people is
    its own, and not the keys."""
    child = house.engine.server.child
    assert child is not None
    house_files = [
        path
        for path in house.settings.data.rglob("*")
        if path.is_file() and not path.is_relative_to(house.settings.signature_stand_in)
    ]
    for path in [*child.log.parent.glob("*"), *house_files]:
        yield path.name, path.read_bytes()
    yield "record", raw_files(house.record)


class TestApplications:
    """Applications that ran on a real server, on either database."""

    @pytest.mark.timeout(240)
    async def test_nothing_in_the_clear(self, own: House) -> None:
        """Of everybody in them, in any spelling, nothing is in the server's files, the record, the log at its most
        talkative, the notices and the documents."""
        told = await live_through(own)
        assert len(told) > 60
        files = list(files_of(own))
        names = {name for name, _ in files}
        assert {"temporal.sqlite", "temporal.sqlite-wal", "worker.log", "record"} <= names
        [application, *_] = own.reader.executions()
        assert any(
            application.encode() in content for name, content in files if name.startswith("temporal.sqlite")
        )
        assert b"debug" in own.engine.worker.log.read_bytes().lower()
        assert found_in(files, told) == []


class TestFailures:
    """What goes wrong is encrypted too, whoever wrote the words."""

    async def test_nothing_in_the_clear(self, house: House) -> None:
        """A failed update, a failed activity with its cause and stack, a failed workflow and a failed task: in the
        history as the server keeps it, nothing but the type can be read."""
        client, queue = house.engine.client, f"clumsy-{house.settings.task_queue}"
        kinds: dict[str, Any] = {"workflows": [Clumsy, Stuck], "activities": [fail]}
        async with Worker(client, task_queue=queue, activity_executor=ThreadPoolExecutor(2), **kinds):
            clumsy = await client.start_workflow("Clumsy", WORDS, id=f"{queue}-1", task_queue=queue)
            with pytest.raises(WorkflowUpdateFailedError) as update:
                await clumsy.execute_update("tell", WORDS)
            with pytest.raises(WorkflowFailureError):
                await clumsy.result()
            stuck = await client.start_workflow("Stuck", WORDS, id=f"{queue}-2", task_queue=queue)
            await house.desk.until(lambda: True)
            histories = [await clumsy.fetch_history()]
            while not any(
                event.HasField("workflow_task_failed_event_attributes") for event in histories[-1].events
            ):
                histories.append(await stuck.fetch_history())
            await stuck.terminate("tried")
        assert isinstance(update.value.cause, ApplicationError)
        assert WORDS in str(update.value.cause)
        raw = b"".join(event.SerializeToString() for history in histories for event in history.events)
        assert b"clumsy" in raw
        assert found_in([("histories", raw)], [WORDS, *WORDS.split()]) == []
        failures = [one for history in histories for event in history.events for one in failures_of(event)]
        assert len(failures) >= 4
        for one in failures:
            assert (one.message, one.stack_trace) == ("Encoded failure", "")
            assert one.encoded_attributes.metadata["encoding"] == ENCODING


def failures_of(event: Any) -> Iterable[Failure]:
    """Every failure that an event holds, causes included."""

    def inside(message: Any) -> Iterable[Failure]:
        for descriptor, value in message.ListFields():
            if descriptor.message_type is None:
                continue
            for one in value if descriptor.is_repeated else [value]:
                if isinstance(one, Failure):
                    yield one
                if hasattr(one, "ListFields"):
                    yield from inside(one)

    return inside(event)


class TestSearch:
    """The search finds what is there."""

    @pytest.mark.parametrize(
        "way",
        [
            lambda text: text.encode(),
            lambda text: text.upper().encode(),
            lambda text: text.lower().encode(),
            lambda text: text.encode("utf-16-le"),
            lambda text: text.encode().hex().encode(),
            lambda text: text.encode().hex().upper().encode(),
            lambda text: base64.b64encode(text.encode()),
            lambda text: base64.b64encode(f"x{text}".encode()),
            lambda text: base64.b64encode(f"xy {text} z".encode()),
            lambda text: base64.urlsafe_b64encode(f"{{{text}}}".encode()),
            lambda text: text.encode("unicode-escape").replace(rb"\x", rb"\u00"),
        ],
    )
    def test_finds(self, way: Callable[[str], bytes]) -> None:
        """Planted in each spelling between other bytes, and each is found; without it nothing is."""
        noise = bytes(range(256)) * 40
        assert found_in([("noise", noise)], ["Нұрғалиева", "870101300123"]) == []
        for text in ("Нұрғалиева", "Оразбековна"):
            assert found_in([("planted", noise + way(text) + noise)], [text]) != []

    def test_what_is_personal(self) -> None:
        """Numbers, names and words are taken out of an input wherever they stand in it."""
        request = {
            "applicant": {"iin": "870101300123", "language": "kk"},
            "children": [{"name": "Әсел"}],
            "reason": "r",
        }
        assert set(personal_texts(request)) == {"870101300123", "Әсел", "r"}
        assert spellings("r") == set()
