"""Prints every sample, hostile ones too, and lets veraPDF judge them, and a paper that it must refuse."""

import subprocess
import sys
import tempfile
from pathlib import Path

import typst

from adapters.forms.printer import TypstPrinter
from adapters.settings import ROOT
from tests.forms.reading import TEMPLATES
from tests.forms.sheets import samples
from tests.forms.test_hostile import HOSTILE, filled

_HERE = Path(__file__).parent
_PROGRAM = ROOT / ".venv" / "verapdf"
"""Where veraPDF is kept, as Maven resolves it by the coordinates in pom.xml."""
_WORST = HOSTILE[5]
"""The hostile text with the rarest characters."""


def main() -> int:
    """0 if veraPDF finds every sample to be PDF/A-2a and PDF/UA-1, and the plain paper to be neither."""
    resolve = ["mvn", "--quiet", "--batch-mode", "--file", str(_HERE / "pom.xml"), "dependency:copy-dependencies"]
    subprocess.run([*resolve, f"-DoutputDirectory={_PROGRAM}"], check=True)
    with tempfile.TemporaryDirectory() as name:
        good, bad = Path(name) / "good", Path(name) / "bad"
        _print_samples(good)
        bad.mkdir()
        (bad / "plain.pdf").write_bytes(typst.compile(b"plain", pdf_tags=False))
        accepted, refused = _judged(good), _judged(bad)
    return 0 if accepted and not refused else 1


def _print_samples(folder: Path) -> None:
    folder.mkdir()
    printer = TypstPrinter(TEMPLATES)
    for language in ("kk", "ru"):
        for name, sheet in samples(language).items():
            (folder / f"{name}-{language}.pdf").write_bytes(printer.print(sheet))
            (folder / f"{name}-{language}-hostile.pdf").write_bytes(printer.print(filled(sheet, _WORST)))


def _judged(folder: Path) -> bool:
    """Whether veraPDF finds every document of the folder right; it prints what it finds."""
    command = ["java", "-cp", f"{_PROGRAM}/*", str(_HERE / "Check.java"), str(folder)]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
