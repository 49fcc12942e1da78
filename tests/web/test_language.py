"""Words: the same in every language, and none is missing that a page could ask for."""

import re
from string import Formatter

import pytest

from adapters.settings import ROOT
from models.clocks import Outcome
from models.errors import MalformedError
from models.journal import FactName
from models.library import Library
from models.lifecycle import Channel, Stage
from models.regulation import Unit
from models.supervision import Grouping, Sort
from web.language import CODES, choose, load_languages
from web.telling import Names, Teller

LANGUAGES = load_languages()
TEMPLATES = ROOT / "web" / "templates"
_ASKED = re.compile(r"""w\(["']([a-z0-9_.-]+)["'](?:,|\))""")
_FORMS = re.compile(r"unit\.(working_days|months)\.")


class TestTables:
    """One table of words for each language."""

    @pytest.mark.parametrize("code", CODES)
    def test_same_names(self, code: str) -> None:
        """Every language has every name; only the forms of a number are its own."""
        names = [{name for name in LANGUAGES[one].words if not _FORMS.match(name)} for one in ("en", code)]
        assert names[0] == names[1]
        assert {"unit.working_days.other", "unit.months.other"} <= set(LANGUAGES[code].words)

    @pytest.mark.parametrize("code", CODES)
    def test_same_places(self, code: str) -> None:
        """What is put into the words has the same places in every language."""
        for name, words in LANGUAGES["en"].words.items():
            if not _FORMS.match(name):
                assert places(LANGUAGES[code].words[name]) == places(words), name

    def test_kazakh_and_russian_are_no_english(self) -> None:
        """Nothing was left untranslated but names, marks and the word for a percentile."""
        same = {
            name
            for name, words in LANGUAGES["en"].words.items()
            if words in (LANGUAGES["kk"].words.get(name), LANGUAGES["ru"].words.get(name))
        }
        assert same == {"product", "none", "figure.p90"}

    def test_every_word_of_the_templates(self) -> None:
        """What a template asks for by its name is there."""
        asked = {name for path in TEMPLATES.rglob("*.html") for name in _ASKED.findall(path.read_text())}
        assert len(asked) > 80
        assert asked <= set(LANGUAGES["en"].words)

    def test_every_word_of_the_service(self) -> None:
        """Stages, facts, channels, outcomes, orders and groups have words."""
        kinds = {"stage": Stage, "fact": FactName, "channel": Channel, "outcome": Outcome, "by": Grouping}
        kinds |= {"sort": Sort}
        needed = {f"{kind}.{one}" for kind, several in kinds.items() for one in several}
        assert needed <= set(LANGUAGES["en"].words)


def places(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


class TestChoice:
    """Which language somebody reads."""

    def test_named_one_counts(self) -> None:
        """Before what the browser accepts."""
        assert choose("en", "ru") == "en"

    def test_unknown_is_named(self) -> None:
        """With those that there are."""
        with pytest.raises(MalformedError, match="kk, ru, en"):
            choose("kz", "")


class TestTelling:
    """Values as people read them."""

    @pytest.mark.parametrize(
        ("code", "days"),
        [
            ("ru", ["1 рабочий день", "2 рабочих дня", "5 рабочих дней", "21 рабочий день"]),
            ("kk", ["1 жұмыс күні", "2 жұмыс күні", "5 жұмыс күні", "21 жұмыс күні"]),
            ("en", ["1 working day", "2 working days", "5 working days", "21 working days"]),
        ],
    )
    def test_working_days(self, library: Library, code: str, days: list[str]) -> None:
        """In the form that the number asks for."""
        teller = Teller(LANGUAGES[code], Names(library))
        assert [teller.in_unit(count, Unit.WORKING_DAYS) for count in (1, 2, 5, 21)] == days

    def test_lengths_of_time(self, library: Library) -> None:
        """In the two largest units, and seconds where there is less than a minute."""
        teller = Teller(LANGUAGES["en"], Names(library))
        told = [teller.lasted(minutes) for minutes in (0, 59, 60, 61, 1440, 1500, 44640)]
        assert told == ["0 min", "59 min", "1 h", "1 h 1 min", "1 d", "1 d 1 h", "31 d"]
        assert teller.in_unit(0.25, Unit.MINUTES) == "15 s"
        assert teller.in_unit(1, Unit.MONTHS) == "1 month"

    def test_what_has_no_words_keeps_its_code(self, library: Library) -> None:
        """A page is told even of what a newer Tirek has written."""
        teller = Teller(LANGUAGES["kk"], Names(library))
        assert (teller.stage("melted"), teller.officer("gone-1"), teller.officer(None)) == (
            "melted",
            "gone-1",
            "ешкімде емес",
        )
