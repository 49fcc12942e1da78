"""A hostile file uses up the memory and time of the process that examines it, and of nobody else."""

import struct
import sys
import zlib

import pytest

from adapters.documents.findings import Finding, FoundError, Limits
from adapters.documents.inspection import ask_child, inspect
from models.evidence_rules import EvidenceRules
from models.refusals import Refusal

LIMITS = Limits(**EvidenceRules().model_dump())
_SPINS = (
    "from adapters.documents import examining_child as c; c.CPU_SECONDS = 1; c._limit_itself()\nwhile True: pass"
)
_EATS = (
    "from adapters.documents import examining_child as c; c._limit_itself(); x = bytearray(2 << 30); print('{}')"
)
_WRITES = (
    "from adapters.documents import examining_child as c; c._limit_itself(); print('[' * 100_000, flush=True)"
)


def black(width: int, height: int) -> bytes:
    """A PNG of one bit per pixel, which takes a byte for each when it is decoded."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * (width // 8 + 1) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def ended(program: str, seconds: float = 30) -> Finding:
    with pytest.raises(FoundError) as caught:
        ask_child(b"%PDF-1.4", LIMITS, command=(sys.executable, "-B", "-c", program), seconds=seconds)
    return caught.value.finding


class TestLimits:
    """Whatever ends it, it is a refusal."""

    def test_memory_of_a_real_file(self) -> None:
        """Rules that would let it pass are held up by what the process may take."""
        content = black(40_000, 30_000)
        generous = EvidenceRules(most_pixels=10**10, most_pixels_in_all=10**10)
        found = inspect(content, generous)
        assert isinstance(found, Refusal)
        assert (found.code, len(content) < 200_000) == ("file-too-complex", True)

    @pytest.mark.parametrize(
        ("program", "seconds"),
        [
            (_SPINS, 30),
            ("while True: pass", 0.5),
            ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 30),
            ("raise SystemExit(3)", 30),
            ("print('no document')", 30),
            (_EATS, 30),
            (_WRITES, 30),
        ],
        ids=["processor", "wall", "killed", "broken off", "nonsense", "memory", "a long answer"],
    )
    def test_ended(self, program: str, seconds: float) -> None:
        assert ended(program, seconds) is Finding.TOO_COMPLEX

    def test_it_gets_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of our environment reaches the process that reads strangers' files."""
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        program = "import json, os; print(json.dumps({'names': sorted(os.environ)}))"
        command = (sys.executable, "-B", "-c", program)
        names = ask_child(b"", LIMITS, command=command)["names"]
        assert "AWS_SECRET_ACCESS_KEY" not in names
        assert "PATH" not in names
