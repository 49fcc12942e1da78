"""A PDF that acts, wherever in it that is, has a reason of its own; what only shows, and goes to pages, passes."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from adapters.documents.inspection import inspect
from models.evidence_rules import EvidenceRules
from models.refusals import Refusal
from tests.documents.samples import pdf, rebuilt

RULES = EvidenceRules()
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
LINK = Dictionary(S=Name.URI, URI=String("https://example.org/"))
Change = Callable[[Pdf], None]


def goes_to_page(made: Pdf, **more: object) -> Dictionary:
    return Dictionary(S=Name.GoTo, D=Array([made.pages[0].obj, Name.Fit]), **more)


def annotation(**fields: object) -> Change:
    def add(made: Pdf) -> None:
        content = {"Type": Name.Annot, "Subtype": Name.Link, "Rect": Array([0, 0, 9, 9])} | fields
        made.pages[0].Annots = Array([made.make_indirect(Dictionary(**content))])

    return add


def root(**fields: object) -> Change:
    def add(made: Pdf) -> None:
        for name, value in fields.items():
            made.Root[f"/{name}"] = value

    return add


def outline(made: Pdf) -> None:
    item = made.make_indirect(Dictionary(Title=String("1"), A=SCRIPT))
    made.Root.Outlines = Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1)


def field(made: Pdf) -> None:
    one = made.make_indirect(Dictionary(FT=Name.Tx, T=String("f"), AA=Dictionary(K=SCRIPT)))
    made.Root.AcroForm = Dictionary(Fields=Array([one]))


def page_opens(made: Pdf) -> None:
    made.pages[0].AA = Dictionary(O=LINK)


def embedded(made: Pdf) -> None:
    file = made.make_stream(b"MZ")
    file.Type = Name.EmbeddedFile
    spec = Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=file))
    made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a.exe"), spec])))


def script_in_a_stream(made: Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=made.make_stream(b"app.alert(1)"))


def after_the_page(made: Pdf) -> None:
    made.Root.OpenAction = goes_to_page(made, Next=Array([goes_to_page(made), LINK]))


def data_elsewhere(made: Pdf) -> None:
    made.pages[0].Contents.F = String("http://127.0.0.1:9/")


def media(kind: str) -> Change:
    return annotation(Subtype=Name(f"/{kind}"))


ACTIVE: dict[str, tuple[str, Change]] = {
    "open action": ("script", root(OpenAction=SCRIPT)),
    "script in a stream": ("script", script_in_a_stream),
    "names tree": ("script", root(Names=Dictionary(JavaScript=Dictionary(Names=Array([String("x"), SCRIPT]))))),
    "annotation": ("script", annotation(A=SCRIPT)),
    "deep in an array": ("script", root(X=Array([Array([Dictionary(Y=Array([SCRIPT]))])]))),
    "outline": ("script", outline),
    "form field": ("script", field),
    "rendition with a script": ("rich-media", annotation(A=Dictionary(S=Name.Rendition, JS=String("1")))),
    "program": ("launch", annotation(A=Dictionary(S=Name.Launch, F=String("cmd.exe")))),
    "file within": ("embedded-file", embedded),
    "attached to a page": ("embedded-file", media("FileAttachment")),
    "into a file within": ("embedded-file", annotation(A=Dictionary(S=Name.GoToE))),
    "xfa": ("xfa", root(AcroForm=Dictionary(Fields=Array([]), XFA=String("<xdp/>")))),
    "opens an address": ("auto-action", root(OpenAction=LINK)),
    "page opens an address": ("auto-action", page_opens),
    "prints by itself": ("auto-action", root(OpenAction=Dictionary(S=Name.Named, N=Name.Print))),
    "goes to a page, then out": ("auto-action", after_the_page),
    "closing": ("auto-action", root(AA=Dictionary(WC=LINK))),
    "rich media": ("rich-media", media("RichMedia")),
    "screen": ("rich-media", media("Screen")),
    "sound": ("rich-media", annotation(A=Dictionary(S=Name.Sound))),
    "another file": ("remote", annotation(A=Dictionary(S=Name.GoToR, F=String("//host/x.pdf")))),
    "sends a form": ("remote", annotation(A=Dictionary(S=Name.SubmitForm, F=String("https://example.org/")))),
    "data in another file": ("remote", data_elsewhere),
}


def found_in(content: bytes) -> tuple[str, ...]:
    found = inspect(content, RULES)
    assert isinstance(found, Refusal)
    assert found.code == "pdf-active"
    assert all(kind in found.reason for kind in found.subjects)
    return found.subjects


class TestActive:
    """Every place, plainly and in packed objects."""

    @pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
    @pytest.mark.parametrize("place", ACTIVE)
    def test_refused(self, place: str, packed: bool) -> None:
        kind, change = ACTIVE[place]
        assert kind in found_in(pdf(change, packed=packed))

    def test_all_kinds_are_told_at_once(self) -> None:
        def several(made: Pdf) -> None:
            embedded(made)
            root(OpenAction=SCRIPT)(made)
            media("RichMedia")(made)

        assert found_in(pdf(several)) == ("auto-action", "embedded-file", "rich-media", "script")

    def test_object_that_nothing_refers_to(self) -> None:
        """Another reader may find it where this one does not look."""
        loose = b"9 0 obj\n<< /S /JavaScript /JS (1) >>\nendobj\nxref\n"
        content = rebuilt(pdf().replace(b"xref\n", loose, 1))
        assert found_in(content) == ("script",)

    def test_name_in_other_letters(self) -> None:
        """A name may be written by numbers of its letters."""
        content = pdf(root(OpenAction=SCRIPT)).replace(b"/JavaScript", b"/J#61#76aScrip#74")
        content = rebuilt(content)
        assert b"#61#76" in content
        assert "script" in found_in(content)


class TestPassive:
    """What a plain document has."""

    @pytest.mark.parametrize(
        "change",
        [
            annotation(A=LINK),
            lambda made: root(OpenAction=goes_to_page(made))(made),
            lambda made: root(OpenAction=Array([made.pages[0].obj, Name.Fit]))(made),
            lambda made: root(OpenAction=goes_to_page(made, Next=goes_to_page(made)))(made),
            root(AcroForm=Dictionary(Fields=Array([]), NeedAppearances=True)),
            root(MarkInfo=Dictionary(Marked=True), Lang=String("kk")),
            lambda made: made.pages[0].Resources.Font.update({"/JS": made.pages[0].Resources.Font.F1}),
        ],
        ids=["link", "to a page", "destination", "chain of pages", "form", "tagged", "font called JS"],
    )
    def test_passes(self, change: Change) -> None:
        assert inspect(pdf(change), RULES) == "application/pdf"


class TestProtected:
    """With a password, and also where it only forbids to copy."""

    @pytest.mark.parametrize(("user", "owner"), [("secret", "other"), ("", "other")], ids=["to open", "to copy"])
    @pytest.mark.parametrize("strength", [3, 4, 6])
    def test_refused(self, user: str, owner: str, strength: int) -> None:
        made = pikepdf.open(io.BytesIO(pdf()))
        locked = pikepdf.Encryption(user=user, owner=owner, R=strength, aes=strength > 3, metadata=strength > 3)
        stream = io.BytesIO()
        made.save(stream, encryption=locked)
        found = inspect(stream.getvalue(), RULES)
        assert isinstance(found, Refusal)
        assert (found.code, "without a password" in found.reason) == ("pdf-password-protected", True)
