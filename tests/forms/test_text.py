"""What stands on the forms, read back from the PDF."""

from datetime import date
from decimal import Decimal

import pytest

from adapters.forms.printer import TypstPrinter
from models.data import Data
from models.errors import MalformedError
from models.outbound import Form, NoticeKind
from models.sheet import ApplicationSheet, DecidedChild, Language, MissingLine, PersonLine
from tests.forms.reading import flow_of, pages_of, squeezed, text_of, values_of
from tests.forms.sheets import (
    APPLICANT,
    CHILDREN,
    application,
    decision,
    notice,
    receipt,
    refusal,
    refused,
    samples,
    sheet,
    storage_list,
)

SAMPLES = [(name, language) for language in ("kk", "ru") for name in samples(language)]
LONG_NAME = "Әбдірахмановақызы-Ғайсинақұлова Құралайсұлу-Айымгүл-Өмірзаққызы Іңкәр-Ұлпан-Һибатолла-Ңқызы " * 2
LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі ЁёЙйЩщЪъЫыЭэ"


class TestText:
    """A form says everything that its sheet holds, in one language."""

    @pytest.mark.parametrize(("name", "language"), SAMPLES)
    def test_every_value_can_be_read(self, printer: TypstPrinter, name: str, language: Language) -> None:
        """No value of the sheet is left out, and the service's title stands there as it is (R1)."""
        printed = samples(language)[name]
        text = text_of(printer.print(printed))
        assert [place for place, ways in values_of(printed) if not any(way in text for way in ways)] == []

    @pytest.mark.parametrize(("name", "language"), SAMPLES)
    def test_number_code_and_count_stand_on_each_page(
        self, printer: TypstPrinter, name: str, language: Language
    ) -> None:
        """Each page can be told apart, and looked up."""
        printed = samples(language)[name]
        pages = pages_of(printer.print(printed))
        for place, page in enumerate(pages, start=1):
            assert squeezed(printed.number) in page
            assert squeezed(printed.code) in page
            assert squeezed(printed.link) in page
            assert f"{place}/{len(pages)}" in page

    def test_languages_are_not_mixed(self, printer: TypstPrinter) -> None:
        """Of the words of one language none stands on a paper in the other, where the sheet has none."""
        for name in samples("kk"):
            kk, ru = (text_of(printer.print(samples(language)[name])) for language in ("kk", "ru"))
            assert "Мемлекеттік" in kk
            assert "Мемлекеттік" not in ru
            assert "Наименование" in ru
            assert "Наименование" not in kk

    def test_a_supervisors_notice_is_no_paper(self, printer: TypstPrinter) -> None:
        """Only what the cabinet is told can be printed; the error says nothing of whom it is about."""
        told = notice("kk").model_copy(update={"kind": NoticeKind.LIMIT_PASSED})
        with pytest.raises(MalformedError, match=r"notice\.typ") as caught:
            printer.print(sheet(Form.NOTICE, "kk", told))
        assert APPLICANT.name not in f"{caught.value!r} {caught.value.__cause__!r}"

    @pytest.mark.parametrize("language", ["kk", "ru"])
    def test_letters(self, printer: TypstPrinter, language: Language) -> None:
        """Every letter of both alphabets comes back as itself."""
        named = application(language).applicant.model_copy(update={"name": LETTERS})
        printed = sheet(Form.APPLICATION, language, application(language).model_copy(update={"applicant": named}))
        assert squeezed(LETTERS) in text_of(printer.print(printed))

    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [("kk", "1\u2011дана", "2\u2011дана"), ("ru", "Экземпляр1", "Экземпляр2")],
    )
    def test_refusal_in_two_copies(
        self, printer: TypstPrinter, language: Language, first: str, second: str
    ) -> None:
        """One copy a page, the same but for what it is called (R19)."""
        for form in (Form.REFUSAL_RECEIPT, Form.REFUSAL_NOTE):
            one, two = pages_of(printer.print(sheet(form, language, refusal(language))))
            assert first in one
            assert second not in one
            assert second in two
            assert squeezed(CHILDREN[1].name) in one
            assert squeezed(CHILDREN[1].name) in two

    def test_decision_grants_or_refuses(self, printer: TypstPrinter) -> None:
        """The same form grants with amounts in words, or refuses with grounds and without any amount (R20)."""
        granted = text_of(printer.print(sheet(Form.DECISION, "kk", decision("kk"))))
        not_granted = text_of(printer.print(sheet(Form.DECISION, "kk", refused("kk"))))
        assert "43250(қырықүшмыңекіжүзелу)теңге" in granted
        assert "31250(отызбірмыңекіжүзелу)теңге50тиын" in granted
        assert "тағайындалсын" in granted
        assert "М.О." in granted
        assert "бастартылсын" in not_granted
        assert "теңге" not in not_granted
        assert "Электрондықцифрлыққолтаңба" in not_granted

    def test_parent_and_reason_of_what_is_missing(self, printer: TypstPrinter) -> None:
        """Which parent and why, in the words of the form's language."""
        text = text_of(printer.print(sheet(Form.REFUSAL_RECEIPT, "ru", refusal("ru"))))
        assert "Родитель:отец" in text
        assert "Основание:ребенокродилсядо13августа2007года" in text

    @pytest.mark.parametrize("language", ["kk", "ru"])
    def test_gaps_and_provisional_term(self, printer: TypstPrinter, language: Language) -> None:
        """A receipt says what is missing, and that its term may still move, only where it is so."""
        told = {"kk": "алдыналаесептелген", "ru": "предварительный"}[language]
        gap = MissingLine(name="Бірдеңе", child=CHILDREN[0].name)
        plain = receipt(language)
        other = plain.model_copy(update={"provisional": True, "gaps": (gap,)})
        texts = [text_of(printer.print(sheet(Form.ACCEPTANCE_RECEIPT, language, it))) for it in (plain, other)]
        assert [(told in text, "Бірдеңе" in text) for text in texts] == [(False, False), (True, True)]

    def test_what_nobody_knows_is_left_open(self, printer: TypstPrinter) -> None:
        """A sheet of which all that may be missing is missing can be printed, to be filled in by hand."""
        applicant = APPLICANT.model_copy(update={"phone": None, "address": ""})
        bare = _bare(application("kk")).model_copy(
            update={"applicant": applicant, "papers": (), "appointments": ()}
        )
        for printed in (
            sheet(Form.APPLICATION, "kk", bare),
            sheet(Form.REFUSAL_NOTE, "kk", _bare(refusal("kk")).model_copy(update={"address": ""})),
            sheet(Form.DECISION, "kk", _bare(decision("kk"))),
            sheet(Form.NOTICE, "kk", _bare(notice("kk"))),
        ):
            text = text_of(printer.print(printed))
            assert squeezed(printed.title) in text
            assert "none" not in text


