"""Prints every document that the demo's applications have, in both languages, and checks each of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from demo.run import Lived, Say
from desk.printing.checking import Checking
from desk.printing.on_record import read_record
from desk.printing.printing import Printing, Wanted
from models.errors import TirekError
from models.papers import Issued, issued
from models.sheet import Language


def print_papers(printing: Printing, checking: Checking, lived: Sequence[Lived], folder: Path, say: Say) -> int:
    """How many documents are not as they should be. Files are named by number and language, in `folder`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    wanted = [(document, language) for document in _of(printing, lived) for language in get_args(Language)]
    problems = [problem for one in wanted if (problem := _printed(printing, checking, *one, folder))]
    for problem in problems:
        say(f"PROBLEM {problem}")
    say(
        f"documents: {len(wanted)} printed into {folder}, {len(wanted) - len(problems)} of them ours and unaltered"
    )
    return len(problems)


def _of(printing: Printing, lived: Sequence[Lived]) -> list[Issued]:
    applications = [application for one in lived for application in (one.application, *one.others)]
    rows = [printing.reader.find(application) for application in applications if application]
    return [document for row in rows if row is not None for document in issued(read_record(printing.reader, row))]


def _printed(
    printing: Printing, checking: Checking, document: Issued, language: Language, folder: Path
) -> str | None:
    """What is wrong with a document, None if nothing is: printed twice it is the same, and it is ours."""
    wanted = Wanted(document.application, document.form, language, document.fact)
    try:
        first, second = printing.print(wanted), printing.print(wanted)
    except TirekError as error:
        return f"{document.number}: {error}"
    name = f"{document.number}-{document.form}-{language}".replace("/", "-")
    (folder / f"{name}.pdf").write_bytes(first.content)
    finding = checking.by_content(first.content, lambda _content: ())
    is_good = first.content == second.content and finding.unaltered is True
    return None if is_good else f"{document.number} ({language}): it is not found again as it was printed"
