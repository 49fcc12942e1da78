"""The ways out of a worker: which there are by the settings, and a limit that passes on the real server."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from adapters.notices.ways import ways_of
from adapters.settings import Settings
from adapters.temporal.server import Server
from cli.trial import _own
from demo.visit import Visit
from models.errors import MalformedError
from models.library import Library
from models.lifecycle import Channel
from models.regulation import ClockKind
from tests.command_line import run_program
from tests.conftest import House, house_of, strangers
from tests.receivers import Hook, MailBox, mail_server, receiver
from tests.test_webhook import NEW

SUPERVISOR = "supervisor@sc.example.kz"


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    file = tmp_path / "addresses.json"
    file.write_text(f'{{"sc-supervisor": "{SUPERVISOR}"}}')
    return file


def whole(addresses: Path) -> dict[str, str]:
    """The settings of both ways, as the environment has them."""
    return {
        "TIREK_SMTP_URL": "smtp://tirek:hidden@mail.example.kz",
        "TIREK_MAIL_FROM": "tirek@example.kz",
        "TIREK_ADDRESSES_FILE": str(addresses),
        "TIREK_WEBHOOK_URL": "https://example.kz/hidden",
        "TIREK_WEBHOOK_SECRET": NEW,
    }


class TestSettings:
    """What is set is a way; what is half set is named."""

    @pytest.fixture
    def load(self, addresses: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
        def with_changes(**changes: str) -> Settings:
            for name, value in (whole(addresses) | changes).items():
                monkeypatch.setenv(name, value)
            return Settings()

        return with_changes

    def test_folder_alone_by_default(self, tmp_path: Path, library: Library) -> None:
        """Without settings the folder takes everything, as ever."""
        assert [(way.name, way.kinds) for way in ways_of(Settings(data=tmp_path), library)] == [("folder", None)]

    def test_each_way_that_is_set(self, load: Callable[..., Settings], library: Library) -> None:
        """With all settings there are three ways, and no repr of them shows a secret."""
        settings = load()
        ways = ways_of(settings, library)
        assert [way.name for way in ways] == ["folder", "mail", "webhook"]
        shown = f"{settings!r} {settings} {ways!r} {settings.model_dump_json()}"
        assert [secret for secret in ("hidden", NEW) if secret in shown] == []

    def test_trial_writes_to_nobody(self, load: Callable[..., Settings], library: Library) -> None:
        """The demo's applications pass limits by the dozen; no supervisor hears of them."""
        assert [way.name for way in ways_of(_own(load()), library)] == ["folder"]

    def test_secret_in_a_file(self, load: Callable[..., Settings], library: Library, tmp_path: Path) -> None:
        """A file may hold the webhook's secret; one that is none is named by its own setting, two are too many."""
        file = tmp_path / "secret"
        file.write_text(f"{NEW}\n")
        settings = load(TIREK_WEBHOOK_SECRET="", TIREK_WEBHOOK_SECRET_FILE=str(file))
        assert len(ways_of(settings, library)) == 3
        with pytest.raises(MalformedError, match=r"^TIREK_WEBHOOK_SECRET: .* one of them is enough"):
            ways_of(load(TIREK_WEBHOOK_SECRET=NEW), library)
        file.write_text("hidden")
        with pytest.raises(MalformedError, match=r"^TIREK_WEBHOOK_SECRET_FILE: ") as told:
            ways_of(load(TIREK_WEBHOOK_SECRET=""), library)
        assert "hidden" not in str(told.value)

    @pytest.mark.parametrize("missing", ["TIREK_SMTP_URL", "TIREK_MAIL_FROM", "TIREK_ADDRESSES_FILE"])
    def test_half_of_the_mail(self, load: Callable[..., Settings], library: Library, missing: str) -> None:
        """A setting that is forgotten beside the others is named: supervisors would hear nothing."""
        with pytest.raises(MalformedError, match=f"^{missing}: it is missing"):
            ways_of(load(**{missing: ""}), library)

    @pytest.mark.parametrize("missing", ["TIREK_WEBHOOK_URL", "TIREK_WEBHOOK_SECRET"])
    def test_half_of_the_webhook(self, load: Callable[..., Settings], library: Library, missing: str) -> None:
        """So it is with the webhook."""
        with pytest.raises(MalformedError, match=f"^{missing}: it is missing"):
            ways_of(load(**{missing: ""}), library)

    @pytest.mark.parametrize("text", ["nobody", "Tirek <a@b.kz>", "a@b.kz\nBcc: c@d.kz", "a@b.kz, c@d.kz"])
    def test_sender_is_one_plain_address(self, load: Callable[..., Settings], library: Library, text: str) -> None:
        """Whom letters are from is an address and nothing else."""
        with pytest.raises(MalformedError, match=r"^TIREK_MAIL_FROM: "):
            ways_of(load(TIREK_MAIL_FROM=text), library)

    async def test_worker_ends_at_once(self, addresses: Path, tmp_path: Path) -> None:
        """A worker with a bad setting of a way ends with 2 before it works, names it, and tells no secret."""
        bad = {
            "TIREK_SMTP_URL": "smtp://tirek:hidden@mail.example.kz:hidden",
            "TIREK_MAIL_FROM": "nobody",
            "TIREK_ADDRESSES_FILE": str(tmp_path / "none"),
            "TIREK_WEBHOOK_URL": "http://example.kz/hidden",
            "TIREK_WEBHOOK_SECRET": "hidden",
        }
        anywhere = {"TIREK_DATA": str(tmp_path), "TEMPORAL_ADDRESS": "127.0.0.1:9", **whole(addresses)}
        ran = await asyncio.gather(
            *(run_program(program="worker.py", environment=anywhere | {name: bad[name]}) for name in bad)
        )
        for name, one in zip(bad, ran, strict=True):
            assert (one.code, one.err.startswith(f"worker.py: {name}: ")) == (2, True), (name, one.err)
            assert "hidden" not in one.err + one.out