def _bare(content: Data) -> Data:
    """The same without anything that may be None."""
    optional = {name: None for name, field in type(content).model_fields.items() if field.default is None}
    unknown = ("identity_document", "iban", "bank", "signature", "registration_number", "phone", "due_at")
    return content.model_copy(
        update={**optional, **dict.fromkeys(n for n in unknown if n in type(content).model_fields)}
    )


class TestManyAndLong:
    """Nothing is lost where there is much of it."""

    @pytest.mark.parametrize("language", ["kk", "ru"])
    def test_twenty_children_over_pages(self, printer: TypstPrinter, language: Language) -> None:
        """Each child stands on the decision, and the table's head on each page that the table reaches."""
        head = {"kk": "Тағайындалғанкезең", "ru": "Период,накоторыйназначенопособие"}[language]
        children = tuple(child(row) for row in range(20))
        printed = sheet(Form.DECISION, language, decision(language).model_copy(update={"children": children}))
        pages = pages_of(printer.print(printed))
        with_children = [page for page in pages if squeezed("Баласы") in page]
        assert len(with_children) > 1
        assert [page for page in with_children if head not in page] == []
        text = "".join(pages)
        assert [one for one in children if squeezed(one.child.name) not in text] == []

    def test_five_hundred_papers(self, printer: TypstPrinter) -> None:
        """As many papers as a request may hold stand on the receipt, and the signatures after the last."""
        papers = tuple(receipt("ru").papers[1].model_copy(update={"number": f"N{row:03}N"}) for row in range(500))
        pages = pages_of(
            printer.print(
                sheet(Form.ACCEPTANCE_RECEIPT, "ru", receipt("ru").model_copy(update={"papers": papers}))
            )
        )
        text = "".join(pages)
        assert [paper.number for paper in papers if paper.number not in text] == []
        assert "подпись" in pages[-1]

    @pytest.mark.parametrize("language", ["kk", "ru"])
    def test_long_names_and_grounds_wrap(self, printer: TypstPrinter, language: Language) -> None:
        """Names of 190 letters and grounds of 2000 come back whole; so does a word that has no end."""
        grounds = (("Ұсынылған мәліметтер шындыққа сәйкес келмейді; " * 43)[:2000], "Қ" * 2000)
        long = refused(language).model_copy(update={"grounds": grounds, "applicant": LONG_NAME})
        printed = sheet(Form.DECISION, language, long)
        text = flow_of(printer.print(printed), printed)
        assert [ground for ground in (*grounds, LONG_NAME) if squeezed(ground) not in text] == []

    def test_names_of_120_letters_wrap_on_every_form(self, printer: TypstPrinter) -> None:
        """An applicant's name of 120 letters comes back whole from each form that holds it."""
        for printed in samples("ru").values():
            content = printed.content
            if "applicant" not in type(content).model_fields or isinstance(content, ApplicationSheet):
                continue
            long = printed.model_copy(
                update={"content": content.model_copy(update={"applicant": LONG_NAME[:120].strip()})}
            )
            assert squeezed(LONG_NAME[:120]) in flow_of(printer.print(long), long), printed.form

    def test_lines_of_a_remark_stay_lines(self, printer: TypstPrinter) -> None:
        """A ground of two lines, with a tab, is printed as such."""
        long = refused("ru").model_copy(update={"grounds": ("первая строка\r\nвторая\tстрока",)})
        assert "перваястрокавтораястрока" in text_of(printer.print(sheet(Form.DECISION, "ru", long)))

    def test_long_storage_list(self, printer: TypstPrinter) -> None:
        """A list of two hundred results says how many they are."""
        results = storage_list("ru").results[:1] * 200
        printed = sheet(Form.STORAGE_LIST, "ru", storage_list("ru").model_copy(update={"results": results}))
        pages = pages_of(printer.print(printed))
        assert "Всего:200" in pages[-1]
        assert all("№решения" in page for page in pages[:-1])


def child(row: int) -> DecidedChild:
    person = PersonLine(name=f"Баласы {row:02} Ұланқызы", iin=f"1403176{row:05}", birth_date=date(2014, 3, 17))
    return DecidedChild(
        child=person,
        birth_record=None,
        monthly_amount=Decimal(43250),
        starts_on=date(2026, 11, 26),
        ends_on=date(2032, 3, 17),
    )
