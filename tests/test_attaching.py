"""`attach`: a file is looked at, stored and given to an application; what is refused leaves nothing."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import pytest_asyncio

from adapters.documents.opening import open_documents
from adapters.documents.store import EncryptedDocumentStore
from demo.visit import SPECIALIST, Visit
from desk.reconcile import differences
from models.evidence import Attach, evidence_id
from models.lifecycle import Channel
from tests.command_line import Ran, run_program
from tests.conftest import House, strangers
from tests.documents.samples import pdf, picture

KIND = "bank-account-contract"
Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of this test's own: what is in it was put there by this test."""
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def documents(house: House, folder: Path) -> EncryptedDocumentStore:
    return open_documents(house.settings.model_copy(update={"documents_url": f"file://{folder}"}), house.ring)


@pytest.fixture
def run(house: House, folder: Path) -> Run:
    async def attach(*arguments: str, more: dict[str, str] | None = None, stdin: str | None = None) -> Ran:
        environment = house.environment | {"TIREK_DOCUMENTS_URL": f"file://{folder}"} | (more or {})
        return await run_program(*arguments, "--json", environment=environment, stdin=stdin)

    return attach


@pytest_asyncio.fixture
async def accepted(house: House) -> Visit:
    visit = await Visit.open(house.desk, Channel.STATE_CORPORATION, strangers())
    await visit.be_accepted()
    return visit


CONTENT = picture("JPEG")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    file = tmp_path / "Ахметова.exe"
    file.write_bytes(CONTENT)
    return file


@pytest.fixture
def another(tmp_path: Path) -> Path:
    file = tmp_path / "another"
    file.write_bytes(picture("PNG"))
    return file


def stored(folder: Path) -> list[str]:
    return [one.name for one in folder.glob("??/*")]


class TestAttach:
    """R11-R15: the content goes to the store, its hash to the process."""

    async def test_from_file_to_history(
        self, run: Run, accepted: Visit, scan: Path, documents: EncryptedDocumentStore, house: House
    ) -> None:
        """What is printed is what is on record, in history and in the store."""
        ran = await run("attach", accepted.application, KIND, str(scan), "--as", SPECIALIST)
        assert ran.code == 0, ran.out
        sha256 = hashlib.sha256(CONTENT).hexdigest()
        about = {
            "kind": KIND,
            "child": None,
            "sha256": sha256,
            "media_type": "image/jpeg",
            "size": len(CONTENT),
        }
        document = evidence_id(accepted.application, Attach.model_validate(about))
        assert ran.json == {"application": accepted.application, "document": document} | about
        assert documents.get(sha256) == CONTENT
        (kept,) = house.reader.evidence(accepted.application)
        assert (kept.id, kept.attached_by, kept.sha256) == (document, SPECIALIST, sha256)
        assert await differences(house.engine.client, house.reader, house.ring, accepted.application) == []

    async def test_the_name_is_nowhere(self, run: Run, accepted: Visit, scan: Path, folder: Path) -> None:
        ran = await run("attach", accepted.application, KIND, str(scan))
        shown = await run("show", accepted.application)
        assert (ran.code, shown.code) == (0, 0)
        assert not any("Ахметова" in text for text in (ran.out, shown.out, *stored(folder)))

    async def test_same_file_again(self, run: Run, accepted: Visit, scan: Path, folder: Path) -> None:
        """The same document; as another paper it is another document of the same content."""
        first = await run("attach", accepted.application, KIND, str(scan))
        again = await run("attach", accepted.application, KIND, str(scan))
        other = await run("attach", accepted.application, "death-certificate", str(scan), "--child", "1")
        assert (first.code, again.code, other.code) == (0, 0, 0), other.out
        assert again.json == first.json
        assert (other.json["document"] != first.json["document"], len(stored(folder))) == (True, 1)

    async def test_same_key(self, run: Run, accepted: Visit, scan: Path, another: Path, folder: Path) -> None:
        """Repeated it answers the same, also after the end; for another file it is refused, and not stored."""
        first = await run("attach", accepted.application, KIND, str(scan), "--id", "k1")
        other = await run("attach", accepted.application, KIND, str(another), "--id", "k1")
        assert (other.code, other.json["error"]["code"], len(stored(folder))) == (3, "id-reused", 1)
        await accepted.be_decided()
        again = await run("attach", accepted.application, KIND, str(scan), "--id", "k1")
        assert (again.code, again.json) == (0, first.json)
        late = await run("attach", accepted.application, KIND, str(scan))
        assert (late.code, late.json["error"]["code"]) == (3, "illegal-move")

    async def test_the_cabinet(self, run: Run, house: House, scan: Path) -> None:
        """On the portal the applicant adds a copy."""
        visit = await Visit.open(house.desk, Channel.PORTAL, strangers())
        await visit.submit()
        ran = await run("attach", visit.application, KIND, str(scan), "--as", "applicant")
        assert ran.code == 0, ran.out
        assert [one.attached_by for one in house.reader.evidence(visit.application)] == ["applicant"]

    async def test_for_people(self, house: House, accepted: Visit, scan: Path, folder: Path) -> None:
        """Without --json a line; who acted is said where nobody was named."""
        environment = house.environment | {"TIREK_DOCUMENTS_URL": f"file://{folder}"}
        ran = await run_program("attach", accepted.application, KIND, str(scan), environment=environment)
        assert ran.code == 0
        assert ran.out.startswith("doc-")
        assert "no --as was given" in ran.err