@pytest_asyncio.fixture
async def watched(
    tmp_path: Path, server: Server, library: Library, address: str, addresses: Path
) -> AsyncGenerator[tuple[House, MailBox, Hook]]:
    """A house whose supervisors have a mail server and a receiver."""
    box, hook = MailBox(), Hook()
    with mail_server(box) as mail_port, receiver(hook) as hook_port:
        settings = Settings(
            data=tmp_path / "watched",
            database_url=address,
            task_queue=f"watched-{tmp_path.name}",
            smtp_url=SecretStr(f"smtp+plain://127.0.0.1:{mail_port}"),
            mail_from="tirek@example.kz",
            addresses_file=addresses,
            webhook_url=SecretStr(f"http://127.0.0.1:{hook_port}/?token=hidden"),
            webhook_secret=SecretStr(NEW),
        )
        async with house_of(settings, server, library) as house:
            yield house, box, hook


class TestWorker:
    """A real worker and a real server."""

    async def test_passed_limit_reaches_the_supervisor(self, watched: tuple[House, MailBox, Hook]) -> None:
        """Each warning and the limit leave once by each way: into the folder, by e-mail and by webhook."""
        house, box, hook = watched
        visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
        await visit.skip_past(ClockKind.WAITING)

        def deliveries() -> list[str]:
            rows = house.reader.rows(visit.application)["delivery"]
            return sorted(row["way"] for row in rows if row["sent_at"] and row["attempts"] == 1)

        assert await house.desk.until(lambda: deliveries() == ["folder"] * 4 + ["mail"] * 4 + ["webhook"] * 4)
        notices = house.reader.rows(visit.application)["notice"]
        assert all(notice["sent_at"] for notice in notices)
        assert len(list((house.settings.data / "notices").iterdir())) == 4
        assert [one["To"] for one in box.messages] == [SUPERVISOR] * 4
        assert [one["Subject"].endswith(visit.application) for one in box.messages] == [True] * 4
        posted = hook.verified(NEW)
        assert [(one["type"], one["data"]["percent"]) for one in posted] == [
            *(("warning-reached", percent) for percent in (50, 75, 90)),
            ("limit-passed", None),
        ]
        assert {one["data"]["application"] for one in posted} == {visit.application}
        said = house.engine.worker.words()
        assert [secret for secret in ("hidden", NEW, SUPERVISOR) if secret in said] == []
