"""The stand-in authority: real in its forms, and nobody's in its name."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from adapters.settings import ROOT, Settings
from adapters.signatures.opening import open_verifier
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.certificates import Leaf
from adapters.signatures.stand_in.officers import officer_of
from models.errors import UnavailableError
from models.identifiers import iin_birth_date
from models.signature import SignatureFinding, Signed
from tests.signatures.making import GOOD, IIN, TEXT
from tests.signing import authority


class TestFolder:
    """Its keys are made once, and are for us only."""

    def test_modes(self) -> None:
        """The folder and every file in it can be read by their owner alone."""
        folder = authority().folder
        assert folder.stat().st_mode & 0o777 == 0o700
        files = [path for path in folder.iterdir() if path.suffix == ".pem"]
        assert len(files) == 7
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}

    async def test_several_begin_at_once(self, tmp_path: Path) -> None:
        """Of several processes the first one's keys count; what any of them signs is believed by each."""
        script = (
            "import sys; from pathlib import Path\n"
            "from adapters.signatures.stand_in.authority import StandInAuthority\n"
            "one = StandInAuthority.of(Path(sys.argv[1]))\n"
            "sys.stdout.write(one.sign(sys.argv[2], sys.argv[3]))"
        )
        settings = Settings(data=tmp_path)
        command = [sys.executable, "-c", script, str(settings.signature_stand_in), TEXT, IIN]
        pipe = asyncio.subprocess.PIPE
        programs = [
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stdin=asyncio.subprocess.DEVNULL)
            for _ in range(4)
        ]
        said = [(await program.communicate())[0].decode() for program in programs]
        assert [program.returncode for program in programs] == [0] * 4
        assert os.listdir(tmp_path) == ["signature-stand-in"]  # noqa: PTH208 - nothing else waits here
        async with open_verifier(settings) as verifier:
            found = [await verifier.verify(Signed(content=TEXT, signature=one)) for one in said]
        assert found == [GOOD] * 4

    def test_it_cannot_be_written(self, tmp_path: Path) -> None:
        """A folder that cannot be made is told."""
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(UnavailableError, match="signature-stand-in cannot be written"):
            StandInAuthority.of(tmp_path / "file" / "signature-stand-in")

    def test_nothing_of_it_is_in_the_project(self) -> None:
        """Test runs have a home of their own."""
        assert ROOT not in authority().folder.parents


class TestCertificates:
    """The layout of the national authority's own."""

    def test_of_a_person(self) -> None:
        """Surname and name, IIN, country, patronymic; for signing; of a person."""
        shown = authority().issue(Leaf(IIN))
        kinds = [part.oid._name for part in shown.subject]
        assert kinds == ["commonName", "surname", "serialNumber", "countryName", "givenName"]
        assert shown.subject.get_attributes_for_oid(x509.NameOID.SERIAL_NUMBER)[0].value == f"IIN{IIN}"
        usage = shown.extensions.get_extension_for_class(x509.KeyUsage).value
        assert (usage.digital_signature, usage.content_commitment, usage.key_encipherment) == (True, True, False)
        extended = list(shown.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        assert extended[0] == ExtendedKeyUsageOID.EMAIL_PROTECTION
        assert extended[1].dotted_string == "1.2.398.3.3.4.1.1"

    def test_of_an_employee(self) -> None:
        """Organisation and BIN stand behind the person."""
        shown = authority().issue(Leaf(IIN, employed=True))
        unit = shown.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value
        assert str(unit).startswith("BIN")
        extended = [
            one.dotted_string for one in shown.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        ]
        assert "1.2.398.3.3.4.1.2" in extended

    def test_its_name_says_what_it_is(self) -> None:
        """Whoever reads a certificate sees that a stand-in has issued it."""
        issuer = authority().issue(Leaf(IIN)).issuer.rfc4514_string()
        root = x509.load_pem_x509_certificate(authority().roots[0].read_bytes()).subject.rfc4514_string()
        assert issuer.count("STAND-IN") == root.count("STAND-IN") == 2


class TestOfficers:
    """Who signs for a post in trials."""

    async def test_they_may_sign_for_their_posts(self, tmp_path: Path) -> None:
        """Each post has one, always the same, whose signature bears it."""
        assert officer_of("head") == officer_of("head") != officer_of("deputy-head")
        assert iin_birth_date(officer_of("head")) is not None
        settings = Settings(data=tmp_path)
        one = StandInAuthority.of(settings.signature_stand_in)
        async with open_verifier(settings, {"head", "deputy-head"}) as verifier:
            signature = one.sign(TEXT, officer_of("head"), employed=True)
            finding = await verifier.verify(Signed(content=TEXT, signature=signature))
        assert finding == SignatureFinding(valid=True, signer=officer_of("head"), posts=("head",))
