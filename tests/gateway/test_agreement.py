"""The gateway file: what is wrong with it is named, and no secret with it."""

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from adapters.gateway.agreement import Agreement
from adapters.settings import ROOT
from models.errors import MalformedError
from models.registers import LifeStatus, Register
from tests.gateway.partners import SERVICES, Partner, write_gateway_file

PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8


class TestFile:
    """What it holds."""

    def test_whole(self, tmp_path: Path, us: Partner, gateway: Partner) -> None:
        """Everything that it names is loaded, from beside it; a repr shows no password and no key."""
        (tmp_path / "password").write_text("hidden\n")
        path = write_gateway_file(tmp_path, us, gateway, us, password_file="password")  # noqa: S106 - a name
        agreement = Agreement.load(path)
        assert agreement.password is not None
        assert agreement.password.get_secret_value() == "hidden"
        assert agreement.certificate == us.certificate
        assert agreement.trusted == (gateway.certificate, us.certificate)
        assert agreement.service(Register.ACCOUNT).data == "string"
        assert agreement.file.life_status["2"] is LifeStatus.MISSING
        assert "hidden" not in repr(agreement)
        assert "RSAPrivateKey" not in repr(agreement)

    def test_manual(self, tmp_path: Path, us: Partner, gateway: Partner) -> None:
        """The file that docs/gateway.md shows is one, but for its address."""
        [shown] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "gateway.md").read_text(), re.DOTALL)
        path = write_gateway_file(tmp_path, us, gateway)
        path.write_text(shown.replace("HOST:PORT", "127.0.0.1:9233"), encoding="utf-8")
        assert Agreement.load(path).file.account_open == ("0",)

    @pytest.mark.parametrize(
        ("changes", "place"),
        [
            ({"url": "http://127.0.0.1:9233/bip-sync-wss"}, "url"),
            ({"url": "https://user:hidden@example.kz/"}, "url"),
            ({"url": "https:///hidden"}, "url"),
            ({"url": "hidden"}, "url"),
            ({"url": "https://example.kz:99999999/"}, "url"),
            ({"sender": ""}, "sender"),
            ({"sender": "a\nb"}, "sender"),
            ({"services": {name: one for name, one in SERVICES.items() if name != "birth"}}, "services"),
            ({"services": SERVICES | {"person": {"service": "A", "data": "other"}}}, "services.person.data"),
            ({"life_status": {"0": "happy"}}, "life_status.0"),
            ({"not_found": ["a b"]}, "not_found.0"),
            ({"verify": False}, "verify"),
            ({"key_file": "away"}, "key_file"),
            ({"key_file": "sender.crt.pem"}, "key_file"),
            ({"certificate_file": "away"}, "certificate_file"),
            ({"certificate_file": "gateway.crt.pem"}, "certificate_file"),
            ({"certificate_file": "sender.key.pem"}, "certificate_file"),
            ({"trusted_file": "away"}, "trusted_file"),
            ({"trusted_file": "sender.key.pem"}, "trusted_file"),
            ({"ca_file": "away"}, "ca_file"),
            ({"ca_file": "sender.key.pem"}, "ca_file"),
            ({"password_file": "away"}, "password_file"),
            ({"password_file": "empty"}, "password_file"),
            ({"password_file": "lines"}, "password_file"),
            ({"password_file": "letters"}, "password_file"),
        ],
    )
    def test_wrong(
        self, tmp_path: Path, us: Partner, gateway: Partner, changes: dict[str, Any], place: str
    ) -> None:
        """The setting and the field are named."""
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "lines").write_text("hidden\nhidden")
        (tmp_path / "letters").write_bytes(b"hidden\xff")
        with pytest.raises(MalformedError, match=r"^TIREK_GATEWAY_FILE: ") as told:
            Agreement.load(write_gateway_file(tmp_path, us, gateway, **changes))
        assert [field for field, _ in told.value.fields] == [place]
        assert f"{place}: " in str(told.value)
        assert "hidden" not in str(told.value)

    @pytest.mark.parametrize("content", ["", "[]", "url: [", "a: 1\na: 2", "\ud800"])
    def test_no_such_file(self, tmp_path: Path, content: str) -> None:
        """A file that is away, is no YAML or is something else."""
        path = tmp_path / "gateway.yaml"
        with pytest.raises(MalformedError, match=r"^TIREK_GATEWAY_FILE: .*gateway\.yaml cannot be read"):
            Agreement.load(path)
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        with pytest.raises(MalformedError, match=r"^TIREK_GATEWAY_FILE: "):
            Agreement.load(path)

    def test_weak_or_other_keys(self, tmp_path: Path, us: Partner, gateway: Partner) -> None:
        """Keys that are short, of another kind or encrypted."""
        path = write_gateway_file(tmp_path, us, gateway)
        for key, protection in (
            (rsa.generate_private_key(65537, 1024), NoEncryption()),  # noqa: S505 - weak on purpose
            (ec.generate_private_key(ec.SECP256R1()), NoEncryption()),
            (us.key, BestAvailableEncryption(b"hidden")),
        ):
            (tmp_path / "sender.key.pem").write_bytes(key.private_bytes(PEM, PKCS8, protection))
            with pytest.raises(MalformedError, match=r"^TIREK_GATEWAY_FILE: key_file: "):
                Agreement.load(path)

    def test_certificate_that_runs_out(
        self, tmp_path: Path, us: Partner, gateway: Partner, caplog: pytest.LogCaptureFixture
    ) -> None:
        """An operator is told in the month before."""
        Agreement.load(write_gateway_file(tmp_path, us, gateway, Partner.make("later", days=90)))
        assert [record.getMessage().partition(" until ")[0] for record in caplog.records] == [
            "TIREK_GATEWAY_FILE: certificate_file: a certificate is valid",
            "TIREK_GATEWAY_FILE: trusted_file: a certificate is valid",
        ]

    def test_weak_certificate(self, tmp_path: Path, us: Partner) -> None:
        """The gateway's own key is long enough, or it is not trusted."""
        path = write_gateway_file(tmp_path, us, Partner.make("weak", bits=1024))
        with pytest.raises(MalformedError, match=r"^TIREK_GATEWAY_FILE: trusted_file: .*2048 bits"):
            Agreement.load(path)
