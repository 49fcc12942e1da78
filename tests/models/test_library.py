"""Rules found by the hash of their content."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.regulations import load_library
from models.data import Text
from models.errors import MalformedError
from models.library import Library, Rules, UnknownRulesError, content_hash, install, installed
from models.regulation import AmountPolicy, Regulation
from tests.models.builders import CALENDAR, LIBRARY, REGULATION, ROOT, RULES, changed


def backwards(data: Any) -> Any:
    """The same data with the keys of every mapping in the opposite order."""
    if isinstance(data, dict):
        return {key: backwards(data[key]) for key in reversed(data)}
    return [backwards(one) for one in data] if isinstance(data, list) else data


class Newer(Text):
    """The words as a later version might have them: with a language that older files do not know."""

    de: str | None = None


class TestContentHash:
    """What names a version of the rules."""

    def test_the_order_of_keys_does_not_matter(self) -> None:
        """The same content written in another order of keys has the same hash."""
        same = Regulation.model_validate(backwards(REGULATION.model_dump(mode="json", exclude_unset=True)))
        assert list(same.clocks) == list(reversed(REGULATION.clocks))
        assert content_hash(same) == content_hash(REGULATION)

    @pytest.mark.parametrize(
        "fields",
        [
            {"valid_to": date(2030, 1, 1)},
            {"code": "another"},
            {"switches": {"provider_refuses_incomplete": False}},
            {"grounds": REGULATION.grounds[::-1]},
            {"amount": AmountPolicy(indices=10, index=REGULATION.amount.index | {2027: Decimal(4500)})},
        ],
    )
    def test_another_content_has_another_hash(self, fields: dict[str, Any]) -> None:
        """Whatever a file says otherwise changes its hash, by which applications keep their version."""
        assert content_hash(changed(**fields)) != content_hash(REGULATION)

    def test_what_is_left_to_a_default_is_no_part_of_it(self) -> None:
        """A field that a newer version adds, with a default, does not rename the files that are there."""
        written = {"kk": "бала", "ru": "ребенок", "en": "child"}
        assert content_hash(Newer.model_validate(written)) == content_hash(Text.model_validate(written))
        assert content_hash(changed()) == content_hash(REGULATION)

    def test_what_a_file_says_counts_also_where_it_is_the_default(self) -> None:
        """A file that says a default aloud keeps it whatever a newer version's default is: it is another file."""
        said = Newer(kk="бала", ru="ребенок", en="child", de=None)
        assert content_hash(said) != content_hash(Text(kk="бала", ru="ребенок", en="child"))

    def test_its_form_is_fixed(self) -> None:
        """The hash is SHA-256 over JSON with sorted keys and plain letters: it must not change for old files."""
        text = '{"en": "child", "kk": "бала", "ru": "ребенок"}'
        found = content_hash(Text(ru="ребенок", kk="бала", en="child"))
        assert found == hashlib.sha256(text.encode()).hexdigest()

    def test_a_comment_does_not_matter(self, tmp_path: Path) -> None:
        """A comment in a file changes nothing that it says."""
        folder = tmp_path / "regulations"
        (folder / "calendars").mkdir(parents=True)
        for path in ("karaganda-passport.yaml", "calendars/kz-2026-11.yaml"):
            text = (ROOT / "regulations" / path).read_text(encoding="utf-8")
            (folder / path).write_text(f"# A remark.\n{text}", encoding="utf-8")
        assert list(load_library(folder).regulations) == [content_hash(REGULATION)]


class TestLibrary:
    """Every regulation and calendar that a process has loaded."""

    def test_rules_are_found_by_their_hashes(self) -> None:
        """The hashes in an application's opening lead to the rules it was opened under."""
        assert LIBRARY.rules(content_hash(REGULATION), content_hash(CALENDAR)) == RULES

    def test_the_installed_one_is_found_by_everybody(self) -> None:
        """The library that a process installs at its start is the one its workflows find rules in."""
        install(LIBRARY)
        assert installed() is LIBRARY
        assert installed().rules(content_hash(REGULATION), content_hash(CALENDAR)) == RULES

    @pytest.mark.parametrize("unknown", ["regulation", "calendar"])
    def test_an_unknown_hash_is_refused(self, unknown: str) -> None:
        """A process that has not loaded the rules says which are missing and which it has."""
        names = {"regulation": content_hash(REGULATION), "calendar": content_hash(CALENDAR)}
        loaded = names[unknown][:12]
        names[unknown] = "0123456789abcdef"
        with pytest.raises(UnknownRulesError, match=f"rules 0123456789ab are not loaded here .*{loaded}"):
            LIBRARY.rules(**names)

    def test_an_empty_one_says_that_it_has_none(self) -> None:
        """Without any rules the message says so."""
        with pytest.raises(UnknownRulesError, match="loaded: none"):
            Library([], []).rules("a", "b")

    def test_an_unknown_office_is_refused(self) -> None:
        """An office that the regulation does not have is named."""
        with pytest.raises(UnknownRulesError, match="has no office nowhere"):
            Rules(REGULATION, CALENDAR).office("nowhere")

    def test_a_folder_without_rules_is_refused(self, tmp_path: Path) -> None:
        """A process does not start on a folder that has no rules, and says which."""
        with pytest.raises(MalformedError, match="has no regulation"):
            load_library(tmp_path)


class TestCurrent:
    """The rules of a day."""

    old = changed(code="old", valid_from=date(2020, 1, 1), valid_to=date(2026, 6, 30))
    new = changed(code="new", valid_from=date(2026, 7, 1), valid_to=None)
    special = changed(code="special", valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 31))
    library = Library([new, special, old], [CALENDAR])

    @pytest.mark.parametrize(
        ("day", "code"),
        [
            (date(2020, 1, 1), "old"),
            (date(2026, 6, 30), "old"),
            (date(2026, 7, 1), "new"),
            (date(2026, 9, 30), "new"),
            (date(2026, 10, 1), "special"),
            (date(2026, 10, 31), "special"),
            (date(2026, 11, 1), "new"),
        ],
    )
    def test_the_regulation_in_force_is_found(self, day: date, code: str) -> None:
        """On each day the regulation in force is used, both ends included, the latest where two are."""
        regulation, _ = self.library.current(day)
        assert self.library.regulations[regulation].code == code

    def test_it_is_given_whole(self) -> None:
        """Who wants the regulation of a day gets it, not its name."""
        assert self.library.in_force(date(2026, 6, 30)) is self.old

    def test_a_day_without_one_is_refused(self) -> None:
        """Before the first regulation nothing can be opened."""
        with pytest.raises(UnknownRulesError, match="in force on 2019-12-31"):
            self.library.current(date(2019, 12, 31))

    def test_the_latest_calendar_is_found(self) -> None:
        """Of several calendars the one with the latest code is used."""
        later = CALENDAR.model_copy(update={"code": "kz-2027-03"})
        library = Library([REGULATION], [later, CALENDAR])
        _, calendar = library.current(date(2026, 11, 23))
        assert library.calendars[calendar].code == "kz-2027-03"

    def test_without_a_calendar_nothing_is_in_force(self) -> None:
        """A regulation without a calendar is not enough to open an application."""
        with pytest.raises(UnknownRulesError, match="no calendar"):
            Library([REGULATION], []).current(date(2026, 11, 23))
