"""Files that are altered anywhere: never an error of ours, and never a pass of what is not what it says."""

import io
import warnings
from functools import cache

import pikepdf
import pypdfium2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.documents.examining import examine
from adapters.documents.findings import Finding, FoundError, Limits
from models.evidence_rules import EvidenceRules
from tests.documents.samples import GOOD, rebuilt

LIMITS = Limits(**EvidenceRules(most_pixels=1_000_000, most_unpacked=5_000_000).model_dump())
SIGNS = {"application/pdf": b"%PDF-", "image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG", "image/tiff": b""}
FORMS = {"image/jpeg": ("JPEG", "MPO"), "image/png": ("PNG",), "image/tiff": ("TIFF",)}
INJECTED = [b"/AA", b"/JS", b"<script>", b"PK\x05\x06", b"%%EOF", b"%PDF-1.4", b"\xff\xd9", b"IEND", b"\x00" * 9]

WORDS = ["/OpenAction", "<<", ">>", "[", "]", "/S", "/JS", "/GoTo", "/D", "/JavaScript", "/URI", "/J#53", "/AA"]
WORDS += ["/O", "(1)", "3", "0", "R", "null", "true", "%", "<00>", "/F"]
FINDINGS = {one.value for one in Finding}

good = cache(lambda name: GOOD[name][1]())


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """A valid file with bytes set, cut, doubled, or something put in between, behind its first bytes."""
    content = bytearray(good(draw(st.sampled_from(sorted(GOOD)))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(4, len(content)))
        match draw(st.sampled_from(["set", "cut", "double", "put"])):
            case "set":
                content[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del content[at : at + draw(st.integers(1, 40))]
            case "double":
                content[at:at] = content[at : at + draw(st.integers(1, 200))]
            case _:
                content[at:at] = draw(st.sampled_from(INJECTED) | st.binary(max_size=20))
    return bytes(content)


def is_what_it_says(content: bytes, kind: str) -> bool:
    """By readers of others: another one for PDFs, and the picture's own form."""
    if not content.startswith(SIGNS[kind]):
        return False
    if kind == "application/pdf":
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
        document.close()
        return pages > 0
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as picture:
        return picture.format in FORMS[kind]


def examined(content: bytes) -> str:
    """The type, or the finding; anything else that is raised is an error of ours."""
    try:
        return examine(content, LIMITS)
    except FoundError as found:
        return found.finding


class TestFuzz:
    """The examination itself, without the process around it."""

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(altered())
    def test_altered_file(self, content: bytes) -> None:
        kind = examined(content)
        assert kind in FINDINGS or is_what_it_says(content, kind)

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(sorted(SIGNS.values())) | st.just(b"MM\x00*"), st.binary(max_size=300))
    def test_beginning_and_noise(self, sign: bytes, noise: bytes) -> None:
        """Nothing but a beginning of the right kind is a file of no kind."""
        kind = examined(sign + noise)
        assert kind in FINDINGS or is_what_it_says(sign + noise, kind)

    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
    def test_words_within_a_pdf(self, words: str) -> None:
        """Whatever stands within, a document that opens itself or is damaged; no error."""
        content = rebuilt(good("pdf").replace(b"/Type /Catalog", b"/Type /Catalog " + words.encode(), 1))
        kind = examined(content)
        if kind in FINDINGS:
            return
        with pikepdf.open(io.BytesIO(content)) as document:
            assert not isinstance(document.Root.get("/OpenAction", None), pikepdf.Dictionary)
