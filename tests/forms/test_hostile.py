"""What a stranger may write into a field prints as it is written, and nothing else happens."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.forms.letters import drawable, literal
from adapters.forms.printer import TypstPrinter
from adapters.forms.qr import qr_svg
from models.data import Data
from models.outbound import Form
from models.sheet import DecidedChild, PersonLine, Sheet
from tests.forms.reading import TEMPLATES, flow_of, squeezed, text_of
from tests.forms.sheets import notice, refused, samples, sheet

_CODES = frozenset({"kind", "parent"})
"""Codes of ours: no text of anybody. Nor are the number, the code and the link of a document."""
HOSTILE = (
    '#read("/paper.typ")',
    '#import "paper.typ": *; #sheet',
    "= *bold* _emph_ `raw` $x^2$ <label> @reference \\ // comment /* comment */ {service} #{",
    "'quotes' \"and\" «more» -- --- ... ~ https://example.kz/#fragment \\u{41} &amp; <b>b</b>",
    "#let sheet = none \n #pagebreak() \t #panic()",
    "a \u202egnp.exe\u202c \u200b\u200d\ufeff \u00ad 中文 😀 \ue000 \ufffd \x00\x07\x1b[31m\x7f\x85 \u2028",
    "Ә\u0301\u0301\u0301 N\u0303 \U0001d400",
    "",
    " ",
    "Ң" * 200,
)


def filled(value: Any, text: str) -> Any:
    """The same with `text` in the place of everything that somebody wrote."""
    match value:
        case Sheet():
            return value.model_copy(update={"title": text, "content": filled(value.content, text)})
        case Data():
            names = [name for name in type(value).model_fields if name not in _CODES]
            return value.model_copy(update={name: filled(getattr(value, name), text) for name in names})
        case tuple():
            return tuple(filled(item, text) for item in value)
        case str():
            return text
        case _:
            return value


def _of(child: PersonLine) -> DecidedChild:
    return refused("ru").children[0].model_copy(update={"child": child})


def _written(value: Any) -> int:
    """How many texts of somebody's are in it."""
    match value:
        case Data():
            return sum(_written(getattr(value, n)) for n in type(value).model_fields if n not in _CODES)
        case tuple():
            return sum(_written(item) for item in value)
        case _:
            return int(isinstance(value, str) and not isinstance(value, date | datetime))


class TestHostileText:
    """No field of any sheet is a way into the template."""

    @pytest.mark.parametrize("text", HOSTILE)
    def test_prints_literally(self, printer: TypstPrinter, text: str) -> None:
        """In every field of every form at once, it comes back at least as often as the form holds fields."""
        for name, printed in samples("kk").items():
            other = filled(printed, text)
            flow = flow_of(printer.print(other), other)
            shown = squeezed(literal(text))
            assert not shown or flow.count(shown) >= _written(printed.content), name

    @pytest.mark.parametrize("word", ["שלום", "اسم", "ұлы\u05d0\u05d1"])
    def test_right_to_left_moves_nothing(self, printer: TypstPrinter, word: str) -> None:
        """Such letters are drawn; what stands around the value, and the next value, stay where they are."""
        child = refused("ru").children[0].child.model_copy(update={"name": f"{word} 1 {word}"})
        content = refused("ru").model_copy(
            update={"applicant": word, "grounds": (f"до {word} после", f"и {word}", "третья")}
        )
        printed = sheet(Form.DECISION, "ru", content.model_copy(update={"children": (_of(child),)}))
        flow = flow_of(printer.print(printed), printed)
        assert "1)до" in flow
        assert "после2)и" in flow
        assert "3)третья" in flow
        assert "Датарождения:17.03.2014ИИН:140317600258" in flow
        assert all(flow.count(letter) >= 5 for letter in word)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=120))
    def test_any_text_prints(self, text: str) -> None:
        """Whatever Unicode a field holds, the paper is made, and what can be drawn stands on it."""
        reasons = notice("kk").model_copy(update={"reasons": (f"[{text}]", text)})
        printed = sheet(Form.NOTICE, "kk", reasons)
        assert len(_PRINTER.print(printed)) > 1000

    @pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\x00", "\ud800"])
    def test_marks_that_nobody_sees_are_named(self, printer: TypstPrinter, character: str) -> None:
        """A mark that turns text around, hides or breaks it is printed as its code."""
        printed = sheet(Form.DECISION, "ru", refused("ru").model_copy(update={"head": f"а{character}б"}))
        assert f"а[U+{ord(character):04X}]б" in text_of(printer.print(printed))

    def test_nothing_beside_the_templates_can_be_read(self, tmp_path: Any) -> None:
        """A template itself reads nothing outside of its folder."""
        folder = tmp_path / "forms"
        folder.mkdir()
        (tmp_path / "secret").write_text("the keys")
        for form in Form:
            (folder / f"{form}.typ").write_text('#read("../secret")')
        with pytest.raises(Exception, match=r"notice\.typ") as caught:
            TypstPrinter(folder).print(samples("kk")["notice-submission-accepted"])
        assert "the keys" not in str(caught.value)

    def test_every_drawable_character_is_drawn(self, printer: TypstPrinter) -> None:
        """The list of what the fonts have is right for the Typst that is installed: PDF/A would refuse another."""
        every = [chr(code) for code in range(0x20, 0x2200) if drawable(chr(code))]
        lines = tuple(" ".join(every[at : at + 64]) for at in range(0, len(every), 64))
        printed = sheet(Form.DECISION, "kk", refused("kk").model_copy(update={"grounds": lines}))
        assert len(every) > 1300
        assert len(printer.print(printed)) > 10_000


def test_a_link_too_long_for_a_code_is_an_error() -> None:
    """Such a link is nobody's: the printer says so instead of printing a paper without a code."""
    with pytest.raises(ValueError, match="too large"):
        qr_svg("x" * 5000)


_PRINTER = TypstPrinter(TEMPLATES)
"""Of the property, which cannot ask for the fixture: it would be one for all its examples anyway."""