class TestRefused:
    """Each with its code, and without a trace in the store."""

    async def refused(self, ran: Ran, exit_code: int, code: str, folder: Path) -> dict[str, Any]:
        assert ran.code == exit_code, ran.out
        error = ran.json["error"]
        assert (error["exit"], error["code"]) == (exit_code, code)
        assert stored(folder) == []
        return error

    async def test_file_that_acts(self, run: Run, accepted: Visit, tmp_path: Path, folder: Path) -> None:
        file = tmp_path / "x"
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1"))
        file.write_bytes(pdf(lambda made: made.Root.update({"/OpenAction": script})))
        error = await self.refused(
            await run("attach", accepted.application, KIND, str(file)), 3, "pdf-active", folder
        )
        assert error["requirement"] == "R15"
        assert error["refusals"][0]["subjects"] == ["auto-action", "script"]

    @pytest.mark.parametrize(
        ("kind", "more", "code"),
        [
            ("spacecraft", (), "unknown-paper"),
            ("death-certificate", ("--child", "9"), "unknown-child"),
            (KIND, ("--child", "1"), "child-not-meant"),
            (KIND, ("--as", "somebody"), "unknown-officer"),
            (KIND, ("--as", "sc-supervisor"), "not-authorised"),
        ],
    )
    async def test_by_the_rules(
        self, run: Run, accepted: Visit, scan: Path, folder: Path, kind: str, more: tuple[str, ...], code: str
    ) -> None:
        ran = await run("attach", accepted.application, kind, str(scan), *more)
        await self.refused(ran, 3, code, folder)

    async def test_stage(self, run: Run, house: House, scan: Path, folder: Path) -> None:
        """In the queue nothing is handed in; the attempt is on record."""
        visit = await Visit.open(house.desk, Channel.PROVIDER, strangers())
        ran = await run("attach", visit.application, KIND, str(scan), "--as", SPECIALIST)
        await self.refused(ran, 3, "illegal-move", folder)

    async def test_ended(self, run: Run, accepted: Visit, scan: Path, folder: Path) -> None:
        await accepted.be_decided()
        await accepted.be_delivered()
        await accepted.collect()
        ran = await run("attach", accepted.application, KIND, str(scan))
        await self.refused(ran, 3, "illegal-move", folder)

    async def test_no_such_application(self, run: Run, scan: Path, folder: Path) -> None:
        await self.refused(await run("attach", "nobody", KIND, str(scan)), 5, "unknown-application", folder)

    @pytest.mark.parametrize("path", ["/nowhere", "/", "/dev/zero"])
    async def test_no_file(self, run: Run, accepted: Visit, folder: Path, path: str) -> None:
        error = await self.refused(await run("attach", accepted.application, KIND, path), 2, "malformed", folder)
        assert error["fields"][0]["field"] == "FILE"

    async def test_no_kind(self, run: Run, accepted: Visit, scan: Path, folder: Path) -> None:
        ran = await run("attach", accepted.application, "Not A Code", str(scan))
        await self.refused(ran, 2, "malformed", folder)

    async def test_store_is_away(self, run: Run, accepted: Visit, scan: Path, folder: Path, house: House) -> None:
        """The process is told of no file that is not kept."""
        away = {"TIREK_DOCUMENTS_URL": f"file://{folder}/away"}
        ran = await run("attach", accepted.application, KIND, str(scan), more=away)
        await self.refused(ran, 4, "unavailable", folder)
        assert house.reader.evidence(accepted.application) == ()


class TestByTheDoorOfEveryCommand:
    """`do APPLICATION attach --with FILE` tells of a file without bringing it."""

    async def test_only_what_is_stored(
        self, run: Run, accepted: Visit, documents: EncryptedDocumentStore, house: House
    ) -> None:
        """Of a file that nobody has, or of another one, no application is told."""
        known = documents.put(CONTENT)

        async def told(sha256: str, size: int) -> Ran:
            about = {"kind": KIND, "sha256": sha256, "media_type": "image/jpeg", "size": size}
            return await run("do", accepted.application, "attach", "--with", "-", stdin=json.dumps(about))

        for sha256, size, code in (("f" * 64, 9, "file-not-stored"), (known, 9, "file-differs")):
            ran = await told(sha256, size)
            assert (ran.code, ran.json["error"]["code"]) == (3, code)
        assert house.reader.evidence(accepted.application) == ()
        assert (await told(known, len(CONTENT))).code == 0


class TestRekey:
    """`documents rekey`, as an operator runs it."""

    async def test_rotation(self, documents: EncryptedDocumentStore, run: Run, house: House, folder: Path) -> None:
        """Under another active key; the second run has nothing to do."""
        former = replace(house.ring, active="former", keys={**house.ring.keys, "former": b"f" * 32})
        sha256 = EncryptedDocumentStore(documents._place, former).put(b"content")
        unreadable = await run("documents", "rekey")
        assert (unreadable.code, unreadable.json) == (2, {"objects": 1, "rewritten": 0, "unreadable": 1})
        EncryptedDocumentStore(documents._place, house.ring).put(b"content")
        assert documents.get(sha256) == b"content"
        done = await run("documents", "rekey")
        assert (done.code, done.json) == (0, {"objects": 1, "rewritten": 0, "unreadable": 0})
