"""Copies that a portal request names (R15): uploaded first, named by their hashes, covered by the signature."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from demo.visit import Visit
from desk.reconcile import differences
from models.lifecycle import Channel, Command
from models.messages import APPLICANT
from tests.command_line import Ran, run_program
from tests.conftest import House, strangers
from tests.documents.samples import picture

Run = Callable[..., Awaitable[Ran]]
KIND = "bank-account-contract"


@pytest.fixture
def run(house: House, tmp_path: Path) -> Run:
    (tmp_path / "store").mkdir()
    environment = house.environment | {"TIREK_DOCUMENTS_URL": f"file://{tmp_path}/store"}

    async def one(*arguments: str, stdin: str | None = None) -> Ran:
        return await run_program(*arguments, "--json", environment=environment, stdin=stdin)

    return one


@pytest.fixture
async def request_of_somebody(house: House) -> dict[str, Any]:
    visit = await Visit.open(house.desk, Channel.PORTAL, strangers())
    return visit.example(Command.SUBMIT)


def naming(request: dict[str, Any], copy: dict[str, Any]) -> str:
    """The request with the copy of its contract; it has to be signed anew."""
    for one in request["documents"]:
        if one["kind"] == KIND:
            one["file"] = copy
    return json.dumps({name: value for name, value in request.items() if name != "signature"})


class TestCopies:
    """The applicant's signature covers each copy: none can be exchanged behind it."""

    async def test_uploaded_named_and_signed(
        self, run: Run, house: House, request_of_somebody: dict[str, Any], tmp_path: Path
    ) -> None:
        """The copy is the application's evidence from the first fact on, as the applicant's."""
        scan = tmp_path / "scan"
        scan.write_bytes(picture("PNG"))
        copy = (await run("upload", str(scan))).json
        assert copy["media_type"] == "image/png"
        signed = await run("sign", "-", stdin=naming(request_of_somebody, copy))
        sent = await run("submit", "-", stdin=signed.out)
        assert sent.code == 0, sent.err
        application = sent.json["application"]
        (kept,) = house.reader.evidence(application)
        assert (kept.sha256, kept.kind, kept.attached_by) == (copy["sha256"], KIND, APPLICANT)
        assert await differences(house.engine.client, house.reader, house.ring, application) == []

    async def test_a_copy_that_nobody_has_uploaded(self, run: Run, request_of_somebody: dict[str, Any]) -> None:
        """Nothing begins: it is said which document, and how its copy gets into the store."""
        copy = {"sha256": "c" * 64, "media_type": "image/png", "size": 9}
        signed = await run("sign", "-", stdin=naming(request_of_somebody, copy))
        sent = await run("submit", "-", stdin=signed.out)
        assert (sent.code, sent.json["error"]["code"]) == (3, "file-not-stored")

    @pytest.mark.parametrize("lie", [{"media_type": "application/pdf"}, {"size": 9}])
    async def test_a_copy_that_is_another_one_in_the_store(
        self, run: Run, request_of_somebody: dict[str, Any], tmp_path: Path, lie: dict[str, Any]
    ) -> None:
        """What the request says of a copy becomes evidence, so it has to be what is stored."""
        scan = tmp_path / "scan"
        scan.write_bytes(picture("PNG"))
        copy = (await run("upload", str(scan))).json
        signed = await run("sign", "-", stdin=naming(request_of_somebody, copy | lie))
        sent = await run("submit", "-", stdin=signed.out)
        assert (sent.code, sent.json["error"]["code"]) == (3, "file-differs")

    async def test_another_copy_behind_the_signature(
        self, run: Run, request_of_somebody: dict[str, Any], tmp_path: Path
    ) -> None:
        """The signed request names the copies, so with another one it is another text."""
        copies = []
        for kind in ("PNG", "JPEG"):
            scan = tmp_path / kind
            scan.write_bytes(picture(kind))
            copies.append((await run("upload", str(scan))).json)
        signed = (await run("sign", "-", stdin=naming(request_of_somebody, copies[0]))).json
        forged = json.loads(naming(dict(signed), copies[1])) | {"signature": signed["signature"]}
        sent = await run("submit", "-", stdin=json.dumps(forged))
        assert (sent.code, sent.json["error"]["code"]) == (3, "signature-of-other-content")

    async def test_a_file_that_is_not_taken(self, run: Run, tmp_path: Path) -> None:
        scan = tmp_path / "scan.pdf"
        scan.write_bytes(b"plain text")
        ran = await run("upload", str(scan))
        assert (ran.code, ran.json["error"]["code"]) == (3, "file-type-unknown")
        assert [one for one in (tmp_path / "store").rglob("*") if one.is_file()] == []
