"""docs/forms shows the forms as they are printed."""

import pytest
from PIL import Image, ImageChops

from adapters.settings import ROOT
from tests.forms.pictures import FOLDER, pictures


@pytest.fixture(scope="module")
def drawn() -> dict[str, Image.Image]:
    return pictures()


class TestPictures:
    """Whoever changes a form sees what became of it: `make forms` draws them anew."""

    def test_each_is_what_is_printed(self, drawn: dict[str, Image.Image]) -> None:
        """Drawn again, every form is its picture, dot by dot; no picture is of a form that is no more."""
        assert {path.name for path in FOLDER.glob("*.png")} == set(drawn)
        differing: list[str] = []
        for name, picture in drawn.items():
            with Image.open(FOLDER / name) as committed:
                if ImageChops.difference(committed.convert("L"), picture).getbbox() is not None:
                    differing.append(name)
        assert differing == []

    def test_each_is_small_and_shown(self, drawn: dict[str, Image.Image]) -> None:
        """None is over 60 kB, and docs/forms.md shows each."""
        page = (ROOT / "docs" / "forms.md").read_text()
        assert [name for name in drawn if (FOLDER / name).stat().st_size > 60_000] == []
        assert [name for name in drawn if f"(forms/{name})" not in page] == []
