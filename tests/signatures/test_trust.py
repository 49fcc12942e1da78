"""The signatures file: what it may say, and how it is told where it is wrong."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.settings import Settings
from adapters.signatures.opening import open_verifier
from adapters.signatures.stand_in.certificates import Issuer, Leaf, authority_certificate, leaf_certificate
from adapters.signatures.trust import Trust
from models.errors import MalformedError
from models.signature import Flaw, Signed
from tests.signatures.making import GOOD, IIN, TEXT, flawed, stranger
from tests.signatures.responders import list_of
from tests.signing import authority


class Office:
    """A folder with a signatures file that trusts an authority of its own; real in everything but its keys."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "signatures.yaml"
        root, _, _ = stranger()
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "КУӘЛАНДЫРУШЫ ОРТАЛЫҚ")])
        self.root = Issuer(name, root.key)
        self.certificate = authority_certificate(name, root.key.public_key(), self.root)
        (folder / "root.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "root.crl").write_bytes(list_of(self.root))
        leaf = leaf_certificate(Leaf(IIN), authority().leaf_key.public_key(), self.root)
        (folder / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        stand_in = authority().roots[0].read_bytes()
        (folder / "stand-in.pem").write_bytes(stand_in)
        self.content: dict[str, Any] = {
            "roots": ["root.pem"],
            "crl": ["root.crl"],
            "officers": {"head": [IIN]},
        }
        self.leaf = leaf

    def write(self, **changes: Any) -> Path:
        self.file.write_text(yaml.safe_dump(self.content | changes), encoding="utf-8")
        return self.file


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


class TestFile:
    """What it may say."""

    async def test_it_is_believed(self, office: Office, tmp_path: Path) -> None:
        """A signature of its authority passes, with the posts of the signer; the stand-in's does not."""
        settings = Settings(data=tmp_path / "data", signatures_file=office.write())
        signature = authority().signed_with(TEXT, office.leaf, chain=[])
        async with open_verifier(settings, {"head", "deputy-head"}) as verifier:
            finding = await verifier.verify(Signed(content=TEXT, signature=signature))
            by_stand_in = await verifier.verify(Signed(content=TEXT, signature=authority().sign(TEXT, IIN)))
        assert finding == GOOD.model_copy(update={"posts": ("head",)})
        assert by_stand_in == flawed(Flaw.UNTRUSTED)
        assert not settings.signature_stand_in.exists()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"roots": []}, "roots"),
            ({"roots": ["none.pem"]}, r"roots: none\.pem cannot be read \(FileNotFoundError\)"),
            ({"roots": ["signatures.yaml"]}, r"roots: .*no certificate in PEM"),
            ({"roots": ["leaf.pem"]}, r"roots: leaf\.pem is not of an authority"),
            ({"intermediates": ["leaf.pem"]}, r"intermediates: leaf\.pem is not of an authority"),
            ({"roots": ["root.pem", "stand-in.pem"]}, r"roots: stand-in\.pem is of a stand-in authority"),
            ({"intermediates": ["stand-in.pem"]}, r"intermediates: .*stand-in authority"),
            ({"crl": []}, "without either nobody can say what is revoked"),
            ({"crl": ["ftp://lists.test/x"]}, r"crl: .*http://HOST/PATH"),
            ({"ocsp": ["ocsp.test"]}, r"ocsp: .*http://HOST/PATH"),
            ({"ocsp": ["http://user:word@ocsp.test/"]}, r"ocsp: .*without user and password"),
            ({"ncanode": "http://ncanode.test:14579"}, r"ncanode: .*https://HOST, or http to this machine"),
            ({"ncanode": "not an address"}, "ncanode"),
            ({"officers": {"head": ["12"]}}, r"officers\.head\.0"),
            ({"officers": {"nobody": [IIN]}}, r"officers: there is no post nobody"),
            ({"certificates": []}, "certificates"),
        ],
    )
    def test_what_is_wrong_is_named(self, office: Office, changes: dict[str, Any], words: str) -> None:
        """The setting and the field, and nobody's IIN."""
        with pytest.raises(MalformedError, match=rf"^TIREK_SIGNATURES_FILE: .*{words}") as told:
            Trust.load(office.write(**changes), {"head"})
        assert told.value.exit_code == 2
        assert IIN not in str(told.value)

    @pytest.mark.parametrize("ncanode", ["https://ncanode.test", "http://127.0.0.1:14579", "http://localhost:1/"])
    def test_where_a_server_may_be(self, office: Office, ncanode: str) -> None:
        """Its word decides: it is on this machine, or nobody can write into the connection."""
        assert Trust.load(office.write(ncanode=ncanode)).ncanode == ncanode

    def test_a_private_network_has_to_be_said(self, office: Office) -> None:
        """Http to another machine is let pass where the file says that nobody else is in between."""
        there = {"ncanode": "http://ncanode:14579", "ncanode_in_private_network": True}
        assert Trust.load(office.write(**there)).ncanode == "http://ncanode:14579"
        with pytest.raises(MalformedError, match="ncanode_in_private_network: true"):
            Trust.load(office.write(**there | {"ncanode_in_private_network": False}))

    @pytest.mark.parametrize("break_it", [lambda file: file.write_bytes(b"\xff"), lambda file: file.unlink()])
    def test_unreadable(self, office: Office, break_it: Callable[[Path], None]) -> None:
        """It is not there, or no text."""
        break_it(office.write())
        with pytest.raises(MalformedError, match=r"TIREK_SIGNATURES_FILE: .*cannot be read"):
            Trust.load(office.file)


class TestStandIn:
    """Without a file, and what is said then."""

    async def test_it_is_said(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """The stand-in of the data folder is believed, its officers sign for every post, and a warning says so."""
        settings = Settings(data=tmp_path)
        with caplog.at_level(logging.WARNING):
            async with open_verifier(settings, {"head", "specialist-1"}) as verifier:
                from_elsewhere = await verifier.verify(Signed(content=TEXT, signature=authority().sign(TEXT, IIN)))
        assert "TIREK_SIGNATURES_FILE is not set" in caplog.text
        assert from_elsewhere.valid is False
        assert settings.signature_stand_in.is_dir()
