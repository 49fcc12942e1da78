"""The same sheet gives the same bytes: again, in another process, elsewhere, and by several threads at once."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.forms.printer import TypstPrinter
from adapters.settings import ROOT
from models.sheet import Sheet
from tests.forms.reading import TEMPLATES
from tests.forms.sheets import samples


def hashes(printer: TypstPrinter) -> list[str]:
    """Of every sample, in both languages."""
    return [hashlib.sha256(printer.print(printed)).hexdigest() for printed in _samples()]


def _samples() -> list[Sheet]:
    return [*samples("kk").values(), *samples("ru").values()]


class TestSameBytes:
    """A document is stored by its hash: nothing of where and when it was printed may be in it."""

    def test_again(self, printer: TypstPrinter) -> None:
        """A warm printer, and one that has printed nothing yet; and no two samples are the same document."""
        first = hashes(printer)
        assert hashes(printer) == first
        assert hashes(TypstPrinter(TEMPLATES)) == first
        assert len(set(first)) == len(first)

    @pytest.mark.parametrize(
        ("zone", "locale"), [("America/New_York", "C"), ("Asia/Tokyo", "kk_KZ.UTF-8"), ("UTC", "de_DE.UTF-8")]
    )
    def test_elsewhere(self, printer: TypstPrinter, zone: str, locale: str) -> None:
        """Another process, in another zone, locale, folder and seed of hashes."""
        environment = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": "7", "PYTHONUTF8": "1"}
        ran = subprocess.run(
            [sys.executable, "-m", "tests.forms.test_same_bytes"],
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.split() == hashes(printer)

    def test_by_threads(self, printer: TypstPrinter) -> None:
        """Four threads that print everything at once get what one gets."""
        expected = hashes(printer)
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda _: hashes(printer), range(4))) == [expected] * 4

    def test_wherever_the_templates_lie(self, printer: TypstPrinter, tmp_path: object) -> None:
        """The folder's name is in no document."""
        assert b"regulations" not in printer.print(_samples()[0])
        assert str(ROOT).encode() not in printer.print(_samples()[0])


if __name__ == "__main__":
    sys.stdout.write("\n".join(hashes(TypstPrinter(TEMPLATES))))
