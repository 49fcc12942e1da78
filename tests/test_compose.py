"""docker-compose.yml, as far as it can be judged without a container engine; `make test-compose` asks a parser."""

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.settings import ROOT, Settings
from production.certificates import Pair
from production.secret_files import CERTIFIED, KEY_RING, PASSWORDS, SecretFiles

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"temporal-schema", "setup"}
"""They end by themselves, and others wait for that."""
BY_HAND = {"operator"}
LASTING = sorted(set(SERVICES) - ONCE - BY_HAND)
OURS = sorted(name for name, one in SERVICES.items() if "build" in one)
_PINNED = re.compile(r"^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$")
_SECRET_WORDS = ("PASSWORD", "SECRET", "PWD", "TOKEN", "_KEY")


class TestServices:
    """What holds of every one of them."""

    @pytest.mark.parametrize("name", SERVICES)
    def test_image_is_pinned(self, name: str) -> None:
        """An exact version: tomorrow's pull is today's."""
        assert _PINNED.match(SERVICES[name]["image"])

    @pytest.mark.parametrize("name", LASTING)
    def test_a_lasting_one_is_watched_and_restarted(self, name: str) -> None:
        """It has a health check, and starts again after whatever ended it."""
        one = SERVICES[name]
        assert one["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert one["restart"] == "unless-stopped"

    @pytest.mark.parametrize("name", sorted(ONCE))
    def test_what_runs_once_is_waited_for(self, name: str) -> None:
        """It is tried again until it succeeds, and somebody waits for its success."""
        assert SERVICES[name]["restart"] == "on-failure"
        waits = [one.get("depends_on", {}).get(name, {}).get("condition") for one in SERVICES.values()]
        assert "service_completed_successfully" in waits

    @pytest.mark.parametrize("name", SERVICES)
    def test_has_limits(self, name: str) -> None:
        """None can take the whole machine, fill its disk with a log, or become more than it is."""
        one = SERVICES[name]
        assert 0 < float(one["cpus"]) <= 2
        assert re.fullmatch(r"\d+[mg]", one["mem_limit"])
        assert one["pids_limit"] > 0
        assert one["logging"]["options"]["max-size"]
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_no_secret_in_the_environment(self, name: str) -> None:
        """Whatever sounds like a secret is the name of a file."""
        environment = SERVICES[name].get("environment", {})
        loud = {key: value for key, value in environment.items() if any(word in key for word in _SECRET_WORDS)}
        files = {key for key, value in loud.items() if value.startswith("/run/secrets") or key.endswith("_FILE")}
        assert set(loud) == files
        assert not re.search(r"://[^/\s$]*:[^/\s$]*@", yaml.safe_dump(environment))

    @pytest.mark.parametrize("name", SERVICES)
    def test_reaches_others_in_networks_that_are_there(self, name: str) -> None:
        """What stores something is in networks without a way out."""
        networks = set(SERVICES[name]["networks"])
        assert networks <= set(COMPOSE["networks"])
        if name in {"postgresql", "temporal", "temporal-schema"}:
            assert all(COMPOSE["networks"][one]["internal"] for one in networks)

    def test_ports_are_this_machines_own(self) -> None:
        """Nothing listens where other machines reach it."""
        ports = [port for one in SERVICES.values() for port in one.get("ports", [])]
        assert len(ports) >= 4
        assert all(port.startswith("127.0.0.1:") for port in ports)


class TestOurs:
    """The programs of this project, in their image."""

    @pytest.mark.parametrize("name", OURS)
    def test_settings_exist(self, name: str) -> None:
        """Every TIREK_ variable is a setting: one that is misspelt would say nothing."""
        given = [key for key in SERVICES[name]["environment"] if key.startswith("TIREK_")]
        assert {key.removeprefix("TIREK_").lower() for key in given} <= set(Settings.model_fields)

    @pytest.mark.parametrize("name", sorted(set(OURS) - {"gateway-stand-in"}))
    def test_nothing_stands_in(self, name: str) -> None:
        """Real people's applications: a stand-in is refused at the start."""
        assert SERVICES[name]["environment"]["TIREK_PRODUCTION"] == "true"

    def test_metrics_are_found(self) -> None:
        """Prometheus asks the service and the ports that there are."""
        asked = (ROOT / "operations" / "prometheus" / "prometheus.yml").read_text()
        dockerfile = (ROOT / "Dockerfile").read_text()
        first = int(re.findall(r"TIREK_HEALTH_PORT=(\d+)", dockerfile)[0])
        processes = int(SERVICES["worker"]["command"][-1])
        assert set(re.findall(r"port: (\d+)", asked)) >= {str(first + number) for number in range(processes)}

    @pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.trial.yml"])
    def test_mounted_files_are_there(self, file: str) -> None:
        """A file that is missing would be mounted as an empty folder."""
        mounted = re.findall(r"- (\./[^:]+):/", (ROOT / file).read_text())
        assert [path for path in mounted if not (ROOT / path).exists()] == []

    def test_secrets_are_those_that_are_made(self, tmp_path: Path) -> None:
        """`make secrets` makes every file that is mounted, each readable where it has to be."""
        files = SecretFiles(tmp_path / "secrets", in_containers=True)
        assert files.make() == [*PASSWORDS, KEY_RING, "authority.pem", *(f"{name}.pem" for name in CERTIFIED)]
        assert files.make() == []
        assert (files.folder.stat().st_mode & 0o777, files.path("authority.key").stat().st_mode & 0o777) == (
            0o700,
            0o600,
        )
        for name in COMPOSE["secrets"]:
            assert files.path(name).stat().st_mode & 0o777 == 0o444
        assert files.path(KEY_RING).stat().st_mode & 0o077 == 0

    def test_missing_secrets_are_named(self) -> None:
        """Without a folder of secrets nothing starts, and the reason is told."""
        text = (ROOT / "docker-compose.yml").read_text()
        assert len(re.findall(r"\$\{TIREK_(?:SECRETS|OFFICE)(?!:\?)", text)) == 0
        assert ":?the folder that make secrets filled}" in text
        assert not re.search(r"(?i)password[^_\n]*:-", text)


class TestImage:
    """What is in the image is what runs."""

    def test_programs_start_from_what_is_copied(self, tmp_path: Path) -> None:
        """Worker and command line find all of their modules among the files that .dockerignore lets in."""
        image = _image(tmp_path / "image")
        for arguments in (["worker.py", "--help"], ["starter.py", "--help"], ["starter.py", "officers", "--json"]):
            ran = subprocess.run(
                [sys.executable, *arguments],
                cwd=image,
                env={"TIREK_DATA": str(tmp_path / "data")},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
        assert not any((image / name).exists() for name in ("tests", "devserver", "docs", "production", ".git"))

    def test_base_is_pinned_and_nobody_is_root(self) -> None:
        """Both stages begin with one exact version; the last one ends as another user than root."""
        text = (ROOT / "Dockerfile").read_text()
        bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
        assert len(bases) == 2
        assert len(set(bases)) == 1
        assert _PINNED.match(bases[0].replace("-slim", ""))
        assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001:10001"]
        assert "--require-hashes --only-binary :all:" in text

    def test_its_lock_is_a_part_of_the_whole_one(self) -> None:
        """The same versions and hashes as everybody's, without what only developers need."""
        whole, running = (
            set((ROOT / name).read_text().splitlines())
            for name in ("requirements.lock", "requirements.runtime.lock")
        )
        pinned = {line for line in running if re.match(r"[a-z0-9]|    --hash", line)}
        assert {line.rstrip(" \\") for line in pinned} <= {line.rstrip(" \\") for line in whole}
        assert not any(line.startswith(("pytest", "playwright", "pyright", "ruff", "uv=")) for line in running)
        assert "://" not in "".join(running)


class TestCertificates:
    """By which the parts know each other."""

    def test_an_authority_of_somebody_else_certifies_nothing(self) -> None:
        """A key that is not one of ours is refused, and not used by accident."""
        from production.certificates import make_authority, make_certificate  # noqa: PLC0415 - only here

        authority = make_authority()
        assert b"BEGIN CERTIFICATE" in make_certificate(authority, "temporal").certificate
        with pytest.raises(ValueError, match="PEM"):
            make_certificate(Pair(authority.certificate, b"no key"), "temporal")


def _image(folder: Path) -> Path:
    """What COPY would bring: .dockerignore read as far as it is used here."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    let_in = [line[1:] for line in patterns if line[0] == "!"]
    assert patterns[0] == "*"
    kept_out = [Path(line).name for line in patterns[1:] if line[0] != "!"]
    folder.mkdir()
    for name in let_in:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*kept_out))
        else:
            shutil.copyfile(source, folder / name)
    assert not any(fnmatch.fnmatch(path.name, "*.pyc") for path in folder.rglob("*"))
    return folder
